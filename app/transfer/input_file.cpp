#include "app/transfer/input_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <zip.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include "app/transfer/import_texts.h"
#include "engine/base/error.h"

namespace alcove {
namespace {

constexpr int kDeepestFolder = 16;
constexpr qint64 kMostFiles = 100000;
constexpr zip_int64_t kMostEntries = 100000;
constexpr quint64 kMostUnpacked = quint64{32} << 30U;  // bytes of all entries of an archive
constexpr std::size_t kHead = std::size_t{64} << 10U;

// Counts what is read, asks whether to go on, and keeps the first bytes.
class WatchedStream : public InputStream {
public:
    WatchedStream(std::function<qint64(char*, qint64)> read, const engine::Cancellation& cancel,
                  std::function<void(qint64)> count)
        : m_read(std::move(read)), m_cancel(cancel), m_count(std::move(count)) {}

    std::string_view head(std::size_t most) override {
        while (m_first.size() < static_cast<qsizetype>(std::min(most, kHead)) && !m_ended) {
            std::array<char, 4096> piece{};
            const std::size_t count = pull(piece.data(), piece.size());
            m_first.append(piece.data(), static_cast<qsizetype>(count));
            m_ended = count == 0;
        }
        return {m_first.constData(), static_cast<std::size_t>(m_first.size())};
    }

    std::size_t read(char* to, std::size_t most) override {
        if (m_at < m_first.size()) {
            const auto count = std::min(most, static_cast<std::size_t>(m_first.size() - m_at));
            std::memcpy(to, m_first.constData() + m_at, count);
            m_at += static_cast<qsizetype>(count);
            return count;
        }
        return m_ended ? 0 : pull(to, most);
    }

private:
    std::size_t pull(char* to, std::size_t most) {
        m_cancel.check(ALCOVE_TEXT("engine", "The import was stopped."));
        const qint64 count = std::max<qint64>(0, m_read(to, static_cast<qint64>(most)));
        m_count(count);
        return static_cast<std::size_t>(count);
    }

    std::function<qint64(char*, qint64)> m_read;
    const engine::Cancellation& m_cancel;
    std::function<void(qint64)> m_count;
    QByteArray m_first;
    qsizetype m_at = 0;
    bool m_ended = false;
};

class Inputs {
public:
    using Read = std::function<void(const InputFile&, InputStream&)>;

    Inputs(ConversationSink& sink, const engine::Cancellation& cancel, const Read& read)
        : m_sink(sink), m_cancel(cancel), m_read(read) {}

    void take(const QString& path) {
        const QFileInfo info(path);
        if (!info.exists()) {
            throw InputError(ImportText::tr("There is no file %1.").arg(path));
        }
        if (info.isDir()) {
            if (!info.isReadable()) {
                throw InputError(ImportText::tr("The folder %1 cannot be read.").arg(path));
            }
            takeFolder(path, info.fileName(), {}, 0);
            return;
        }
        if (!info.isFile()) {
            throw InputError(ImportText::tr("%1 is no file.").arg(path));
        }
        takeFile(path, {.name = info.fileName(), .folder = {}, .where = info.fileName(), .chosen = true});
    }

    void expect(const QString& path) { m_total += QFileInfo(path).isFile() ? QFileInfo(path).size() : 0; }

private:
    void takeFolder(const QString& path, const QString& where, const QStringList& names, int depth) {
        m_cancel.check(ALCOVE_TEXT("engine", "The import was stopped."));
        const QFileInfoList entries =
            QDir(path).entryInfoList(QDir::Files | QDir::Dirs | QDir::NoDotAndDotDot | QDir::NoSymLinks, QDir::Name);
        for (const QFileInfo& entry : entries) {
            const QString inside = where + u'/' + entry.fileName();
            if (entry.isDir()) {
                if (depth == kDeepestFolder) {
                    m_sink.passOver(inside, ImportText::tr("The folder is nested too deeply."), false);
                } else {
                    takeFolder(entry.filePath(), inside, names + QStringList{entry.fileName()}, depth + 1);
                }
            } else if (++m_files > kMostFiles) {
                m_sink.passOver(inside, ImportText::tr("There are too many files; the rest is left out."), false);
                return;
            } else {
                m_total += entry.size();
                takeFile(entry.filePath(), {.name = entry.fileName(), .folder = names, .where = inside});
            }
        }
    }

    void takeFile(const QString& path, const InputFile& named) {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly)) {
            if (named.chosen) {
                throw InputError(ImportText::tr("%1 cannot be read: %2").arg(path, file.errorString()));
            }
            m_sink.passOver(named.where, ImportText::tr("The file cannot be read: %1").arg(file.errorString()), true);
            return;
        }
        const qint64 before = m_done;
        const qint64 size = file.size();
        if (file.peek(4) == QByteArrayLiteral("PK\x03\x04")) {
            file.close();
            takeArchive(path, named);
        } else {
            WatchedStream stream([&file](char* to, qint64 most) { return file.read(to, most); }, m_cancel,
                                 [this](qint64 count) { advance(count); });
            m_read(named, stream);
            if (file.error() != QFileDevice::NoError) {
                m_sink.passOver(named.where, ImportText::tr("The file cannot be read: %1").arg(file.errorString()),
                                true);
            }
        }
        m_done = before + size;
        m_sink.progress(m_done, m_total);
    }

    void takeArchive(const QString& path, const InputFile& named) {
        int code = 0;
        zip_t* const archive = zip_open(QFile::encodeName(path).constData(), ZIP_RDONLY, &code);
        if (archive == nullptr) {
            m_sink.passOver(named.where, ImportText::tr("The archive is damaged."), true);
            return;
        }
        const auto close = [](zip_t* open) { zip_discard(open); };
        const std::unique_ptr<zip_t, decltype(close)> closed(archive, close);
        const zip_int64_t count = zip_get_num_entries(archive, 0);
        quint64 left = kMostUnpacked;
        for (zip_int64_t i = 0; i < count; ++i) {
            if (i == kMostEntries) {
                m_sink.passOver(named.where, ImportText::tr("There are too many files; the rest is left out."), false);
                return;
            }
            takeEntry(archive, static_cast<zip_uint64_t>(i), named, left);
        }
    }

    void takeEntry(zip_t* archive, zip_uint64_t index, const InputFile& named, quint64& left) {
        zip_stat_t about{};
        zip_stat_init(&about);
        if (zip_stat_index(archive, index, 0, &about) != 0 || about.name == nullptr) {
            m_sink.passOver(named.where, ImportText::tr("The archive is damaged."), true);
            return;
        }
        const QString path = QString::fromUtf8(about.name);
        if (path.endsWith(u'/')) {
            return;  // a folder
        }
        QStringList names = path.split(u'/', Qt::SkipEmptyParts);
        InputFile inside;
        inside.name = names.isEmpty() ? path : names.takeLast();
        inside.folder = named.folder + names.mid(0, kDeepestFolder);
        inside.where = named.where + u'/' + path;
        zip_file_t* const entry = zip_fopen_index(archive, index, 0);
        if (entry == nullptr) {
            m_sink.passOver(inside.where, ImportText::tr("The file cannot be unpacked."), true);
            return;
        }
        const auto close = [](zip_file_t* open) { zip_fclose(open); };
        const std::unique_ptr<zip_file_t, decltype(close)> closed(entry, close);
        bool damaged = false;
        const auto read = [&](char* to, qint64 most) -> qint64 {
            const auto wanted = std::min<quint64>(static_cast<quint64>(most), left);
            const zip_int64_t got = wanted == 0 ? 0 : zip_fread(entry, to, wanted);
            damaged = damaged || got < 0 || wanted == 0;
            left -= static_cast<quint64>(std::max<zip_int64_t>(got, 0));
            return got;
        };
        // Unpacked bytes are not those of the archive: of its size, each entry gets its packed part.
        const qint64 before = m_done;
        const double share =
            about.size == 0 ? 0 : static_cast<double>(about.comp_size) / static_cast<double>(about.size);
        qint64 unpacked = 0;
        WatchedStream stream(read, m_cancel, [&](qint64 bytes) {
            unpacked += bytes;
            m_done = before + static_cast<qint64>(static_cast<double>(unpacked) * share);
            m_sink.progress(m_done, m_total);
        });
        m_read(inside, stream);
        m_done = before + static_cast<qint64>(about.comp_size);
        if (damaged) {
            m_sink.passOver(inside.where, ImportText::tr("The file cannot be unpacked to its end."), true);
        }
    }

    void advance(qint64 count) {
        m_done += count;
        m_sink.progress(m_done, m_total);
    }

    ConversationSink& m_sink;
    const engine::Cancellation& m_cancel;
    const Read& m_read;
    qint64 m_files = 0;
    qint64 m_done = 0;
    qint64 m_total = 0;
};

}  // namespace

void forEachInput(const QStringList& paths, ConversationSink& sink, const engine::Cancellation& cancel,
                  const std::function<void(const InputFile& file, InputStream& stream)>& read) {
    Inputs inputs(sink, cancel, read);
    for (const QString& path : paths) {
        inputs.expect(path);
    }
    for (const QString& path : paths) {
        inputs.take(path);
    }
}

}  // namespace alcove
