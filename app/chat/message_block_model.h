// One message as the blocks that the window draws: pieces of Markdown, and code.
#pragma once

#include <QtCore/QAbstractListModel>
#include <QtQml/qqmlregistration.h>

#include "app/chat/block_splitter.h"

namespace alcove {

// GUI thread. While the text grows only the last row changes; a row that another one follows never
// does. Text of kind "markdown" has been through safeMarkdown().
class MessageBlockModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role { KindRole = Qt::UserRole + 1, TextRole, LanguageRole, OpenRole };

    using QAbstractListModel::QAbstractListModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return static_cast<int>(m_rows.size()); }

    void append(const QString& piece);
    void finish();  // nothing is appended afterwards

signals:
    void countChanged();

private:
    struct Row {
        MessageBlock block;  // as the splitter gave it
        QString shown;       // the same, safe to draw
    };
    void update();

    BlockSplitter m_splitter;
    QList<Row> m_rows;
};

}  // namespace alcove
