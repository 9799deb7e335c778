#include "app/chat/message_block_model.h"

#include "app/chat/safe_markdown.h"

namespace alcove {

int MessageBlockModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant MessageBlockModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const Row& row = m_rows[index.row()];
    switch (role) {
        case KindRole:
            return row.block.code ? QStringLiteral("code") : QStringLiteral("markdown");
        case Qt::DisplayRole:
        case TextRole:
            return row.shown;
        case LanguageRole:
            return row.block.language;
        case OpenRole:
            return row.block.open;
        default:
            return {};
    }
}

QHash<int, QByteArray> MessageBlockModel::roleNames() const {
    return {{KindRole, "kind"}, {TextRole, "text"}, {LanguageRole, "language"}, {OpenRole, "open"}};
}

void MessageBlockModel::append(const QString& piece) {
    m_splitter.append(piece);
    update();
}

void MessageBlockModel::finish() {
    m_splitter.finish();
    update();
}

void MessageBlockModel::update() {
    const QList<MessageBlock>& blocks = m_splitter.blocks();
    const auto rowFor = [](const MessageBlock& block) {
        return Row{block, block.code ? block.text : safeMarkdown(block.text)};
    };
    // Only the last row can differ from what it was.
    if (const int last = count() - 1; last >= 0) {
        if (m_rows[last].block != blocks[last]) {
            m_rows[last] = rowFor(blocks[last]);
            emit dataChanged(index(last), index(last));
        }
    }
    if (blocks.size() > m_rows.size()) {
        beginInsertRows({}, count(), static_cast<int>(blocks.size()) - 1);
        while (m_rows.size() < blocks.size()) {
            m_rows.append(rowFor(blocks[m_rows.size()]));
        }
        endInsertRows();
        emit countChanged();
    }
}

}  // namespace alcove

#include "moc_message_block_model.cpp"
