#include "app/fetch/part_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <span>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

#include <QFile>
#include <QFileInfo>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/files/bounded_json.h"
#include "engine/files/new_file.h"

namespace alcove {
namespace {

constexpr mode_t kOwnerAlone = 0600;
constexpr qint64 kSlice = 8 << 20;  // hashed at once
constexpr qint64 kSentToDiskAtOnce = 16 << 20;
constexpr qsizetype kLongestValidator = 500;
constexpr engine::JsonLimits kNoteLimits = {.bytes = 1 << 14, .depth = 2, .values = 50, .text = 1 << 12};

std::filesystem::path pathOf(const QString& file) {
    return QFile::encodeName(file).toStdString();
}

nlohmann::json noteOf(const ContentIdentity& content) {
    return {{"size", content.size},
            {"kind", content.kind == HashKind::Sha256 ? "sha256" : "blob"},
            {"hash", content.hex.toStdString()}};
}

bool isDiskFull(int error) {
    return error == ENOSPC || error == EDQUOT;
}

void syncFolderOf(const QString& file) {
    const int folder =
        ::open(QFile::encodeName(QFileInfo(file).absolutePath()).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        static_cast<void>(::fsync(folder));
        ::close(folder);
    }
}

}  // namespace

PartFile::PartFile(QString target, ContentIdentity content)
    : m_target(std::move(target)),
      m_part(m_target + QStringLiteral(".part")),
      m_note(m_target + QStringLiteral(".part.json")),
      m_wrong(m_target + QStringLiteral(".wrong")),
      m_content(std::move(content)),
      m_hash(m_content.kind, m_content.size) {
    m_descriptor =
        ::open(QFile::encodeName(m_part).constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kOwnerAlone);
    if (m_descriptor < 0) {
        fail(errno);
    }
    struct stat status {};
    if (::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0 || ::fstat(m_descriptor, &status) != 0) {
        const int error = errno;
        ::close(std::exchange(m_descriptor, -1));
        if (error == EWOULDBLOCK) {
            throw PartFileError({.kind = FetchFailureKind::Busy});
        }
        fail(error);
    }
    m_size = status.st_size;
    if (m_size > m_content.size || !isNoted()) {
        m_validator.clear();
        beginAnew();
        writeNote();
    }
}

PartFile::~PartFile() {
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

void PartFile::fail(int error) const {
    if (isDiskFull(error)) {
        struct statvfs disk {};
        static_cast<void>(::statvfs(QFile::encodeName(QFileInfo(m_target).absolutePath()).constData(), &disk));
        throw PartFileError({.kind = FetchFailureKind::DiskFull,
                             .expected = m_content.size - m_size,
                             .found = static_cast<qint64>(disk.f_bavail) * static_cast<qint64>(disk.f_frsize)});
    }
    throw PartFileError(
        {.kind = FetchFailureKind::NotWritable, .detail = QString::fromLocal8Bit(std::strerror(error))});
}

bool PartFile::isNoted() {
    try {
        const engine::JsonDocument note = engine::readJsonObject(pathOf(m_note), kNoteLimits);
        nlohmann::json expected = noteOf(m_content);
        const auto validator = note->find("validator");
        if (validator != note->end() && validator->is_string()) {
            m_validator = QByteArray::fromStdString(validator->get<std::string>());
            expected["validator"] = *validator;
        }
        return *note == expected;
    } catch (const std::exception&) {  // there is none, or it is no note: the part begins anew
        return false;
    }
}

void PartFile::writeNote() const {
    nlohmann::json note = noteOf(m_content);
    note["validator"] = m_validator.toStdString();
    const std::string text = note.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    try {
        engine::NewFile file(pathOf(m_note), 0, true);
        file.append(std::as_bytes(std::span(text)));
        file.commit();
    } catch (const engine::Error& error) {
        throw PartFileError({.kind = FetchFailureKind::NotWritable, .detail = QString::fromUtf8(error.what())});
    }
}

bool PartFile::hashMore() {
    QByteArray slice;
    slice.resize(std::min(kSlice, m_size - m_hashed));
    if (slice.isEmpty()) {
        return false;
    }
    const ssize_t count =
        ::pread(m_descriptor, slice.data(), static_cast<std::size_t>(slice.size()), static_cast<off_t>(m_hashed));
    if (count <= 0) {
        beginAnew();  // what cannot be read any more is fetched again
        return false;
    }
    m_hash.add(QByteArrayView(slice.constData(), count));
    m_hashed += count;
    return m_hashed < m_size;
}

void PartFile::reserve() {
    const qint64 missing = m_content.size - m_size;
    struct statvfs disk {};
    if (::fstatvfs(m_descriptor, &disk) == 0) {
        // The space that an earlier start has taken for this file is its own.
        struct stat status {};
        static_cast<void>(::fstat(m_descriptor, &status));
        constexpr qint64 kBlock = 512;
        const qint64 taken = std::max<qint64>(static_cast<qint64>(status.st_blocks) * kBlock - m_size, 0);
        const qint64 available = static_cast<qint64>(disk.f_bavail) * static_cast<qint64>(disk.f_frsize);
        if (available < missing - taken) {
            throw PartFileError({.kind = FetchFailureKind::DiskFull, .expected = missing, .found = available});
        }
    }
    if (missing > 0 &&
        ::fallocate(m_descriptor, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(m_size), static_cast<off_t>(missing)) != 0 &&
        isDiskFull(errno)) {
        fail(errno);
    }
}

void PartFile::setValidator(const QByteArray& validator) {
    // A weak one (W/"…") says nothing of the bytes.
    const bool strong = validator.startsWith('"') && validator.size() <= kLongestValidator &&
                        std::all_of(validator.begin(), validator.end(), [](char c) { return c > ' ' && c < '\x7F'; });
    const QByteArray kept = strong ? validator : QByteArray();
    if (kept != m_validator) {
        m_validator = kept;
        writeNote();
    }
}

void PartFile::append(QByteArrayView bytes) {
    while (!bytes.empty()) {
        const ssize_t count =
            ::pwrite(m_descriptor, bytes.data(), static_cast<std::size_t>(bytes.size()), static_cast<off_t>(m_size));
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail(errno);
        }
        m_hash.add(bytes.first(count));
        m_size += count;
        m_hashed += count;
        bytes = bytes.sliced(count);
    }
    // The disk works while more comes, and has little left to do at the end.
    if (m_size - m_sentToDisk >= kSentToDiskAtOnce) {
        static_cast<void>(::sync_file_range(m_descriptor, static_cast<off_t>(m_sentToDisk),
                                            static_cast<off_t>(m_size - m_sentToDisk), SYNC_FILE_RANGE_WRITE));
        m_sentToDisk = m_size;
    }
}

void PartFile::beginAnew() {
    if (::ftruncate(m_descriptor, 0) != 0) {
        fail(errno);
    }
    m_size = 0;
    m_hashed = 0;
    m_sentToDisk = 0;
    m_hash = ContentHash(m_content.kind, m_content.size);
}

bool PartFile::finish() {
    const QByteArray part = QFile::encodeName(m_part);
    if (m_hash.hex() != m_content.hex) {
        if (QFileInfo::exists(m_wrong)) {
            removeAll();
            throw PartFileError({.kind = FetchFailureKind::WrongHash});
        }
        if (::rename(part.constData(), QFile::encodeName(m_wrong).constData()) != 0) {
            fail(errno);
        }
        ::close(std::exchange(m_descriptor, -1));
        m_descriptor = ::open(part.constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerAlone);
        if (m_descriptor < 0 || ::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0) {
            fail(errno);
        }
        m_validator.clear();
        beginAnew();
        writeNote();
        return false;
    }
    if (::fsync(m_descriptor) != 0 || ::fchmod(m_descriptor, kOwnerAlone) != 0 ||
        ::rename(part.constData(), QFile::encodeName(m_target).constData()) != 0) {
        fail(errno);
    }
    QFile::remove(m_note);
    QFile::remove(m_wrong);
    syncFolderOf(m_target);
    return true;
}

void PartFile::removeAll() const {
    for (const QString& file : {m_part, m_note, m_wrong}) {
        QFile::remove(file);
    }
}

}  // namespace alcove
