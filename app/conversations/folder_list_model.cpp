#include "app/conversations/folder_list_model.h"

#include <algorithm>

#include "app/conversations/conversation_list_model.h"
#include "app/history/history_store.h"
#include "app/notices/notice_list_model.h"

namespace alcove {
namespace {

constexpr int kDeepestRow = 32;

}  // namespace

FolderListModel::FolderListModel(HistoryStore& store, ConversationListModel& conversations, NoticeListModel& notices,
                                 QObject* parent)
    : QAbstractListModel(parent), m_store(store), m_conversations(conversations), m_notices(notices) {
    connect(&conversations, &ConversationListModel::placeChanged, this, [this] {
        if (count() > 0) {
            emit dataChanged(index(0), index(count() - 1), {HereRole});
        }
        emit changed();
    });
    refresh();
}

int FolderListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant FolderListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const Row& row = m_rows[index.row()];
    switch (role) {
        case FolderIdRole:
            return row.folder.id;
        case Qt::DisplayRole:
        case NameRole:
            return row.folder.name;
        case ColourRole:
            return row.folder.colour;
        case DepthRole:
            return row.depth;
        case HereRole:
            return row.folder.parentId == m_conversations.place();
        default:
            return {};
    }
}

QHash<int, QByteArray> FolderListModel::roleNames() const {
    return {{FolderIdRole, "folderId"},
            {NameRole, "name"},
            {ColourRole, "colour"},
            {DepthRole, "depth"},
            {HereRole, "here"}};
}

const Folder* FolderListModel::find(qint64 id) const {
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [id](const Row& row) { return row.folder.id == id; });
    return found == m_rows.end() ? nullptr : &found->folder;
}

QString FolderListModel::placeName() const {
    if (m_conversations.place() == ConversationListModel::Archive) {
        return tr("Archive");
    }
    const Folder* const folder = find(m_conversations.place());
    return folder != nullptr ? folder->name : QString();
}

int FolderListModel::placeAbove() const {
    const Folder* const folder = find(m_conversations.place());
    return folder != nullptr ? static_cast<int>(folder->parentId) : 0;
}

void FolderListModel::refresh() {
    change([] {});
}

template <typename Action>
void FolderListModel::change(const Action& action) {
    QList<Folder> folders;
    try {
        action();
        folders = m_store.folders();
    } catch (const HistoryError& error) {
        m_notices.add(NoticeListModel::Error, error.sentence());
        return;
    }
    beginResetModel();
    m_rows.clear();
    add(folders, 0, 0);
    endResetModel();
    emit changed();
    if (m_conversations.place() > 0 && find(m_conversations.place()) == nullptr) {
        m_conversations.setPlace(ConversationListModel::InNoFolder);
    }
}

void FolderListModel::add(const QList<Folder>& folders, qint64 parent, int depth) {
    for (const Folder& folder : folders) {
        if (folder.parentId == parent && depth < kDeepestRow) {
            m_rows << Row{folder, depth};
            add(folders, folder.id, depth + 1);
        }
    }
}

int FolderListModel::create(const QString& name, int parentId) {
    qint64 id = 0;
    change([&] { id = m_store.createFolder(name, parentId); });
    return static_cast<int>(id);
}

void FolderListModel::rename(int folderId, const QString& name) {
    change([&] { m_store.renameFolder(folderId, name); });
}

void FolderListModel::setColour(int folderId, const QString& colour) {
    change([&] { m_store.setFolderColour(folderId, colour); });
}

void FolderListModel::move(int folderId, int parentId) {
    change([&] { m_store.moveFolder(folderId, parentId); });
}

void FolderListModel::remove(int folderId) {
    const Folder* const folder = find(folderId);
    if (folder == nullptr) {
        return;
    }
    const QString name = folder->name;
    bool done = false;
    change([&] {
        m_store.binFolder(folderId);
        done = true;
    });
    if (!done) {
        return;
    }
    m_conversations.refresh();
    m_notices.dismiss(m_removalNotice);
    m_removalNotice =
        m_notices.add(NoticeListModel::Info, tr("The folder “%1” is in the bin, with all in it.").arg(name), tr("Undo"),
                      [this, folderId] {
                          change([&] { m_store.restoreFolder(folderId); });
                          m_conversations.refresh();
                          m_notices.dismiss(m_removalNotice);
                      });
}

}  // namespace alcove

#include "moc_folder_list_model.cpp"
