// Finds the block of a message in which a text stands, also where blocks are still to come.
#pragma once

#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtQml/qqmlregistration.h>

#include "app/chat/message_block_model.h"

namespace alcove {

// GUI thread. Unfolds a folded message as far as need be. Of what is not found nothing is heard.
class BlockSeeker : public QObject {
    Q_OBJECT
    QML_ELEMENT

public:
    explicit BlockSeeker(QObject* parent = nullptr);

    // The place where `text` stands for the `ordinal`-th time, from 0 on.
    Q_INVOKABLE void seek(alcove::MessageBlockModel* blocks, const QString& text, int ordinal);
    Q_INVOKABLE void stop();
    // Where it stands in what is shown of a block: begin and end; empty: nowhere, as in what Markdown is written with.
    Q_INVOKABLE QList<int> rangeIn(const QString& shown, const QString& text, int ordinal) const;

signals:
    // In that row for the `ordinal`-th time.
    void found(int row, int ordinal);

private:
    void goOn();

    QPointer<MessageBlockModel> m_blocks;
    QString m_text;
    int m_left = 0;  // times it stands before the place, from m_row on
    int m_row = 0;
};

}  // namespace alcove
