#include <memory>
#include <optional>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <QFile>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/line_reader.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/history/file/session_lock.h"
#include "app/settings/data_paths.h"
#include "app/settings/traces.h"

namespace alcove::cli {

namespace {

constexpr int kNotDone = 1;

struct ForgetArguments {
    bool checkpoints = false;
    bool yes = false;
    bool json = false;
};

// Held while the history is removed, so that no program opens it meanwhile.
struct HistoryHold {
    std::optional<SessionLock> lock;
    bool inUse = false;
};

HistoryHold holdHistory(const DataPaths& paths) {
    HistoryHold hold;
    const QString file = paths.dataFolder + QStringLiteral("/history.lock");
    if (QFile::exists(file)) {
        hold.lock = SessionLock::take(file);
        hold.inUse = hold.lock && (hold.lock->othersAlive() || !hold.lock->beginOpening(0));
    }
    return hold;
}

std::string sizeOf(const Trace& trace) {
    return byteCount(static_cast<std::uint64_t>(trace.bytes));
}

const char* reasonKey(KeptTrace::Reason reason) {
    switch (reason) {
        case KeptTrace::Reason::Checkpoints:
            return "checkpoints";
        case KeptTrace::Reason::Link:
            return "symbolic_link";
        case KeptTrace::Reason::NotOurs:
            return "not_of_alcove";
        case KeptTrace::Reason::Failed:
            break;
    }
    return "failed";
}

QString sentenceFor(const KeptTrace& kept) {
    const QString size = QString::fromStdString(sizeOf(kept.trace));
    switch (kept.reason) {
        case KeptTrace::Reason::Checkpoints:
            return QStringLiteral("%1 (%2) stays: checkpoints that you put there. --checkpoints removes it too.")
                .arg(kept.trace.path, size);
        case KeptTrace::Reason::Link:
            return QStringLiteral("%1 stays: it is a symbolic link, and what it leads to is for you to remove.")
                .arg(kept.trace.path);
        case KeptTrace::Reason::NotOurs:
            return QStringLiteral("%1 (%2) stays: it is not Alcove's.").arg(kept.trace.path, size);
        case KeptTrace::Reason::Failed:
            break;
    }
    return QStringLiteral("%1 could not be removed: %2").arg(kept.trace.path, kept.problem);
}

bool asked() {
    if (::isatty(STDIN_FILENO) != 1) {
        writeSentence("Nothing was removed: there is no terminal to ask on. --yes removes without asking.");
        return false;
    }
    writeText("Remove all of this for good? Type yes: ");
    LineReader lines;
    const std::optional<std::string> answer = lines.next(-1);
    if (answer != "yes") {
        writeSentence("Nothing was removed.");
        return false;
    }
    return true;
}

void list(const Traces& traces) {
    std::vector<TableRow> rows;
    for (const Trace& trace : traces.removable) {
        rows.push_back(
            {engine::Sentence::verbatim(sizeOf(trace)), engine::Sentence::verbatim(trace.path.toStdString())});
    }
    writeTable(rows);
    for (const KeptTrace& kept : traces.kept) {
        writeText(sentenceFor(kept).toStdString() + "\n");
    }
}

int report(const Traces& traces, const QList<KeptTrace>& failed, bool removed, bool json) {
    if (json) {
        nlohmann::ordered_json found = nlohmann::ordered_json::array();
        for (const Trace& trace : traces.removable) {
            found.push_back({{"path", trace.path.toStdString()}, {"bytes", trace.bytes}});
        }
        nlohmann::ordered_json stays = nlohmann::ordered_json::array();
        for (const KeptTrace& kept : traces.kept + failed) {
            stays.push_back({{"path", kept.trace.path.toStdString()},
                             {"bytes", kept.trace.bytes},
                             {"reason", reasonKey(kept.reason)},
                             {"problem", kept.problem.toStdString()}});
        }
        writeJson({{"removed", removed}, {"traces", found}, {"kept", stays}});
    } else if (removed && failed.isEmpty()) {
        writeText("Removed.\n");
    }
    for (const KeptTrace& kept : failed) {
        writeSentence(sentenceFor(kept));
    }
    return removed && failed.isEmpty() ? 0 : kNotDone;
}

int runForget(const ForgetArguments& arguments) {
    const DataPaths paths = locateDataPaths();
    const HistoryHold hold = holdHistory(paths);
    if (hold.inUse) {
        writeSentence("alcove-cli: Alcove is running. Close its window and its chats in terminals first.");
        return kNotDone;
    }
    const Traces traces = findTraces(paths, arguments.checkpoints);
    if (!arguments.json) {
        list(traces);
        if (traces.removable.isEmpty()) {
            writeText("There is nothing to remove.\n");
            return 0;
        }
    }
    const bool agreed = arguments.yes || (!arguments.json && asked());
    const QList<KeptTrace> failed = agreed ? removeTraces(traces) : QList<KeptTrace>();
    return report(traces, failed, agreed, arguments.json);
}

}  // namespace

void addForget(CLI::App& app, Command& chosen) {
    CLI::App* command = app.add_subcommand(
        "forget-everything", "Remove everything Alcove keeps on this machine: conversations, settings, caches");
    command->footer(
        "Lists the files and folders first, and asks. Checkpoints stay unless --checkpoints is given. Links are not\n"
        "followed. With ALCOVE_DATA_DIR, of that folder only what has Alcove's names is removed. With --json nothing "
        "is\n"
        "asked: without --yes it only lists, and the exit code is 1.");
    const auto arguments = std::make_shared<ForgetArguments>();
    command->add_flag("--checkpoints", arguments->checkpoints, "Remove the folder of checkpoints too");
    command->add_flag("--yes", arguments->yes, "Remove without asking");
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runForget(*arguments); }; });
}

}  // namespace alcove::cli
