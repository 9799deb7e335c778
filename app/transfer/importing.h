// Takes conversations from files into the history, each in one commit; or counts what that would add.
#pragma once

#include <functional>

#include <QList>
#include <QSet>
#include <QStringList>

#include "app/history/history_store.h"
#include "app/transfer/conversation_sink.h"
#include "engine/base/cancellation.h"

namespace alcove {

struct PassedOver {
    QString where;
    QString why;  // a sentence
};

struct ImportResult {
    int conversations = 0;  // that were not there
    int grown = 0;          // that were there, and got messages
    int unchanged = 0;      // that were there
    int messages = 0;       // added, to either
    int branches = 0;       // of these, those that have an elder sibling
    QList<PassedOver> passedOver;
    QList<PassedOver> damages;  // of these, what is broken
    bool cancelled = false;
};

constexpr qsizetype kMostPassedOver = 1000;  // that are named; the last one says how many more there are

enum class ImportMode { Add, Count };

class Importing : private ConversationSink {
public:
    // The store must outlive this. `progress` is called often, on the same thread: in bytes.
    Importing(HistoryStore& store, ImportMode mode, std::function<void(qint64 done, qint64 total)> progress = {});

    // Throws HistoryError where the history cannot take something in, and InputError where one of `paths` cannot be
    // read at all; result() then says what was done before. Cancelled: so does it, without an error.
    void run(const QStringList& paths, const engine::Cancellation& cancel);
    [[nodiscard]] const ImportResult& result() const { return m_result; }

private:
    void take(ConversationRecord conversation, const Where& where) override;
    void takeFolder(FolderRecord folder, const Where& where) override;
    void passOver(const Where& where, const QString& why, bool damaged) override;
    void progress(qint64 done, qint64 total) override;
    void finish();

    HistoryStore& m_store;
    ImportMode m_mode;
    std::function<void(qint64, qint64)> m_progress;
    ImportResult m_result;
    qsizetype m_unnamed = 0;
    QSet<QString> m_counted;  // sources, where nothing is added
};

}  // namespace alcove
