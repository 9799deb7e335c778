// What a person chose to import: files, folders and ZIP archives, as a sequence of byte streams.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include <QStringList>

#include "app/transfer/conversation_sink.h"
#include "engine/base/cancellation.h"
#include "engine/files/streamed_json.h"

namespace alcove {

// One stream, whose first bytes can be looked at before they are read.
class InputStream : public engine::ByteSource {
public:
    // At most `most` first bytes.
    virtual std::string_view head(std::size_t most) = 0;
};

struct InputFile {
    QString name;         // without its folders
    QStringList folder;   // names of the folders that it is in, below the one that was chosen
    Where where;          // in words
    bool chosen = false;  // by itself: not found in a folder or an archive
};

// What cannot be read at all: a sentence.
class InputError : public std::runtime_error {
public:
    explicit InputError(const QString& sentence) : std::runtime_error(sentence.toStdString()) {}
};

// Calls `read` for every file among `paths`, in folders below them (links are not followed) and in archives, in the
// order of names. What cannot be opened is passed over, as is what an archive says of itself and is not so. Throws
// InputError where one of `paths` is not there, and Error{Cancelled} before the next piece once that is requested.
void forEachInput(const QStringList& paths, ConversationSink& sink, const engine::Cancellation& cancel,
                  const std::function<void(const InputFile& file, InputStream& stream)>& read);

}  // namespace alcove
