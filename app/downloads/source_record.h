// Where a checkpoint came from, and what its files must be: a hidden file beside them.
#pragma once

#include <functional>
#include <optional>

#include <QList>
#include <QString>

#include "app/fetch/messages/messages.h"
#include "engine/base/cancellation.h"

namespace alcove {

struct SourceRecord {
    QString repository;
    QString revision;  // as it was asked for
    QString commit;    // empty: the server did not say
    QString base;
    QList<ListedFile> files;  // right in the folder

    friend bool operator==(const SourceRecord&, const SourceRecord&) = default;
};

// `location`: a checkpoint's folder, or a GGUF file. None if there is no record, or it is damaged.
[[nodiscard]] std::optional<SourceRecord> readSource(const QString& location);
// Throws engine::Error.
void writeSource(const QString& location, const SourceRecord& record);
// The file itself.
[[nodiscard]] QString sourceFile(const QString& location);

// What is wrong with the files, each a sentence; empty: all are what they were. Reads all of them; `progress` gets the
// bytes read so far. Throws engine::Error{Cancelled}.
[[nodiscard]] QStringList verifyFiles(const QString& location, const SourceRecord& record,
                                      const std::function<void(qint64)>& progress, const engine::Cancellation& cancel);

}  // namespace alcove
