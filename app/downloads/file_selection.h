// Which files of a repository a checkpoint needs.
#pragma once

#include <QList>
#include <QString>

#include "app/fetch/messages/messages.h"

namespace alcove {

struct FileSelection {
    QList<ListedFile> files;
    QString problem;  // why there is nothing to download; a sentence. Otherwise empty
};

// Of a folder as hubs have it: the configuration, the tokenizer, what it says of itself and its licence, and one set of
// weights, safetensors before PyTorch's; or a GGUF file, if there is but one or it is named. Folders within the
// repository and programs are left out.
[[nodiscard]] FileSelection chooseFiles(const QList<ListedFile>& listed, const QString& ggufFile = {});

[[nodiscard]] qint64 bytesOf(const QList<ListedFile>& files);

}  // namespace alcove
