// The sentences of importing, and texts that stand for what has no place in a conversation here.
#pragma once

#include <QCoreApplication>

#include "app/transfer/json_values.h"

namespace alcove {

struct ImportText {
    Q_DECLARE_TR_FUNCTIONS(alcove::Import)
};

// "[Image: cat.png]": for what a message had beside its text. The same in every language, since it becomes part of it.
[[nodiscard]] QString attachmentLine(const QString& kind, const QString& name);
// Code as Markdown has it, whatever is in it.
[[nodiscard]] QString fenced(const QString& code, const QString& language);
// A file's name with its content, where that is known.
[[nodiscard]] QString attachedFile(const QString& name, const QString& content);
// Joined with a blank line between; empty ones leave no trace.
void appendPart(QString& text, const QString& part);
// Names the content for good, where a program gave it no name.
[[nodiscard]] QString nameByContent(const QString& first, const QString& second);
// SamplingParameters' names for how a reply ended, or empty.
[[nodiscard]] QString knownStopReason(const QString& theirs);

}  // namespace alcove
