// The layout of a hub of models: where its files are, and how it lists them.
#pragma once

#include <optional>

#include <QByteArray>
#include <QUrl>

#include "app/fetch/messages/messages.h"

namespace alcove {

// BASE/ORG/NAME/resolve/REVISION/FILE
[[nodiscard]] QUrl fileAddress(const QUrl& base, const QString& repository, const QString& revision,
                               const QString& file);
// BASE/api/models/ORG/NAME/tree/REVISION?recursive=true
[[nodiscard]] QUrl listAddress(const QUrl& base, const QString& repository, const QString& revision);

// Adds a page of a listing to `files`: an array of rows with type, path, size, oid and, of large files, lfs.oid. Hidden
// files are left out. The failure says what is wrong with it; nothing of such a listing is to be believed.
[[nodiscard]] std::optional<FetchFailure> readListingPage(const QByteArray& page, QList<ListedFile>& files);

// The address of the next page in a Link header; empty: there is none.
[[nodiscard]] QUrl nextPage(const QByteArray& linkHeader);

}  // namespace alcove
