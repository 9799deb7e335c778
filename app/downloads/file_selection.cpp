#include "app/downloads/file_selection.h"

#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>

namespace alcove {
namespace {

struct SelectionText {
    Q_DECLARE_TR_FUNCTIONS(alcove::FileSelection)
};

// Larger ones are no configuration.
constexpr qint64 kLargestSmallFile = 64 << 20;
constexpr auto kAboutTheModel =
    std::to_array<const char*>({"config.json", "generation_config.json", "tokenizer.model", "tokenizer_config.json",
                                "added_tokens.json", "special_tokens_map.json", "alcove.json"});
constexpr auto kAboutTheRepository =
    std::to_array<const char*>({"README.md", "LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "NOTICE"});

const ListedFile* fileNamed(const QList<ListedFile>& listed, const QString& name) {
    const auto found =
        std::find_if(listed.begin(), listed.end(), [&name](const ListedFile& file) { return file.name == name; });
    return found == listed.end() ? nullptr : &*found;
}

template <std::size_t Count>
void addSmall(const QList<ListedFile>& listed, const std::array<const char*, Count>& names, QList<ListedFile>& files) {
    for (const char* name : names) {
        const ListedFile* file = fileNamed(listed, QString::fromLatin1(name));
        if (file != nullptr && file->content.size <= kLargestSmallFile) {
            files << *file;
        }
    }
}

// One file of weights, or all shards and their index; empty if there is no such set, or some are missing.
QList<ListedFile> weightsOf(const QList<ListedFile>& listed, const QString& stem, const QString& suffix) {
    if (const ListedFile* whole = fileNamed(listed, stem + suffix)) {
        return {*whole};
    }
    const ListedFile* index = fileNamed(listed, stem + suffix + QStringLiteral(".index.json"));
    const QRegularExpression shard(QStringLiteral("^%1-([0-9]{1,5})-of-([0-9]{1,5})%2$")
                                       .arg(QRegularExpression::escape(stem), QRegularExpression::escape(suffix)));
    QList<ListedFile> shards;
    int announced = 0;
    for (const ListedFile& file : listed) {
        if (const QRegularExpressionMatch match = shard.match(file.name); match.hasMatch()) {
            shards << file;
            announced = match.captured(2).toInt();
        }
    }
    if (index == nullptr || index->content.size > kLargestSmallFile || shards.isEmpty() || shards.size() != announced) {
        return {};
    }
    return QList<ListedFile>{*index} + shards;
}

FileSelection ggufSelection(const QList<ListedFile>& listed, const QString& wanted) {
    QList<ListedFile> found;
    QStringList names;
    for (const ListedFile& file : listed) {
        if (file.name.endsWith(QLatin1String(".gguf"), Qt::CaseInsensitive) && !file.name.contains(u'/')) {
            names << file.name;
            if (wanted.isEmpty() || file.name == wanted) {
                found << file;
            }
        }
    }
    if (!wanted.isEmpty() && found.isEmpty()) {
        return {.files = {}, .problem = SelectionText::tr("There is no file %1 in this repository.").arg(wanted)};
    }
    if (found.size() > 1) {
        constexpr qsizetype kShown = 20;
        return {.files = {},
                .problem = SelectionText::tr("This repository holds several GGUF files. Choose one of them: %1.")
                               .arg(names.mid(0, kShown).join(QStringLiteral(", ")))};
    }
    if (found.isEmpty()) {
        return {
            .files = {},
            .problem = SelectionText::tr("This repository holds no model that Alcove can open: it needs config.json, "
                                         "tokenizer.model and weights, or a GGUF file.")};
    }
    addSmall(listed, kAboutTheRepository, found);
    return {.files = found, .problem = {}};
}

}  // namespace

FileSelection chooseFiles(const QList<ListedFile>& listed, const QString& ggufFile) {
    if (!ggufFile.isEmpty()) {
        return ggufSelection(listed, ggufFile);
    }
    QList<ListedFile> weights = weightsOf(listed, QStringLiteral("model"), QStringLiteral(".safetensors"));
    if (weights.isEmpty()) {
        weights = weightsOf(listed, QStringLiteral("pytorch_model"), QStringLiteral(".bin"));
    }
    const bool whole = fileNamed(listed, QStringLiteral("config.json")) != nullptr &&
                       fileNamed(listed, QStringLiteral("tokenizer.model")) != nullptr;
    if (weights.isEmpty() || !whole) {
        return ggufSelection(listed, {});
    }
    FileSelection selection;
    addSmall(listed, kAboutTheModel, selection.files);
    addSmall(listed, kAboutTheRepository, selection.files);
    selection.files += weights;
    return selection;
}

qint64 bytesOf(const QList<ListedFile>& files) {
    qint64 bytes = 0;
    for (const ListedFile& file : files) {
        bytes += file.content.size;
    }
    return bytes;
}

}  // namespace alcove
