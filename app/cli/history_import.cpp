#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/checkpoints/file_path.h"
#include "app/cli/history_commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_line.h"
#include "app/transfer/importing.h"
#include "app/transfer/input_file.h"

namespace alcove::cli {

namespace {

constexpr int kNotAllRead = 1;

struct ImportArguments {
    std::vector<std::string> files;
    bool dryRun = false;
    bool json = false;
};

QString sentenceOf(const PassedOver& one) {
    return one.where.isEmpty() ? one.why : QStringLiteral("%1: %2").arg(one.where, one.why);
}

void reportJson(const ImportResult& result) {
    nlohmann::ordered_json skipped = nlohmann::ordered_json::array();
    for (const PassedOver& one : result.passedOver) {
        skipped.push_back({{"where", one.where.toStdString()}, {"why", one.why.toStdString()}});
    }
    writeJson({{"conversations", result.conversations},
               {"messages", result.messages},
               {"branches", result.branches},
               {"skipped", skipped}});
}

void reportText(const ImportResult& result, bool dryRun) {
    const QString line =
        (dryRun ? QStringLiteral("Would import %1 conversations with %2 messages, %3 of them on branches")
                : QStringLiteral("Imported %1 conversations with %2 messages, %3 of them on branches"))
            .arg(result.conversations)
            .arg(result.messages)
            .arg(result.branches);
    const QString before = result.grown + result.unchanged == 0
                               ? QString()
                               : QStringLiteral("; %1 were there already, %2 of them with new messages")
                                     .arg(result.grown + result.unchanged)
                                     .arg(result.grown);
    writeText((line + before + QStringLiteral(".\n")).toStdString());
    for (const PassedOver& one : result.passedOver) {
        writeText(QStringLiteral("  Left out: %1\n").arg(sentenceOf(one)).toStdString());
    }
}

int runImport(const ImportArguments& arguments) {
    watchInterrupts();
    HistoryStore store = openOwnHistory(arguments.dryRun ? HistoryUse::Reads : HistoryUse::Writes);
    QStringList paths;
    for (const std::string& file : arguments.files) {
        paths << fromPath(file);
    }
    constexpr unsigned kMegabyte = 20;
    ProgressLine line("MB");
    qint64 shown = -1;
    Importing importing(store, arguments.dryRun ? ImportMode::Count : ImportMode::Add, [&](qint64 done, qint64 total) {
        if (done >> kMegabyte != shown) {
            shown = done >> kMegabyte;
            line.show(static_cast<std::uint64_t>(shown), static_cast<std::uint64_t>(total >> kMegabyte));
        }
    });
    const auto report = [&] {
        line.clear();
        if (arguments.json) {
            reportJson(importing.result());
        } else {
            reportText(importing.result(), arguments.dryRun);
        }
    };
    try {
        importing.run(paths, engine::Cancellation(interrupted()));
    } catch (const std::exception&) {
        if (importing.result().conversations + importing.result().grown > 0) {
            report();  // it stays
        }
        throw;
    }
    report();
    if (importing.result().cancelled) {
        writeSentence(
            "alcove-cli: The import was stopped. What was imported until then stays; importing again adds the rest.");
        return kInterruptedExit;
    }
    for (const PassedOver& damage : importing.result().damages) {
        writeSentence(QStringLiteral("alcove-cli: %1").arg(sentenceOf(damage)));
    }
    return importing.result().damages.isEmpty() ? 0 : kNotAllRead;
}

}  // namespace

void addHistoryImport(CLI::App& group, Command& chosen) {
    CLI::App* command = group.add_subcommand("import", "Take conversations in from files of Alcove and other programs");
    command->footer(
        "Reads Alcove's JSON and exports of ChatGPT, LM Studio, llama.cpp's web UI, Open WebUI and GPT4All, as files, "
        "in\n"
        "ZIP archives or in folders; what a file is, its content tells. What is there already is not added again, and "
        "a\n"
        "conversation that has grown gets its new messages. The exit code is 1 where a file is damaged; what was whole "
        "in\n"
        "it is imported.");
    const auto arguments = std::make_shared<ImportArguments>();
    command->add_option("FILE", arguments->files, "Files, ZIP archives or folders")->required()->type_name("");
    command->add_flag("--dry-run", arguments->dryRun, "Only count what would be added, and say what would be left out");
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runImport(*arguments); }; });
}

}  // namespace alcove::cli
