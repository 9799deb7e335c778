#include <memory>

#include <CLI/CLI.hpp>
#include <QEventLoop>
#include <QFileInfo>
#include <QTimer>
#include <QUrl>
#include <nlohmann/json.hpp>

#include "app/cli/interrupt.h"
#include "app/cli/library.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "app/downloads/added_repositories.h"
#include "app/downloads/download.h"
#include "app/downloads/hub_cache.h"
#include "app/downloads/network_log.h"
#include "app/downloads/source_record.h"
#include "app/process/broker.h"
#include "engine/base/error.h"

namespace alcove::cli {

namespace {

constexpr int kDownloadFailed = 1;
constexpr int kMilliseconds = 1000;
const QString kDefaultBase = QStringLiteral("https://huggingface.co");

struct DownloadArguments {
    std::string model;
    std::string base;
    std::string proxy = "system";
    std::string quantize = "none";
    std::string file;
    int attempts = FetchLimits().attempts;
    int timeout = FetchLimits().stallMs / kMilliseconds;
    bool onlyCopy = false;
    bool again = false;
    bool json = false;
};

// Throws engine::Error if it is neither in the catalogue nor a repository.
DownloadJob jobOf(const DownloadArguments& arguments, const DataPaths& paths) {
    const QString text = QString::fromStdString(arguments.model);
    DownloadJob job;
    const std::optional<CatalogueEntry> entry = entryNamed(wholeCatalogue(paths.dataFolder), text);
    if (entry && !entry->shipped.isEmpty()) {
        throw engine::Error(engine::ErrorCode::InvalidRequest,
                            ALCOVE_TEXT("engine", "%1 is in the box: there is nothing to download."),
                            entry->title.toStdString());
    }
    const std::optional<RepositoryAddress> address = repositoryNamed(text);
    if (!entry && !address) {
        throw engine::Error(
            engine::ErrorCode::InvalidRequest,
            ALCOVE_TEXT("engine",
                        "\"%1\" is neither a model on offer nor a repository. Give its name as in %2, or as "
                        "ORG/NAME or ORG/NAME@REVISION."),
            arguments.model, "alcove-cli library list");
    }
    job.repository = entry ? entry->repository : address->repository;
    job.revision = entry ? entry->revision : address->revision;
    job.files = entry ? entry->files : QList<ListedFile>();
    job.commit = job.files.isEmpty() ? QString() : job.revision;
    job.ggufFile = QString::fromStdString(arguments.file);
    job.quantize = formNamed(QString::fromStdString(arguments.quantize)).value_or(QuantizedForm::None);
    job.keepOriginals = !arguments.onlyCopy;
    const QString given = qEnvironmentVariable("HF_ENDPOINT").trimmed();
    job.base = !arguments.base.empty()               ? QString::fromStdString(arguments.base)
               : address && !address->base.isEmpty() ? address->base
               : !given.isEmpty()                    ? given
                                                     : kDefaultBase;
    while (job.base.endsWith(u'/')) {
        job.base.chop(1);
    }
    return job;
}

QString seconds(qint64 count) {
    constexpr qint64 kMinute = 60;
    constexpr qint64 kHour = 3600;
    return count < kMinute ? QStringLiteral("%1 s").arg(count)
           : count < kHour ? QStringLiteral("%1 min").arg((count + kMinute - 1) / kMinute)
                           : QStringLiteral("%1 h %2 min").arg(count / kHour).arg(count % kHour / kMinute);
}

QString amount(qint64 bytes) {
    return QString::fromStdString(byteCount(static_cast<std::uint64_t>(bytes)));
}

void showProgress(const DownloadProgress& progress, ProgressBar& bar) {
    const double share =
        progress.total > 0 ? static_cast<double>(progress.bytes) / static_cast<double>(progress.total) : -1;
    if (!progress.waiting.isEmpty()) {
        bar.show(share, progress.waiting);
    } else if (progress.step == DownloadStep::Fetching) {
        QString text = QStringLiteral("%1 of %2").arg(amount(progress.bytes), amount(progress.total));
        if (progress.perSecond > 0) {
            text += QStringLiteral(", %1/s").arg(amount(progress.perSecond));
        }
        if (progress.secondsLeft) {
            text += QStringLiteral(", %1 left").arg(seconds(*progress.secondsLeft));
        }
        bar.show(share, text);
    } else if (progress.step == DownloadStep::Quantizing) {
        bar.show(share, QStringLiteral("making the smaller copy"));
    } else {
        bar.show(-1, QStringLiteral("asking for the list of files"));
    }
}

// A checkpoint that another program has downloaded is used where it is. Empty: there is none.
QString foundInHubCache(const DownloadJob& job, const DataPaths& paths) {
    const QString snapshot = hubCacheSnapshot(hubCacheFolder(), job.repository, job.revision);
    if (snapshot.isEmpty()) {
        return {};
    }
    const CheckpointEntry entry = CheckpointLibrary({}).examine(snapshot, interrupted());
    if (!entry.usable) {
        return {};
    }
    SettingsFile file(paths.settingsFile);
    Settings settings = file.load();
    if (!settings.addedCheckpoints.contains(entry.path)) {
        settings.addedCheckpoints << entry.path;
        if (const QString problem = file.save(settings); !problem.isEmpty()) {
            writeSentence(problem);
            return {};
        }
    }
    return entry.path;
}

int report(const DownloadArguments& arguments, const DownloadJob& job, const QString& path, bool fromCache) {
    if (arguments.json) {
        const std::optional<SourceRecord> source = readSource(path);
        writeJson({{"path", path.toStdString()},
                   {"repository", job.repository.toStdString()},
                   {"revision", job.revision.toStdString()},
                   {"commit", source ? source->commit.toStdString() : ""},
                   {"in_place", fromCache}});
    } else {
        writeText(path.toStdString() + "\n");
    }
    return 0;
}

int runDownload(const DownloadArguments& arguments) {
    watchInterrupts();
    const DataPaths paths = prepareDataPaths();
    if (!paths.problem.isEmpty()) {
        writeSentence(QStringLiteral("alcove-cli: ") + paths.problem);
        return kDownloadFailed;
    }
    const DownloadJob job = jobOf(arguments, paths);
    if (!arguments.again) {
        if (const QString path = foundInHubCache(job, paths); !path.isEmpty()) {
            writeSentence(QStringLiteral("Another program has downloaded it already: it is used where it is."));
            return report(arguments, job, path, true);
        }
    }
    DownloadWish wish{.job = job,
                      .token = qEnvironmentVariable("HF_TOKEN").trimmed(),
                      .proxy = QString::fromStdString(arguments.proxy)};
    wish.limits.attempts = arguments.attempts;
    wish.limits.stallMs = arguments.timeout * kMilliseconds;
    wish.limits.trickleMs = 2 * wish.limits.stallMs;
    Download download(std::move(wish), {.checkpointFolder = paths.checkpointFolder,
                                        .copiesFolder = paths.copiesFolder,
                                        .logFile = networkLogFile(paths.dataFolder),
                                        .starter = &startFetch});
    QEventLoop loop;
    ProgressBar bar;
    int exitCode = 0;
    QStringList announced;
    QObject::connect(&download, &Download::progressed, &loop, [&] {
        for (const QString& host : download.progress().hosts) {
            if (!announced.contains(host)) {
                announced << host;
                bar.clear();
                writeSentence(QStringLiteral("%1 leads to %2, which has the files.").arg(QUrl(job.base).host(), host));
            }
        }
        showProgress(download.progress(), bar);
    });
    QObject::connect(&download, &Download::finished, &loop, [&](const QString& path) {
        bar.clear();
        exitCode = report(arguments, job, path, false);
        loop.quit();
    });
    QObject::connect(&download, &Download::failed, &loop, [&](const QString& sentence, const QString& kind) {
        bar.clear();
        writeSentence(QStringLiteral("alcove-cli: ") + sentence);
        if (arguments.json) {
            writeJson({{"failed", kind.toStdString()}, {"sentence", sentence.toStdString()}});
        }
        exitCode = kDownloadFailed;
        loop.quit();
    });
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        if (interrupted()) {
            download.stop();
            bar.clear();
            writeSentence(QStringLiteral("Stopped. The same command carries on."));
            exitCode = kInterruptedExit;
            loop.quit();
        }
    });
    constexpr int kLookEveryMs = 50;
    look.start(kLookEveryMs);
    download.start();
    loop.exec();
    return exitCode;
}

}  // namespace

void addLibraryDownload(CLI::App& library, Command& chosen) {
    CLI::App* command = library.add_subcommand(
        "download", "Download a model: one on offer, or ORG/NAME, ORG/NAME@REVISION or its address");
    command->footer(
        "The same command carries on where an earlier one ended. The hub is that of --base, of HF_ENDPOINT, or\n"
        "https://huggingface.co; an access token is taken from HF_TOKEN, and sent to no other host.");
    const auto arguments = std::make_shared<DownloadArguments>();
    command->add_option("MODEL", arguments->model, "The model")->required()->type_name("");
    command->add_option("--base", arguments->base, "The address of the hub, or of a mirror")->type_name("URL");
    command->add_option("--quantize", arguments->quantize, "Make a smaller copy: q4_0, q8_0 or none (default none)")
        ->type_name("T")
        ->check(CLI::IsMember({"q4_0", "q8_0", "none"}).description(""));
    command->add_flag("--only-copy", arguments->onlyCopy, "Keep the smaller copy alone");
    command->add_option("--file", arguments->file, "Of a repository with several GGUF files, the one to take")
        ->type_name("NAME");
    command
        ->add_option("--proxy", arguments->proxy,
                     "system, none, http://HOST:PORT or socks5://HOST:PORT (default system)")
        ->type_name("P");
    command->add_option("--attempts", arguments->attempts, "How often in a row it may fail (default 6)")
        ->type_name("N")
        ->check(CLI::Range(1, 100).description(""));
    command->add_option("--timeout", arguments->timeout, "Seconds without a byte that are a failure (default 30)")
        ->type_name("S")
        ->check(CLI::Range(1, 3600).description(""));
    command->add_flag("--again", arguments->again, "Download it even if another program's cache has it");
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runDownload(*arguments); }; });
}

}  // namespace alcove::cli
