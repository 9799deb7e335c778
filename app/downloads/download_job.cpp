#include "app/downloads/download_job.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <span>
#include <string>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include <QDir>
#include <QFile>
#include <nlohmann/json.hpp>

#include "app/checkpoints/file_path.h"
#include "app/downloads/listed_files.h"
#include "app/fetch/messages/names.h"
#include "engine/base/error.h"
#include "engine/files/bounded_json.h"
#include "engine/files/new_file.h"

namespace alcove {
namespace {

constexpr engine::JsonLimits kJobLimits = {.bytes = 4 << 20, .depth = 5, .values = 100'000, .text = 4096};
constexpr int kJobVersion = 1;

constexpr auto kStepNames = std::to_array<std::pair<DownloadStep, const char*>>({
    {DownloadStep::Listing, "listing"},
    {DownloadStep::Fetching, "fetching"},
    {DownloadStep::Publishing, "publishing"},
    {DownloadStep::Quantizing, "quantizing"},
    {DownloadStep::Done, "done"},
});
constexpr auto kFormNames = std::to_array<std::pair<QuantizedForm, const char*>>({
    {QuantizedForm::None, "none"},
    {QuantizedForm::Q4_0, "q4_0"},
    {QuantizedForm::Q8_0, "q8_0"},
});

template <typename Value, std::size_t Count>
std::string nameIn(const std::array<std::pair<Value, const char*>, Count>& names, Value value) {
    for (const auto& [each, name] : names) {
        if (each == value) {
            return name;
        }
    }
    return names[0].second;
}

template <typename Value, std::size_t Count>
std::optional<Value> valueIn(const std::array<std::pair<Value, const char*>, Count>& names, const QString& wanted) {
    for (const auto& [value, name] : names) {
        if (wanted == QLatin1String(name)) {
            return value;
        }
    }
    return std::nullopt;
}

QString downloadsIn(const QString& checkpointFolder) {
    return checkpointFolder + QStringLiteral("/.downloads");
}

QString jobText(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

std::optional<DownloadJob> jobIn(const QString& file) {
    try {
        const engine::JsonDocument document = engine::readJsonObject(toPath(file), kJobLimits);
        const auto files = document->find("files");
        const auto keep = document->find("keep_originals");
        const std::optional<QuantizedForm> form = formNamed(jobText(*document, "quantize"));
        const std::optional<DownloadStep> step = valueIn(kStepNames, jobText(*document, "step"));
        std::optional<QList<ListedFile>> listed = files == document->end() ? std::nullopt : filesInJson(*files);
        if (!form || !step || !listed || keep == document->end() || !keep->is_boolean()) {
            return std::nullopt;
        }
        DownloadJob job{.repository = jobText(*document, "repository"),
                        .revision = jobText(*document, "revision"),
                        .base = jobText(*document, "base"),
                        .ggufFile = jobText(*document, "gguf_file"),
                        .quantize = *form,
                        .keepOriginals = keep->get<bool>(),
                        .step = *step,
                        .commit = jobText(*document, "commit"),
                        .files = *std::move(listed)};
        const bool fits = isRepository(job.repository) && isRevision(job.revision) &&
                          (job.commit.isEmpty() || isCommit(job.commit)) &&
                          (job.step == DownloadStep::Listing || !job.files.isEmpty());
        return fits ? std::make_optional(job) : std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

// A slash in a revision becomes what can be in no revision.
QString asFileName(QString revision) {
    return revision.replace(u'/', QLatin1String("%2F"));
}

}  // namespace

DownloadStep DownloadJob::following() const {
    const bool copy = quantize != QuantizedForm::None;
    switch (step) {
        case DownloadStep::Listing:
            return DownloadStep::Fetching;
        case DownloadStep::Fetching:
            return copy && !keepOriginals ? DownloadStep::Quantizing : DownloadStep::Publishing;
        case DownloadStep::Publishing:
            return copy && keepOriginals ? DownloadStep::Quantizing : DownloadStep::Done;
        case DownloadStep::Quantizing:
            return keepOriginals ? DownloadStep::Done : DownloadStep::Publishing;
        case DownloadStep::Done:
            break;
    }
    return DownloadStep::Done;
}

QString DownloadJob::folderName() const {
    const QString name = repository.section(u'/', 1);
    return revision == QLatin1String("main") ? name : name + u'@' + asFileName(revision);
}

QString DownloadJob::place() const {
    return repository.section(u'/', 0, 0) + u'/' + folderName();
}

QString DownloadJob::quantizedPlace() const {
    return place() + u'-' + formName(quantize) + QStringLiteral(".gguf");
}

QString formName(QuantizedForm form) {
    return QString::fromStdString(nameIn(kFormNames, form));
}

std::optional<QuantizedForm> formNamed(const QString& name) {
    return valueIn(kFormNames, name);
}

JobFolder::JobFolder(const QString& checkpointFolder, const DownloadJob& job)
    : m_path(downloadsIn(checkpointFolder) + u'/' + job.repository.section(u'/', 0, 0) + QStringLiteral("--") +
             job.repository.section(u'/', 1) + u'@' + asFileName(job.revision)) {
}

JobFolder::~JobFolder() {
    if (m_lock >= 0) {
        ::close(m_lock);
    }
}

void JobFolder::take() {
    constexpr mode_t kOwnerAlone = 0600;
    const QString file = m_path + QStringLiteral("/lock");
    if (QDir().mkpath(m_path)) {
        m_lock = ::open(QFile::encodeName(file).constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kOwnerAlone);
    }
    if (m_lock < 0) {
        throw engine::Error(engine::ErrorCode::FileUnwritable,
                            ALCOVE_TEXT("engine", "%1 could not be written: %2. Choose a place where you may write."),
                            toPath(m_path), std::strerror(errno));
    }
    if (::flock(m_lock, LOCK_EX | LOCK_NB) != 0) {
        throw engine::Error(engine::ErrorCode::InvalidRequest,
                            ALCOVE_TEXT("engine", "This model is being downloaded by another window or terminal."));
    }
}

std::optional<DownloadJob> JobFolder::load() const {
    return jobIn(m_path + QStringLiteral("/job.json"));
}

void JobFolder::save(const DownloadJob& job) const {
    const nlohmann::json object = {
        {"version", kJobVersion},
        {"repository", job.repository.toStdString()},
        {"revision", job.revision.toStdString()},
        {"base", job.base.toStdString()},
        {"gguf_file", job.ggufFile.toStdString()},
        {"quantize", nameIn(kFormNames, job.quantize)},
        {"keep_originals", job.keepOriginals},
        {"step", nameIn(kStepNames, job.step)},
        {"commit", job.commit.toStdString()},
        {"files", jsonOfFiles(job.files)},
    };
    const std::string text = object.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    engine::NewFile file(toPath(m_path + QStringLiteral("/job.json")), 0, true);
    file.append(std::as_bytes(std::span(text)));
    file.commit();
}

void JobFolder::remove() {
    QDir(m_path).removeRecursively();
    QDir().rmdir(QFileInfo(m_path).absolutePath());  // if it was the last one
}

QList<DownloadJob> JobFolder::keptIn(const QString& checkpointFolder) {
    constexpr qsizetype kMost = 1000;
    QList<DownloadJob> jobs;
    const QDir folder(downloadsIn(checkpointFolder));
    for (const QString& name : folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name).mid(0, kMost)) {
        if (std::optional<DownloadJob> job = jobIn(folder.filePath(name) + QStringLiteral("/job.json"))) {
            jobs << *std::move(job);
        }
    }
    return jobs;
}

}  // namespace alcove
