#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/checkpoints/file_path.h"
#include "app/cli/history_commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/transfer/exporting.h"
#include "engine/files/new_file.h"

namespace alcove::cli {

namespace {

struct ExportArguments {
    std::vector<qint64> ids;
    std::string format = "md";
    std::string folder;
    std::string output;
    bool force = false;
    bool json = false;
};

ExportFormat formatNamed(const std::string& name) {
    return name == "json" ? ExportFormat::Json : name == "html" ? ExportFormat::Html : ExportFormat::Markdown;
}

bool isInFolder(const HistoryStore& store, const ConversationSummary& one, const QString& folder) {
    const QString name = store.folderPath(one.folderId).join(u'/');
    return name == folder || name.startsWith(folder + u'/');
}

// Those asked for, in their order; of a folder or all the oldest first.
QList<qint64> idsToExport(const HistoryStore& store, const ExportArguments& arguments) {
    QList<qint64> ids;
    const QList<ConversationSummary> all = store.conversations();
    for (const qint64 id : arguments.ids) {
        const bool known =
            std::any_of(all.begin(), all.end(), [id](const ConversationSummary& one) { return one.id == id; });
        if (!known) {
            throw HistoryError(
                HistoryError::Kind::NotFound,
                QStringLiteral("There is no conversation %1. \"alcove-cli history list\" shows those there are.")
                    .arg(id));
        }
        ids << id;
    }
    if (!arguments.ids.empty() && arguments.folder.empty()) {
        return ids;
    }
    const QString folder = QString::fromStdString(arguments.folder);
    std::for_each(all.crbegin(), all.crend(), [&](const ConversationSummary& one) {
        if (!ids.contains(one.id) && (folder.isEmpty() || isInFolder(store, one, folder))) {
            ids << one.id;
        }
    });
    if (ids.isEmpty() && !folder.isEmpty()) {
        throw HistoryError(HistoryError::Kind::NotFound,
                           QStringLiteral("There is no conversation in a folder %1.").arg(folder));
    }
    return ids;
}

QString pageTitle(const HistoryStore& store, const QList<qint64>& ids) {
    const std::optional<ConversationSummary> only =
        ids.size() == 1 ? store.conversationHead(ids.first()) : std::nullopt;
    return only ? only->title : QStringLiteral("Conversations");
}

int runExport(const ExportArguments& arguments) {
    watchInterrupts();
    const HistoryStore store = openOwnHistory(HistoryUse::Reads);
    const QList<qint64> ids = idsToExport(store, arguments);
    const bool all = arguments.ids.empty() && arguments.folder.empty();
    std::optional<engine::NewFile> file;
    if (!arguments.output.empty()) {
        file.emplace(toPath(QString::fromLocal8Bit(arguments.output.c_str())), 0, arguments.force);
    }
    const auto write = [&file](const QByteArray& text) {
        if (file) {
            file->append(std::as_bytes(std::span(text.constData(), static_cast<std::size_t>(text.size()))));
        } else {
            writeText(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
        }
    };
    exportConversations(store, ids, formatNamed(arguments.format), pageTitle(store, ids), all, write,
                        engine::Cancellation(interrupted()));
    if (file) {
        file->commit();
        if (arguments.json) {
            writeJson({{"conversations", ids.size()}, {"file", arguments.output}, {"bytes", file->written()}});
        }
    }
    return 0;
}

}  // namespace

void addHistoryExport(CLI::App& group, Command& chosen) {
    CLI::App* command = group.add_subcommand("export", "Write conversations as Markdown, JSON or a page of HTML");
    command->footer(
        "Markdown and HTML have the path that the window shows. JSON has everything: branches, settings, facts; "
        "import\n"
        "reads it. Without ID and --folder all conversations are written. Nothing is written over without --force.");
    const auto arguments = std::make_shared<ExportArguments>();
    command->add_option("ID", arguments->ids, "Numbers of conversations, as list shows them")->type_name("");
    command->add_option("--format", arguments->format, "md, json or html (default md)")
        ->type_name("F")
        ->check(CLI::IsMember({"md", "json", "html"}).description(""));
    command->add_option("--folder", arguments->folder, "Those in this folder, or in one of its folders: Work/Letters")
        ->type_name("NAME");
    command->add_option("-o,--output", arguments->output, "The file to write; without it, standard output")
        ->type_name("FILE");
    command->add_flag("--force", arguments->force, "Replace FILE if it is there already");
    command->add_flag("--json", arguments->json, "Write what was done as one line of JSON, with -o");
    command->callback([arguments, &chosen] { chosen = [arguments] { return runExport(*arguments); }; });
}

}  // namespace alcove::cli
