#include "app/checkpoints/checkpoint_copies.h"

#include <algorithm>
#include <filesystem>
#include <new>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QStorageInfo>

#include "app/checkpoints/checkpoint_card.h"
#include "app/checkpoints/checkpoint_facts.h"
#include "app/checkpoints/checkpoint_library.h"
#include "app/checkpoints/checkpoint_stamp.h"
#include "app/checkpoints/file_path.h"
#include "app/translation/engine_sentences.h"
#include "engine/base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/finite.h"
#include "engine/checkpoint/location.h"
#include "engine/conversion/model_writer.h"
#include "engine/text/template_selection.h"
#include "engine/text/tokenizer.h"

namespace alcove {
namespace {

// Below this even a slow machine answers at once.
constexpr std::uint64_t kSmallestWorthwhile = 64 << 20;
constexpr qsizetype kLongestFileName = 60;
constexpr qsizetype kHashLetters = 16;

struct CopiesText {
    Q_DECLARE_TR_FUNCTIONS(alcove::CheckpointCopies)
};

// The checkpoint's folder or GGUF file, symbolic links resolved. Throws engine::Error.
QFileInfo locationOf(const QString& checkpoint) {
    const std::filesystem::path location = engine::locateCheckpoint(toPath(checkpoint));
    return QFileInfo(QFileInfo(fromPath(location)).canonicalFilePath());
}

// The part of a copy's name that is the same for all copies of the checkpoint, whatever its stamp.
QString placeOf(const QFileInfo& location) {
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(location.filePath().toUtf8());
    return QString::fromLatin1(hash.result().toHex().left(kHashLetters));
}

QString plainName(const QFileInfo& location) {
    QString name = location.isDir() ? location.fileName() : location.completeBaseName();
    std::replace_if(
        name.begin(), name.end(),
        [](QChar letter) { return !letter.isLetterOrNumber() && letter != u'-' && letter != u'_' && letter != u'.'; },
        u'_');
    return name.left(kLongestFileName);
}

// The copies in the folder, also unfinished ones: nothing else in it is counted or deleted.
QFileInfoList copiesIn(const QString& folder) {
    static const QRegularExpression copyName(
        QStringLiteral("-[0-9a-f]{%1}-[0-9a-f]{%1}\\.gguf(\\.[0-9]+\\.part)?$").arg(kHashLetters));
    QFileInfoList files = folder.isEmpty() ? QFileInfoList() : QDir(folder).entryInfoList(QDir::Files);
    files.removeIf([](const QFileInfo& file) { return !copyName.match(file.fileName()).hasMatch(); });
    return files;
}

// Whether opening failed because of the copy rather than of the device: the checkpoint itself may do better.
bool isAboutTheFiles(engine::ErrorCode code) {
    return code == engine::ErrorCode::NotFinite || code == engine::ErrorCode::FileMissing ||
           code == engine::ErrorCode::FileUnreadable || code == engine::ErrorCode::FileDamaged ||
           code == engine::ErrorCode::Unsupported || code == engine::ErrorCode::TokenizerMismatch;
}

// Whether the bytes of the copy are wrong, whatever made opening it fail: that a disk does not give them or too many
// files are open says nothing about them. Reads all of it.
bool isDamaged(const QString& file) {
    try {
        const engine::Checkpoint copy = engine::Checkpoint::open(toPath(file));
        (void)engine::Tokenizer::open(copy.location(), copy.config().vocabSize);
        for (const engine::TensorView& tensor : copy.tensors()) {
            engine::requireFinite(tensor);
        }
        copy.requireUnchanged();
        return false;
    } catch (const engine::Error& error) {
        return error.code() == engine::ErrorCode::FileDamaged || error.code() == engine::ErrorCode::NotFinite ||
               error.code() == engine::ErrorCode::TokenizerMismatch;
    } catch (const std::exception&) {  // no memory, or the file system
        return false;
    }
}

}  // namespace

QString CheckpointCopies::fileFor(const QString& checkpoint) const {
    if (m_folder.isEmpty()) {
        return {};
    }
    try {
        const QFileInfo location = locationOf(checkpoint);
        return QStringLiteral("%1/%2-%3-%4.gguf")
            .arg(m_folder, plainName(location), placeOf(location),
                 checkpointStamp(location.filePath()).left(kHashLetters));
    } catch (const std::exception&) {
        return {};  // opening the checkpoint says what is wrong with it
    }
}

QString CheckpointCopies::find(const QString& checkpoint) const {
    QString file = fileFor(checkpoint);
    if (file.isEmpty() || !QFileInfo(file).isFile()) {
        return {};
    }
    try {
        (void)engine::Checkpoint::open(toPath(file));
        return file;
    } catch (const std::exception&) {
        return {};
    }
}

bool CheckpointCopies::openEither(const QString& checkpoint,
                                  const std::function<void(const std::filesystem::path&)>& open,
                                  const std::function<void(const QString&)>& notice) const {
    if (const QString file = fileFor(checkpoint); !file.isEmpty() && QFileInfo(file).isFile()) {
        try {
            open(toPath(file));
            return true;
        } catch (const engine::Error& error) {
            if (!isAboutTheFiles(error.code())) {
                throw;
            }
        }
        const QString name = checkpointName(CheckpointLibrary::locationOf(checkpoint));
        if (isDamaged(file) && QFile::remove(file)) {
            notice(CopiesText::tr("The smaller copy of %1 was damaged and has been deleted. Alcove opens the original.")
                       .arg(name));
        } else {
            notice(CopiesText::tr("The smaller copy of %1 cannot be used right now. Alcove opens the original.")
                       .arg(name));
        }
    }
    open(toPath(checkpoint));
    return false;
}

CopiesOnDisk CheckpointCopies::onDisk() const {
    CopiesOnDisk result;
    for (const QFileInfo& file : copiesIn(m_folder)) {
        result.count += file.suffix() == QLatin1String("gguf") ? 1 : 0;
        result.bytes += file.size();
    }
    return result;
}

QString CheckpointCopies::removeAll() const {
    for (const QFileInfo& file : copiesIn(m_folder)) {
        if (!QFile::remove(file.filePath()) && QFileInfo::exists(file.filePath())) {
            return CopiesText::tr("%1 could not be deleted. Check the folder's permissions.").arg(file.filePath());
        }
    }
    return {};
}

CopyResult CheckpointCopies::make(const QString& checkpoint, const std::function<void(double)>& progress,
                                  const std::atomic<bool>& cancel) const {
    std::uint64_t size = 0;
    try {
        const engine::Checkpoint original = engine::Checkpoint::open(toPath(checkpoint), cancel);
        size = engine::storedBytes(engine::DType::Q4_0, original.uniqueParameters());
        const engine::Tokenizer tokenizer = engine::Tokenizer::open(original.location(), original.config().vocabSize);
        const engine::TemplateSelection choice = engine::selectTemplate(original.location());
        if (m_folder.isEmpty() || !QDir().mkpath(m_folder)) {
            return {.problem = CopiesText::tr("The folder for copies, %1, cannot be made.").arg(m_folder)};
        }
        const QString file = fileFor(checkpoint);
        const QString earlier = QStringLiteral("*-%1-*.gguf*").arg(placeOf(locationOf(checkpoint)));
        for (const QFileInfo& old : QDir(m_folder).entryInfoList({earlier}, QDir::Files)) {
            QFile::remove(old.filePath());
        }
        engine::ModelWriteOptions options;
        options.dtype = engine::DType::Q4_0;
        options.overwrite = true;
        options.cancel = cancel;
        options.progress = [&progress](std::uint64_t done, std::uint64_t total) {
            progress(static_cast<double>(done) / static_cast<double>(std::max<std::uint64_t>(total, 1)));
        };
        (void)engine::writeModel(original, tokenizer, choice, toPath(file), options);
        if (fileFor(checkpoint) != file) {
            QFile::remove(file);
            return {.problem = CopiesText::tr("%1 changed while it was copied.").arg(checkpointName(checkpoint))};
        }
        return {.made = true};
    } catch (const engine::Error& error) {
        if (error.code() == engine::ErrorCode::Cancelled) {
            return {.cancelled = true};
        }
        const QStorageInfo disk(m_folder);
        if (error.code() == engine::ErrorCode::FileUnwritable && disk.isValid() &&
            static_cast<std::uint64_t>(disk.bytesAvailable()) < size) {
            return {
                .problem =
                    CopiesText::tr("It needs about %1, but the disk with %2 has only %3 left. Free some space and try "
                                   "again.")
                        .arg(bytesText(static_cast<qint64>(size)), m_folder, bytesText(disk.bytesAvailable()))};
        }
        return {.problem = inWords(error.sentence())};
    } catch (const std::bad_alloc&) {
        return {.problem = CopiesText::tr("This machine does not have enough free memory.")};
    } catch (const std::exception& error) {
        return {.problem = QString::fromUtf8(error.what())};
    }
}

qint64 CheckpointCopies::worthwhileBytes(const engine::Checkpoint& checkpoint) {
    const std::vector<engine::DType> dtypes = checkpoint.dtypes();
    if (checkpoint.uniqueBytes() <= kSmallestWorthwhile ||
        std::any_of(dtypes.begin(), dtypes.end(), engine::isQuantized)) {
        return 0;
    }
    return static_cast<qint64>(engine::storedBytes(engine::DType::Q4_0, checkpoint.uniqueParameters()));
}

}  // namespace alcove
