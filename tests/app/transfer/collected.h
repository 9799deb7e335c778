// What a reader hands over, as text to compare.
#pragma once

#include <QHash>

#include "app/transfer/conversation_sink.h"

namespace alcove::tests {

class Collected : public ConversationSink {
public:
    QList<ConversationRecord> conversations;
    QList<FolderRecord> folders;
    QStringList passedOver;
    bool damaged = false;
    qint64 done = 0;
    qint64 total = 0;

    void take(ConversationRecord conversation, const Where& /*where*/) override { conversations << conversation; }
    void takeFolder(FolderRecord folder, const Where& /*where*/) override { folders << folder; }
    void passOver(const Where& where, const QString& why, bool isDamage) override {
        passedOver << where + ": " + why;
        damaged = damaged || isDamage;
    }
    void progress(qint64 isDone, qint64 ofTotal) override {
        done = isDone;
        total = ofTotal;
    }

    // "chatgpt:id | title | folder/folder | pinned archived | system prompt", then a line for each message:
    // "id < parent author text (model, status)", "*" before those that are shown.
    [[nodiscard]] static QString described(const ConversationRecord& record) {
        QHash<QString, QString> parents;
        for (const MessageRecord& message : record.messages) {
            parents.insert(message.id, message.parentId);
        }
        QStringList shown;
        for (QString id = record.leafId; !id.isEmpty(); id = parents.value(id)) {
            shown << id;
        }
        QString flags = record.pinnedAt.isValid() ? "pinned" : "";
        flags += record.archivedAt.isValid() ? "archived" : "";
        QString text =
            QStringList{record.source, record.title, record.folder.join('/'), flags, record.settings.systemPrompt}.join(
                " | ") +
            '\n';
        for (const MessageRecord& message : record.messages) {
            QString words = message.text;
            words.replace('\n', "\\n");
            text += QString("%1%2 < %3 %4: %5")
                        .arg(shown.contains(message.id) ? "*" : " ", message.id, message.parentId,
                             message.author == Author::User ? "user" : "reply", words);
            if (!message.settings.checkpointName.isEmpty()) {
                text += " (" + message.settings.checkpointName + ')';
            }
            text += message.status == MessageStatus::Complete      ? "\n"
                    : message.status == MessageStatus::Stopped     ? " stopped\n"
                    : message.status == MessageStatus::Interrupted ? " interrupted\n"
                                                                   : " failed\n";
        }
        return text;
    }
    [[nodiscard]] QString described() const {
        QString text;
        for (const ConversationRecord& record : conversations) {
            text += described(record);
        }
        return text;
    }
};

}  // namespace alcove::tests
