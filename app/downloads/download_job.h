// A download that is to be made: a value, and the folder in which it is kept until it is done, whatever happens to the
// program.
//
// CHECKPOINTS/.downloads/ORG--NAME@REVISION/ has job.json, the files that came so far in a folder named as the
// checkpoint will be, and what is made of them. The library passes over hidden folders; one rename makes the checkpoint
// appear.
#pragma once

#include <optional>

#include <QList>
#include <QString>

#include "app/fetch/messages/messages.h"

namespace alcove {

// What is to be done next.
enum class DownloadStep {
    Listing,     // find out which files there are
    Fetching,    // get them
    Publishing,  // give the checkpoint its place
    Quantizing,  // make the smaller copy
    Done,
};

enum class QuantizedForm { None, Q4_0, Q8_0 };

struct DownloadJob {
    QString repository;
    QString revision;
    QString base;           // of the hub
    QString ggufFile = {};  // of a repository with several, the one that is wanted
    QuantizedForm quantize = QuantizedForm::None;
    bool keepOriginals = true;  // false: only the smaller copy stays
    DownloadStep step = DownloadStep::Listing;
    // Known when it was listed.
    QString commit = {};
    QList<ListedFile> files = {};

    friend bool operator==(const DownloadJob&, const DownloadJob&) = default;

    // The step after `step`.
    [[nodiscard]] DownloadStep following() const;
    // "NAME", or "NAME@REVISION" of another revision than main: what the checkpoint's folder is called.
    [[nodiscard]] QString folderName() const;
    // Of the whole checkpoint below the library's folder: "ORG/NAME".
    [[nodiscard]] QString place() const;
    // Of the smaller copy where it is a file of its own: "ORG/NAME-q8_0.gguf".
    [[nodiscard]] QString quantizedPlace() const;
};

[[nodiscard]] QString formName(QuantizedForm form);  // "q4_0"; "none"
[[nodiscard]] std::optional<QuantizedForm> formNamed(const QString& name);

class JobFolder {
public:
    // Of the repository and revision of `job`.
    JobFolder(const QString& checkpointFolder, const DownloadJob& job);
    JobFolder(const JobFolder&) = delete;
    JobFolder& operator=(const JobFolder&) = delete;
    ~JobFolder();

    // Makes it, and keeps other programs out for as long as this object lives. Throws engine::Error{FileUnwritable}, or
    // {InvalidRequest} if another one has it.
    void take();
    // What is kept in it; none, or a damaged one, is nothing.
    [[nodiscard]] std::optional<DownloadJob> load() const;
    void save(const DownloadJob& job) const;  // Throws engine::Error
    // With everything in it.
    void remove();

    [[nodiscard]] const QString& path() const { return m_path; }

    // All that are kept in the folder, finished or not, in the order of their names.
    [[nodiscard]] static QList<DownloadJob> keptIn(const QString& checkpointFolder);

private:
    QString m_path;
    int m_lock = -1;
};

}  // namespace alcove
