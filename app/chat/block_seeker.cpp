#include "app/chat/block_seeker.h"

#include "app/search/find_text.h"

namespace alcove {
namespace {

constexpr qsizetype kMostInBlock = 10000;

}  // namespace

BlockSeeker::BlockSeeker(QObject* parent) : QObject(parent) {
}

void BlockSeeker::seek(MessageBlockModel* blocks, const QString& text, int ordinal) {
    stop();
    m_blocks = blocks;
    m_text = text;
    m_left = ordinal;
    m_row = 0;
    if (m_blocks) {
        // Not while the model changes, since it may be asked for more.
        connect(m_blocks, &MessageBlockModel::countChanged, this, &BlockSeeker::goOn, Qt::QueuedConnection);
        connect(m_blocks, &MessageBlockModel::foldChanged, this, &BlockSeeker::goOn, Qt::QueuedConnection);
        goOn();
    }
}

void BlockSeeker::stop() {
    if (m_blocks) {
        m_blocks->disconnect(this);
    }
    m_blocks = nullptr;
}

void BlockSeeker::goOn() {
    if (!m_blocks) {
        return;
    }
    const TextFinder wanted(m_text);
    for (; m_row < m_blocks->count(); ++m_row) {
        const QString text = m_blocks->data(m_blocks->index(m_row), MessageBlockModel::TextRole).toString();
        const auto here = static_cast<int>(wanted.ranges(text, kMostInBlock).size());
        if (m_left < here) {
            const int row = m_row;
            stop();
            emit found(row, m_left);
            return;
        }
        m_left -= here;
    }
    if (m_blocks->folded()) {
        m_blocks->showMore();
    }
}

QList<int> BlockSeeker::rangeIn(const QString& shown, const QString& text, int ordinal) const {
    const QList<TextRange> ranges = TextFinder(text).ranges(shown, ordinal + 1);
    if (ranges.isEmpty()) {
        return {};
    }
    const TextRange& range = ranges.last();
    return {static_cast<int>(range.begin), static_cast<int>(range.end)};
}

}  // namespace alcove

#include "moc_block_seeker.cpp"
