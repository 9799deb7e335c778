#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/process/sandbox.h"

namespace alcove::cli {

namespace {

constexpr int kNotEnforced = 1;

const char* protectionKey(Protection protection) {
    switch (protection) {
        case Protection::NoNewPrivileges:
            return "no_new_privileges";
        case Protection::NoNetwork:
            return "no_network";
        case Protection::NoInspection:
            break;
    }
    return "no_inspection";
}

engine::TranslatableText protectionName(Protection protection) {
    switch (protection) {
        case Protection::NoNewPrivileges:
            return ALCOVE_TEXT("engine", "No new rights");
        case Protection::NoNetwork:
            return ALCOVE_TEXT("engine", "No network");
        case Protection::NoInspection:
            break;
    }
    return ALCOVE_TEXT("engine", "No look into other programs");
}

bool holds(const ProtectionState& state, const std::vector<ProtectionTrial>& trials) {
    return state.enforced && std::all_of(trials.begin(), trials.end(), [&state](const ProtectionTrial& trial) {
               return trial.protection != state.protection || trial.refused;
           });
}

int runPrivacy(bool json) {
    const std::vector<ProtectionTrial> trials = tryProtections();
    bool all = true;
    nlohmann::ordered_json states = nlohmann::ordered_json::array();
    std::vector<TableRow> rows;
    for (const ProtectionState& state : protections()) {
        const bool enforced = holds(state, trials);
        all = all && enforced;
        states.push_back(
            {{"name", protectionKey(state.protection)}, {"enforced", enforced}, {"problem", state.problem}});
        rows.push_back({protectionName(state.protection),
                        enforced ? engine::Sentence(ALCOVE_TEXT("engine", "enforced by the kernel"))
                        : state.problem.empty()
                            ? engine::Sentence(ALCOVE_TEXT("engine", "not enforced"))
                            : engine::Sentence(ALCOVE_TEXT("engine", "not enforced: %1"), state.problem)});
    }
    nlohmann::ordered_json tried = nlohmann::ordered_json::array();
    for (const ProtectionTrial& trial : trials) {
        tried.push_back({{"call", trial.what}, {"refused", trial.refused}, {"answer", trial.answer}});
        rows.push_back({engine::Sentence::verbatim("  " + trial.what),
                        trial.refused ? engine::Sentence(ALCOVE_TEXT("engine", "refused: %1"), trial.answer)
                                      : engine::Sentence(ALCOVE_TEXT("engine", "allowed"))});
    }
    if (json) {
        writeJson({{"enforced", all}, {"protections", states}, {"trials", tried}});
    } else {
        writeTable(rows);
    }
    return all ? 0 : kNotEnforced;
}

}  // namespace

void addPrivacy(CLI::App& app, Command& chosen) {
    auto json = std::make_shared<bool>(false);
    CLI::App* command = app.add_subcommand("privacy", "Show what the kernel enforces here, by trying it");
    command->footer("The exit code is 1 if anything that Alcove promises is not enforced.");
    addJson(*command, *json);
    command->callback([json, &chosen] { chosen = [json] { return runPrivacy(*json); }; });
}

}  // namespace alcove::cli
