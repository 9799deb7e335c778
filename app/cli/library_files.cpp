#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <QFileInfo>
#include <nlohmann/json.hpp>

#include "app/checkpoints/checkpoint_library.h"
#include "app/checkpoints/file_path.h"
#include "app/cli/interrupt.h"
#include "app/cli/library.h"
#include "app/cli/line_reader.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "app/downloads/added_repositories.h"
#include "app/downloads/file_selection.h"
#include "app/downloads/importing.h"
#include "app/downloads/removing.h"
#include "app/downloads/source_record.h"
#include "engine/base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/finite.h"

namespace alcove::cli {

namespace {

constexpr int kNotRight = 1;

struct FilesArguments {
    std::string model;
    bool copy = false;
    bool yes = false;
    bool json = false;
};

double shareOf(qint64 done, qint64 total) {
    return total > 0 ? static_cast<double>(done) / static_cast<double>(total) : -1;
}

std::string text(const QString& value) {
    return value.toStdString();
}

void saveSettings(SettingsFile& file, const Settings& settings) {
    if (const QString problem = file.save(settings); !problem.isEmpty()) {
        throw engine::Error(engine::ErrorCode::FileUnwritable, engine::Sentence::verbatim(text(problem)));
    }
}

int runImport(const FilesArguments& arguments) {
    watchInterrupts();
    const DataPaths paths = prepareDataPaths();
    SettingsFile file(paths.settingsFile);
    Settings settings = file.load();
    const QString location = CheckpointLibrary::locationOf(QString::fromStdString(arguments.model));
    if (const QString refusal = CheckpointLibrary::refusal(location); !refusal.isEmpty()) {
        throw engine::Error(engine::ErrorCode::FileMissing, engine::Sentence::verbatim(text(refusal)));
    }
    const QList<CheckpointEntry> installed = installedCheckpoints(paths, settings);
    QString path = location;
    bool known = false;
    for (const CheckpointEntry& entry : installed) {
        known = known || entry.path == location;
    }
    if (known) {
        writeSentence(QStringLiteral("It is in the library already."));
    } else if (const std::optional<CheckpointEntry> same = sameContent(location, installed, interrupted())) {
        known = true;
        path = same->path;
        writeSentence(QStringLiteral("The library has the same model already."));
    } else if (arguments.copy) {
        ProgressBar bar;
        path = copyIntoLibrary(
            location, paths.checkpointFolder,
            [&bar](qint64 done, qint64 total) { bar.show(shareOf(done, total), QStringLiteral("copying")); },
            interrupted());
    } else {
        settings.addedCheckpoints << location;
        saveSettings(file, settings);
    }
    if (arguments.json) {
        writeJson({{"path", text(path)}, {"known", known}, {"copied", !known && arguments.copy}});
    } else {
        writeText(text(path) + "\n");
    }
    return 0;
}

// Opens all of it, where nothing says what its files should be.
QStringList problemsOfContent(const CheckpointEntry& entry) {
    try {
        const engine::Checkpoint checkpoint = engine::Checkpoint::open(toPath(entry.path), interrupted());
        for (const engine::TensorView& tensor : checkpoint.tensors()) {
            engine::Cancellation(interrupted()).check(ALCOVE_TEXT("engine", "Verifying was stopped."));
            engine::requireFinite(tensor);
        }
        checkpoint.requireUnchanged();
        return {};
    } catch (const engine::Error& error) {
        if (error.code() == engine::ErrorCode::Cancelled) {
            throw;
        }
        return {QString::fromUtf8(error.what())};
    }
}

int runVerify(const FilesArguments& arguments) {
    watchInterrupts();
    const DataPaths paths = locateDataPaths();
    const Settings settings = SettingsFile(paths.settingsFile).load();
    const CheckpointEntry entry = installedNamed(paths, settings, QString::fromStdString(arguments.model));
    const std::optional<SourceRecord> source = readSource(entry.path);
    const bool byHash = source && !source->files.isEmpty();
    QStringList problems;
    if (byHash) {
        ProgressBar bar;
        const qint64 total = bytesOf(source->files);
        problems = verifyFiles(
            entry.path, *source,
            [&bar, total](qint64 done) { bar.show(shareOf(done, total), QStringLiteral("verifying")); }, interrupted());
    } else {
        problems = problemsOfContent(entry);
    }
    if (arguments.json) {
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (const QString& problem : problems) {
            list.push_back(text(problem));
        }
        writeJson({{"path", text(entry.path)}, {"by", byHash ? "hash" : "content"}, {"problems", list}});
    } else if (problems.isEmpty()) {
        writeText(byHash ? "Every file is what it was when it was downloaded.\n"
                         : "It can be read, and all its numbers are finite; what it was when it came is not known.\n");
    }
    for (const QString& problem : problems) {
        writeSentence(problem);
    }
    return problems.isEmpty() ? 0 : kNotRight;
}

bool agreed(const QString& question) {
    if (::isatty(STDIN_FILENO) != 1) {
        writeSentence(QStringLiteral("Nothing was removed: there is nobody to ask. --yes removes without asking."));
        return false;
    }
    writeText(text(question));
    LineReader lines;
    return lines.next(-1) == "yes";
}

int runRemove(const FilesArguments& arguments) {
    watchInterrupts();
    const DataPaths paths = locateDataPaths();
    SettingsFile file(paths.settingsFile);
    Settings settings = file.load();
    const QString name = QString::fromStdString(arguments.model);
    if (const std::optional<RepositoryAddress> address = repositoryNamed(name);
        address && removeRepository(paths.dataFolder, address->repository, address->revision)) {
        writeText("It is no longer on offer.\n");
        return 0;
    }
    const CheckpointEntry entry = installedNamed(paths, settings, name);
    if (entry.addedByPath) {
        settings.addedCheckpoints.removeIf(
            [&entry](const QString& each) { return CheckpointLibrary::locationOf(each) == entry.path; });
        saveSettings(file, settings);
        if (arguments.json) {
            writeJson({{"path", text(entry.path)}, {"deleted", false}, {"freed", 0}});
        } else {
            writeText("It is no longer in the library; its files stay at " + text(entry.path) + ".\n");
        }
        return 0;
    }
    const qint64 freed = bytesFreed(entry.path, paths.copiesFolder);
    const QString question = QStringLiteral("Delete %1, which frees %2? Type yes: ")
                                 .arg(entry.path, QString::fromStdString(byteCount(static_cast<std::uint64_t>(freed))));
    if (isOwn(entry.path, paths.checkpointFolder) && !arguments.yes && !agreed(question)) {
        return kNotRight;
    }
    removeCheckpoint(entry.path, paths.checkpointFolder, paths.copiesFolder);
    if (arguments.json) {
        writeJson({{"path", text(entry.path)}, {"deleted", true}, {"freed", freed}});
    } else {
        writeText("Deleted; " + byteCount(static_cast<std::uint64_t>(freed)) + " are free.\n");
    }
    return 0;
}

int runAdd(const FilesArguments& arguments) {
    const std::optional<RepositoryAddress> address = repositoryNamed(QString::fromStdString(arguments.model));
    if (!address) {
        throw engine::Error(engine::ErrorCode::InvalidRequest,
                            ALCOVE_TEXT("engine",
                                        "\"%1\" is no repository. Give it as ORG/NAME, ORG/NAME@REVISION or its "
                                        "address."),
                            arguments.model);
    }
    addRepository(prepareDataPaths().dataFolder, *address);
    const std::string id = text(address->repository + u'@' + address->revision);
    if (arguments.json) {
        writeJson({{"added", id}});
    } else {
        writeText(id + " is on offer now. Nothing was downloaded yet.\n");
    }
    return 0;
}

std::shared_ptr<FilesArguments> addFilesCommand(CLI::App& library, Command& chosen, const char* name, const char* help,
                                                const char* argument, const char* argumentHelp,
                                                int (*run)(const FilesArguments&), CLI::App*& command) {
    command = library.add_subcommand(name, help);
    auto arguments = std::make_shared<FilesArguments>();
    command->add_option(argument, arguments->model, argumentHelp)->required()->type_name("");
    addJson(*command, arguments->json);
    command->callback([arguments, run, &chosen] { chosen = [arguments, run] { return run(*arguments); }; });
    return arguments;
}

}  // namespace

void addLibraryFiles(CLI::App& library, Command& chosen) {
    CLI::App* command = nullptr;
    addFilesCommand(library, chosen, "add", "Put a repository on offer; downloads nothing", "REPOSITORY",
                    "ORG/NAME, ORG/NAME@REVISION or its address", &runAdd, command);
    const auto import =
        addFilesCommand(library, chosen, "import", "Take a model on this machine into the library", "PATH",
                        "Its folder, its GGUF file, or a file of weights beside its config.json", &runImport, command);
    command->add_flag("--copy", import->copy, "Copy it into the library, instead of using it where it is");
    addFilesCommand(library, chosen, "verify", "Read all of a model, and see whether it is what it was", "MODEL",
                    "Its name, repository or path", &runVerify, command);
    const auto remove = addFilesCommand(library, chosen, "remove", "Delete a model, or take it off the list", "MODEL",
                                        "Its name, repository or path", &runRemove, command);
    command->add_flag("--yes", remove->yes, "Delete without asking");
}

}  // namespace alcove::cli
