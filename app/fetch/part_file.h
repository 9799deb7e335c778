// A file that grows beside its place and gets its name only when its content is what it should be.
//
// NAME.part holds what has come; NAME.part.json what it is to become, and the validator of the answer it came from;
// NAME.wrong a content that was complete and not the right one.
#pragma once

#include <utility>

#include <QByteArray>
#include <QString>

#include "app/digest/content_hash.h"
#include "app/fetch/messages/failure.h"

namespace alcove {

// What failed with a file on the disk.
class PartFileError {
public:
    explicit PartFileError(FetchFailure failure) : m_failure(std::move(failure)) {}
    [[nodiscard]] const FetchFailure& failure() const { return m_failure; }

private:
    FetchFailure m_failure;
};

// Each function throws PartFileError. One process at a time has a part open.
class PartFile {
public:
    // Opens the part that is there, if it is of this content, or begins one.
    PartFile(QString target, ContentIdentity content);
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;
    ~PartFile();

    [[nodiscard]] qint64 size() const { return m_size; }
    [[nodiscard]] const QByteArray& validator() const { return m_validator; }

    // Reads some more of what was there when it was opened; false when all of that is hashed, before which nothing may
    // be appended.
    [[nodiscard]] bool hashMore();

    // Takes the disk's space for the rest. Throws DiskFull if there is too little.
    void reserve();

    // The validator of the answer whose bytes follow.
    void setValidator(const QByteArray& validator);
    void append(QByteArrayView bytes);
    void beginAnew();

    // All bytes are there. True: the content is right, is on the disk, and has its name. False: it is not, was set
    // aside, and the part begins anew; throws WrongHash if that happens for the second time, and nothing is left then.
    [[nodiscard]] bool finish();

private:
    void writeNote() const;
    [[nodiscard]] bool isNoted();
    [[noreturn]] void fail(int error) const;
    void removeAll() const;

    QString m_target;
    QString m_part;
    QString m_note;
    QString m_wrong;
    ContentIdentity m_content;
    QByteArray m_validator;
    int m_descriptor = -1;
    qint64 m_size = 0;
    qint64 m_hashed = 0;
    qint64 m_sentToDisk = 0;
    ContentHash m_hash;
};

}  // namespace alcove
