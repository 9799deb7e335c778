// The models that Alcove knows of: resources/catalogue.json, and the repositories that a person added.
#pragma once

#include <optional>

#include <QByteArray>
#include <QList>
#include <QString>

#include "app/fetch/messages/messages.h"

namespace alcove {

// What is not known is 0 or empty.
struct CatalogueEntry {
    QString id;  // "mobillama-05b-chat"; of a repository that a person added, its name with its revision
    QString title;
    QString purpose;     // one sentence
    QString licence;     // "Apache-2.0"
    QString shipped;     // the folder of a checkpoint in the box; there is nothing to download then
    QString repository;  // "MBZUAI/MobiLlama-05B-Chat"
    QString revision;
    // Of an entry with many: PREFIX followed by a number from first to last; `revision` is the last one then.
    QString revisionPrefix;
    int firstRevision = 0;
    int lastRevision = 0;
    bool chat = false;
    bool added = false;     // by the person
    qint64 parameters = 0;  // unique ones
    qint64 downloadBytes = 0;
    int layers = 0;
    int kvWidth = 0;  // values of a key, and of a value, in one layer
    int context = 0;
    QList<ListedFile> files;  // where they are known: these, and nothing else, is what is downloaded

    // About, as arithmetic has it: 4.5 bits a parameter; and with a full context in 16 bits.
    [[nodiscard]] qint64 quantizedBytes() const;
    [[nodiscard]] qint64 memoryBytes() const;
};

// Reads a catalogue. Throws engine::Error naming what is wrong: a member that is missing, of another type, out of range
// or not known, an id that is there twice.
[[nodiscard]] QList<CatalogueEntry> readCatalogue(const QByteArray& json);

// The one in the program.
[[nodiscard]] const QList<CatalogueEntry>& builtInCatalogue();

// A repository of a hub, as a person names it.
struct RepositoryAddress {
    QString repository;
    QString revision;  // "main" if none was given
    QString base;      // of an address; otherwise empty
};

// "ORG/NAME", "ORG/NAME@REVISION", or the address of its page: "https://HOST/ORG/NAME", "…/tree/REVISION". None if it
// is anything else.
[[nodiscard]] std::optional<RepositoryAddress> repositoryNamed(const QString& text);

// The entry that a person means: by its id, its title, its repository, or an id followed by "@" and a revision.
[[nodiscard]] std::optional<CatalogueEntry> entryNamed(const QList<CatalogueEntry>& entries, const QString& text);

// Those with all the words in id, title, purpose, repository or licence, whatever their case.
[[nodiscard]] QList<CatalogueEntry> entriesWith(const QList<CatalogueEntry>& entries, const QString& words);

}  // namespace alcove
