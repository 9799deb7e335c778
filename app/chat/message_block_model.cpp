#include "app/chat/message_block_model.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "app/chat/turn_budget.h"

namespace alcove {

namespace {

constexpr qsizetype kCharactersInALine = 90;  // of the window at its usual width

QString nameOf(const MessageBlock& block) {
    switch (block.kind) {
        case MessageBlock::Kind::Markdown:
            return BlockSplitter::isTable(block) ? QStringLiteral("table") : QStringLiteral("markdown");
        case MessageBlock::Kind::Code:
            return QStringLiteral("code");
        case MessageBlock::Kind::Plain:
            return QStringLiteral("plain");
    }
    Q_UNREACHABLE();
}

}  // namespace

MessageBlockModel::MessageBlockModel(BlockSplitter::Form form, TurnBudget* budget, QObject* parent)
    : QAbstractListModel(parent), m_budget(budget), m_splitter(form), m_views(budget == nullptr ? 1 : 0) {
}

int MessageBlockModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant MessageBlockModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const MessageBlock& block = m_splitter.blocks()[index.row()];
    switch (role) {
        case KindRole:
            return nameOf(block);
        case Qt::DisplayRole:
        case TextRole:
            return block.text;
        case LanguageRole:
            return block.language;
        case OpenRole:
            return isOpen(index.row());
        case ContinuesRole:
            return block.continues;
        case LevelRole:
            return block.level;
        default:
            return {};
    }
}

QHash<int, QByteArray> MessageBlockModel::roleNames() const {
    return {{KindRole, "kind"}, {TextRole, "text"},           {LanguageRole, "language"},
            {OpenRole, "open"}, {ContinuesRole, "continues"}, {LevelRole, "level"}};
}

void MessageBlockModel::append(const QString& piece) {
    m_splitter.append(piece);
    advance();
}

void MessageBlockModel::finish() {
    m_splitter.finish();
    m_finished = true;
    advance();
    if (m_count > 0 && m_splitter.blocks()[m_count - 1].open) {  // the rest of it is folded
        emit dataChanged(index(headOf(m_count - 1)), index(m_count - 1), {OpenRole});
    }
}

void MessageBlockModel::expect(qsizetype characters, std::function<QString()> readText) {
    m_expected = characters;
    m_readText = std::move(readText);
    advance();
}

void MessageBlockModel::complete(const QString& text) {
    m_expected = 0;
    m_splitter.goOnAs(text);
    finish();
}

QString MessageBlockModel::code(int row) {
    if (m_expected > 0) {
        if (const QString text = m_readText(); !text.isEmpty()) {
            complete(text);
        }
    }
    return m_expected > 0 ? QString() : m_splitter.codeAt(row);
}

// Of a row, or of what goes on with it.
bool MessageBlockModel::isOpen(int row) const {
    const QList<MessageBlock>& blocks = m_splitter.blocks();
    while (row + 1 < m_count && blocks[row + 1].continues) {
        ++row;
    }
    return blocks[row].open && !m_finished;
}

// The row that the block begins with that a row goes on with.
int MessageBlockModel::headOf(int row) const {
    while (row > 0 && m_splitter.blocks()[row].continues) {
        --row;
    }
    return row;
}

// The last words of a message are not worth a fold.
bool MessageBlockModel::full() const {
    return m_splitter.splitCost() >= m_limit &&
           (!m_finished || m_splitter.waitingCharacters() > BlockSplitter::kLineCharacters);
}

void MessageBlockModel::showMore() {
    m_limit = m_splitter.splitCost() + kMoreCost;
    advance();
}

void MessageBlockModel::showAll() {
    if (canShowAll()) {
        m_limit = std::numeric_limits<qsizetype>::max();
        advance();
    }
}

void MessageBlockModel::present() {
    ++m_views;
    if (m_count > 0) {
        beginResetModel();
        m_count = 0;
        endResetModel();
        emit countChanged();
    }
    advance();
}

void MessageBlockModel::dismiss() {
    --m_views;
}

bool MessageBlockModel::waiting() const {
    const bool blocksWait = m_count < m_splitter.blocks().size();
    return m_views > 0 && (blocksWait || (!full() && (m_behind || m_splitter.waiting())));
}

int MessageBlockModel::waitingLines() const {
    qsizetype characters =
        full() ? 0 : std::min(m_splitter.waitingCharacters(), std::max(m_limit - m_splitter.splitCost(), qsizetype(0)));
    for (qsizetype i = m_count; i < m_splitter.blocks().size(); ++i) {
        characters += m_splitter.blocks()[i].text.size();
    }
    const bool shownSoon = characters > 0 && (waiting() || m_views == 0);
    return shownSoon ? static_cast<int>(characters / kCharactersInALine) + 1 : 0;
}

void MessageBlockModel::advance() {
    constexpr qsizetype kNoLimit = std::numeric_limits<qsizetype>::max();
    const auto left = [this] { return m_budget != nullptr ? m_budget->left() : kNoLimit; };
    if (m_views > 0 && m_count < m_splitter.blocks().size()) {
        showAgain(left());
    }
    m_behind = left() <= 0 || m_views == 0;
    if (!m_behind && !full() && m_count == m_splitter.blocks().size()) {
        const qsizetype cost = m_splitter.splitCost();
        split(std::min(left(), cost < m_limit ? m_limit - cost : BlockSplitter::kLineCharacters));
    }
    if (m_budget != nullptr && waiting()) {
        m_budget->await(*this);
    }
    const Announced now = {hiddenCharacters(), waitingLines()};
    const Announced last = std::exchange(m_announced, now);
    if (last.hiddenCharacters != now.hiddenCharacters) {
        emit foldChanged();
    }
    if (last.waitingLines != now.waitingLines) {
        emit waitingLinesChanged();
    }
}

// Rows of blocks that another view has shown.
void MessageBlockModel::showAgain(qsizetype cost) {
    const QList<MessageBlock>& blocks = m_splitter.blocks();
    const bool whole = m_budget == nullptr || m_budget->whole();
    qsizetype spent = 0;
    int end = m_count;
    while (end < blocks.size()) {
        const QString& text = blocks[end].text;
        const qsizetype next =
            BlockSplitter::weightOf(text) + text.count(u'\n') * BlockSplitter::kLineCost + BlockSplitter::kBlockCost;
        if (spent + next > cost && !(whole && spent == 0)) {
            break;
        }
        spent += next;
        ++end;
    }
    if (end == m_count) {
        return;
    }
    spend(spent);
    beginInsertRows({}, m_count, end - 1);
    m_count = end;
    endInsertRows();
    emit countChanged();
    spend(0);
}

void MessageBlockModel::spend(qsizetype cost) {
    if (m_budget != nullptr) {
        m_budget->spend(cost);
    }
}

void MessageBlockModel::split(qsizetype cost) {
    const qsizetype blocks = m_splitter.blocks().size();
    const MessageBlock last = blocks > 0 ? m_splitter.blocks().last() : MessageBlock{};
    const qsizetype spent = m_splitter.split(cost, m_budget == nullptr || m_budget->whole());
    spend(spent);
    tell(blocks, last);
    spend(0);
}

void MessageBlockModel::tell(qsizetype blocksBefore, const MessageBlock& lastBefore) {
    const QList<MessageBlock>& blocks = m_splitter.blocks();
    if (blocksBefore > 0 && blocks[blocksBefore - 1] != lastBefore) {
        const int row = static_cast<int>(blocksBefore) - 1;
        emit dataChanged(index(row), index(row));
        if (headOf(row) != row && blocks[row].open != lastBefore.open) {
            emit dataChanged(index(headOf(row)), index(headOf(row)), {OpenRole});
        }
    }
    if (blocks.size() > m_count) {
        beginInsertRows({}, m_count, static_cast<int>(blocks.size()) - 1);
        m_count = static_cast<int>(blocks.size());
        endInsertRows();
        emit countChanged();
    }
}

}  // namespace alcove

#include "moc_message_block_model.cpp"
