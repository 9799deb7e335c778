// Repositories that a person added to what is on offer: library.json in the data folder.
#pragma once

#include <QList>
#include <QString>

#include "app/downloads/catalogue.h"

namespace alcove {

inline constexpr qsizetype kMostAddedRepositories = 500;

// Each once, in the order in which they were added. A file that makes no sense holds none.
[[nodiscard]] QList<CatalogueEntry> addedRepositories(const QString& dataFolder);

// Adds one; nothing changes if it is there. Throws engine::Error.
void addRepository(const QString& dataFolder, const RepositoryAddress& address);
// False: it was none of them. Throws engine::Error.
[[nodiscard]] bool removeRepository(const QString& dataFolder, const QString& repository, const QString& revision);

// What is on offer: the program's own, then these.
[[nodiscard]] QList<CatalogueEntry> wholeCatalogue(const QString& dataFolder);

}  // namespace alcove
