#include "app/conversations/bin_model.h"

#include <QtCore/QLocale>
#include <QtCore/QSharedPointer>

#include "app/conversations/conversation_list_model.h"
#include "app/conversations/folder_list_model.h"
#include "app/history/bin.h"
#include "app/history/history_store.h"
#include "app/notices/notice_list_model.h"

namespace alcove {
namespace {

// On a thread of its own. Empty, or the sentence of what went wrong.
QString eraseBeside(const QString& folder, const QDateTime& time) {
    try {
        eraseBin(folder, time);
        return {};
    } catch (const HistoryError& error) {
        return error.sentence();
    }
}

}  // namespace

BinModel::BinModel(const Parts& parts, const QString& folder, QObject* parent)
    : QAbstractListModel(parent), m_parts(parts), m_folder(folder) {
}

BinModel::~BinModel() {
    finish();
}

int BinModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant BinModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const BinnedItem& item = m_items[index.row()];
    switch (role) {
        case Qt::DisplayRole:
        case NameRole:
            return item.name;
        case KindRole:
            return item.kind == BinnedItem::Kind::Conversation ? QStringLiteral("conversation")
                   : item.kind == BinnedItem::Kind::Folder     ? QStringLiteral("folder")
                                                               : QStringLiteral("branch");
        case DetailRole: {
            const QString day = QLocale().toString(item.binnedAt.toLocalTime().date(), QLocale::ShortFormat);
            const bool one = item.count == 1;
            const QString size = item.kind == BinnedItem::Kind::Folder
                                     ? (one ? tr("1 conversation") : tr("%L1 conversations").arg(item.count))
                                     : (one ? tr("1 message") : tr("%L1 messages").arg(item.count));
            return tr("%1 · %2").arg(size, day);
        }
        default:
            return {};
    }
}

QHash<int, QByteArray> BinModel::roleNames() const {
    return {{NameRole, "name"}, {KindRole, "kind"}, {DetailRole, "detail"}};
}

void BinModel::refresh() {
    beginResetModel();
    try {
        m_items = m_parts.store.bin();
    } catch (const HistoryError& error) {
        m_items.clear();
        m_parts.notices.add(NoticeListModel::Error, error.sentence());
    }
    endResetModel();
    emit countChanged();
}

void BinModel::restore(int row) {
    if (row < 0 || row >= count()) {
        return;
    }
    const BinnedItem item = m_items[row];
    try {
        switch (item.kind) {
            case BinnedItem::Kind::Conversation:
                m_parts.store.restoreConversations({item.id});
                break;
            case BinnedItem::Kind::Folder:
                m_parts.store.restoreFolder(item.id);
                break;
            case BinnedItem::Kind::Branch:
                m_parts.store.restoreBranch(item.id);
                break;
        }
    } catch (const HistoryError& error) {
        m_parts.notices.add(NoticeListModel::Error, error.sentence());
    }
    refresh();
    m_parts.folders.refresh();
    m_parts.conversations.refresh();
    if (item.kind == BinnedItem::Kind::Conversation) {
        emit restored(item.id);
    }
}

void BinModel::empty() {
    eraseBefore(QDateTime::currentDateTimeUtc().addYears(1), Failure::Told);
}

void BinModel::tidy(int days) {
    try {
        if (m_parts.store.readOnly()) {
            return;
        }
        const QDateTime now = QDateTime::currentDateTimeUtc();
        if (m_parts.store.binExpired(now) > 0) {
            m_parts.conversations.refresh();
        }
        eraseBefore(now.addDays(-days), Failure::Quiet);
    } catch (const HistoryError&) {
        // Tried again at the next start.
    }
}

void BinModel::eraseBefore(const QDateTime& time, Failure failure) {
    if (m_eraser) {
        return;
    }
    if (m_folder.isEmpty()) {
        try {
            m_parts.store.eraseBinned(time);
        } catch (const HistoryError& error) {
            m_parts.notices.add(NoticeListModel::Error, error.sentence());
        }
        refresh();
        return;
    }
    const auto problem = QSharedPointer<QString>::create();
    m_eraser.reset(QThread::create([folder = m_folder, time, problem] { *problem = eraseBeside(folder, time); }));
    m_eraser->setObjectName(QStringLiteral("alcove-eraser"));
    connect(m_eraser.get(), &QThread::finished, this, [this, problem, failure] {
        m_eraser->wait();
        m_eraser.release()->deleteLater();
        if (!problem->isEmpty() && failure == Failure::Told) {
            m_parts.notices.add(NoticeListModel::Error, *problem);
        }
        refresh();
        emit busyChanged();
    });
    m_eraser->start();
    emit busyChanged();
}

void BinModel::finish() {
    if (m_eraser) {
        m_eraser->wait();
    }
}

}  // namespace alcove

#include "moc_bin_model.cpp"
