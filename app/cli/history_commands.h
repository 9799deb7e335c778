// The subcommands of `alcove-cli history`, and what they share.
#pragma once

#include <string>

#include <QDateTime>

#include "app/cli/commands.h"
#include "app/history/history_store.h"

namespace alcove::cli {

void addHistoryBackup(CLI::App& group, Command& chosen);  // backup, restore
void addHistoryBin(CLI::App& group, Command& chosen);     // bin
void addHistoryExport(CLI::App& group, Command& chosen);  // export
void addHistoryImport(CLI::App& group, Command& chosen);  // import
void addHistoryList(CLI::App& group, Command& chosen);    // list, stats
void addHistorySearch(CLI::App& group, Command& chosen);  // search
void addHistoryShow(CLI::App& group, Command& chosen);    // show

// The history of this person. What there is to tell of it goes to standard error. Throws HistoryError where it cannot
// be opened, or cannot be kept and `writes`.
enum class HistoryUse { Reads, Writes };
[[nodiscard]] HistoryStore openOwnHistory(HistoryUse use);

// "2026-11-29 13:05", here; and for machines.
[[nodiscard]] std::string localTime(const QDateTime& time);
[[nodiscard]] std::string exactTime(const QDateTime& time);

}  // namespace alcove::cli
