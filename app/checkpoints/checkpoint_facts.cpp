#include "app/checkpoints/checkpoint_facts.h"

#include <array>

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <QSaveFile>
#include <QStringList>
#include <nlohmann/json.hpp>

#include "app/checkpoints/checkpoint_stamp.h"
#include "app/checkpoints/file_path.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/files/bounded_json.h"

namespace alcove {
namespace {

constexpr qsizetype kMostEntries = 1000;
constexpr engine::JsonLimits kLimits = {.bytes = 4 << 20, .depth = 3, .values = 100'000, .text = 1 << 14};

struct FactsText {
    Q_DECLARE_TR_FUNCTIONS(alcove::CheckpointFacts)
};

// Three significant digits, without a fraction of zeros: "535 M", "1.26 B".
QString scaled(double value, const std::array<const char*, 5>& units) {
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    QString number = QLocale().toString(value, 'f', unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
    const QString point = QLocale().decimalPoint();
    if (number.contains(point)) {
        while (number.endsWith(QLatin1Char('0'))) {
            number.chop(1);
        }
        if (number.endsWith(point)) {
            number.chop(point.size());
        }
    }
    return units[unit][0] == '\0' ? number : number + QLatin1Char(' ') + QLatin1String(units[unit]);
}

}  // namespace

CheckpointFacts factsOf(const engine::Checkpoint& checkpoint) {
    CheckpointFacts facts;
    facts.parameters = checkpoint.uniqueParameters();
    facts.shared = checkpoint.weights().feedForwards.size() == 1 && checkpoint.weights().layers.size() > 1;
    QStringList names;
    for (const engine::DType dtype : checkpoint.dtypes()) {
        names << QLatin1String(engine::dtypeName(dtype));
    }
    facts.dtype = names.join(QStringLiteral(" + "));
    facts.fileBytes = static_cast<qint64>(checkpoint.fileBytes());
    return facts;
}

QString parametersText(quint64 parameters) {
    return scaled(static_cast<double>(parameters), {"", "K", "M", "B", "T"});
}

QString bytesText(qint64 bytes) {
    return scaled(static_cast<double>(bytes), {"bytes", "kB", "MB", "GB", "TB"});
}

QString factsLine(const CheckpointFacts& facts) {
    QStringList parts;
    if (facts.parameters > 0) {
        parts << FactsText::tr("%1 parameters").arg(parametersText(facts.parameters));
    }
    if (facts.shared) {
        parts << FactsText::tr("shared block");
    }
    if (!facts.dtype.isEmpty()) {
        parts << facts.dtype;
    }
    if (facts.fileBytes > 0) {
        parts << bytesText(facts.fileBytes);
    }
    return parts.join(QStringLiteral(" · "));
}

CheckpointFactsCache::CheckpointFactsCache(const QString& path) : m_path(path) {
    if (path.isEmpty()) {
        return;
    }
    try {
        const engine::JsonDocument folders = engine::readJsonObject(toPath(path), kLimits);
        for (const auto& [folder, object] : folders->items()) {
            if (m_entries.size() == kMostEntries) {
                break;
            }
            if (std::optional<Entry> entry = entryFrom(object)) {
                m_entries.insert(QString::fromStdString(folder), *entry);
            }
        }
    } catch (const std::exception&) {  // only a cache: what it held is found out again
    }
}

std::optional<CheckpointFactsCache::Entry> CheckpointFactsCache::entryFrom(const nlohmann::json& object) {
    if (!object.is_object()) {
        return std::nullopt;
    }
    const nlohmann::json stamp = object.value("stamp", nlohmann::json());
    const nlohmann::json parameters = object.value("parameters", nlohmann::json());
    const nlohmann::json shared = object.value("shared", nlohmann::json());
    const nlohmann::json dtype = object.value("dtype", nlohmann::json());
    const nlohmann::json fileBytes = object.value("fileBytes", nlohmann::json());
    if (!stamp.is_string() || !parameters.is_number_unsigned() || !shared.is_boolean() || !dtype.is_string() ||
        !fileBytes.is_number_unsigned()) {
        return std::nullopt;
    }
    return Entry{.stamp = QString::fromStdString(stamp.get<std::string>()),
                 .facts = {.parameters = parameters.get<quint64>(),
                           .shared = shared.get<bool>(),
                           .dtype = QString::fromStdString(dtype.get<std::string>()),
                           .fileBytes = fileBytes.get<qint64>()}};
}

std::optional<CheckpointFacts> CheckpointFactsCache::find(const QString& folder) const {
    const auto found = m_entries.constFind(folder);
    if (found == m_entries.constEnd() || found->stamp != checkpointStamp(folder)) {
        return std::nullopt;
    }
    return found->facts;
}

void CheckpointFactsCache::keep(const QString& folder, const CheckpointFacts& facts) {
    const Entry entry{checkpointStamp(folder), facts};
    const auto found = m_entries.constFind(folder);
    if (found != m_entries.constEnd() && found->stamp == entry.stamp && found->facts == facts) {
        return;
    }
    m_entries.insert(folder, entry);
    write();
}

void CheckpointFactsCache::write() const {
    if (m_path.isEmpty()) {
        return;
    }
    QJsonObject folders;
    for (auto it = m_entries.constBegin(); it != m_entries.constEnd(); ++it) {
        if (!QFile::exists(it.key())) {
            continue;  // a folder that is gone is not written again
        }
        const CheckpointFacts& facts = it->facts;
        folders.insert(it.key(), QJsonObject{{QStringLiteral("stamp"), it->stamp},
                                             {QStringLiteral("parameters"), static_cast<qint64>(facts.parameters)},
                                             {QStringLiteral("shared"), facts.shared},
                                             {QStringLiteral("dtype"), facts.dtype},
                                             {QStringLiteral("fileBytes"), facts.fileBytes}});
    }
    QSaveFile file(m_path);
    if (file.open(QIODevice::WriteOnly)) {
        file.write(QJsonDocument(folders).toJson(QJsonDocument::Compact));
        file.commit();
    }
}

}  // namespace alcove
