#include "app/library/folder_listing.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QLocale>
#include <QtCore/QUrl>

#include "app/checkpoints/checkpoint_library.h"
#include "app/checkpoints/file_path.h"
#include "app/checkpoints/name_order.h"

namespace alcove {
namespace {

struct FolderText {
    Q_DECLARE_TR_FUNCTIONS(alcove::FolderListing)
};

bool isFile(const FolderEntry& entry) {
    return entry.kind == FolderEntry::ModelFile || entry.kind == FolderEntry::OtherFile;
}

void sortForPeople(QList<FolderEntry>& entries) {
    const QCollator byName = nameOrder();
    std::sort(entries.begin(), entries.end(), [&byName](const FolderEntry& left, const FolderEntry& right) {
        const bool leftFile = isFile(left);
        const bool rightFile = isFile(right);
        if (leftFile != rightFile) {
            return rightFile;
        }
        const int order = byName.compare(left.name, right.name);
        return order != 0 ? order < 0 : left.name < right.name;
    });
}

}  // namespace

FolderContents readFolder(const QString& folder, const std::atomic<bool>& cancel, bool allFiles) {
    FolderContents contents;
    std::error_code error;
    std::filesystem::directory_iterator entry(toPath(folder), error);
    contents.isModel = !error && CheckpointLibrary::holdsCheckpoint(folder);
    for (int seen = 0; !error && entry != std::filesystem::directory_iterator() && !cancel; entry.increment(error)) {
        if (++seen > kMostFolderEntries) {
            contents.problem =
                FolderText::tr("Only the first %1 entries are shown.").arg(QLocale().toString(kMostFolderEntries));
            break;
        }
        const QString path = fromPath(entry->path());
        const QString name = fromPath(entry->path().filename());
        std::error_code gone;
        if (name.startsWith(QLatin1Char('.'))) {
            continue;
        }
        if (entry->is_directory(gone)) {
            const bool model = CheckpointLibrary::holdsCheckpoint(path);
            contents.entries << FolderEntry{name, path, model ? FolderEntry::ModelFolder : FolderEntry::Folder, 0};
        } else if (CheckpointLibrary::isCheckpointFile(name) && entry->is_regular_file(gone)) {
            contents.entries << FolderEntry{name, path, FolderEntry::ModelFile, QFileInfo(path).size()};
        } else if (allFiles && entry->is_regular_file(gone)) {
            contents.entries << FolderEntry{name, path, FolderEntry::OtherFile, QFileInfo(path).size()};
        }
    }
    if (error) {
        contents.problem =
            FolderText::tr("%1 cannot be read: %2.").arg(folder, QString::fromStdString(error.message()));
    }
    sortForPeople(contents.entries);
    return contents;
}

FolderListing::FolderListing(QObject* parent) : QAbstractListModel(parent) {
    m_thread.setMaxThreadCount(1);
}

FolderListing::~FolderListing() {
    *m_cancel = true;
}

int FolderListing::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant FolderListing::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const FolderEntry& entry = m_contents.entries[index.row()];
    switch (role) {
        case Qt::DisplayRole:
        case NameRole:
            return entry.name;
        case PathRole:
            return entry.path;
        case IsModelRole:
            return entry.kind == FolderEntry::ModelFolder || entry.kind == FolderEntry::ModelFile;
        case IsFileRole:
            return isFile(entry);
        case SizeRole:
            return isFile(entry) ? QLocale().formattedDataSize(entry.bytes, 2, QLocale::DataSizeSIFormat) : QString();
        default:
            return {};
    }
}

QHash<int, QByteArray> FolderListing::roleNames() const {
    return {
        {NameRole, "name"}, {PathRole, "path"}, {IsModelRole, "isModel"}, {IsFileRole, "isFile"}, {SizeRole, "size"}};
}

void FolderListing::open(const QString& typed) {
    const QUrl url(typed);
    QString path = url.isLocalFile() ? url.toLocalFile() : typed.trimmed();
    if (path == QLatin1String("~") || path.startsWith(QLatin1String("~/"))) {
        path.replace(0, 1, QDir::homePath());
    }
    const QFileInfo info(QDir(m_folder.isEmpty() ? QDir::homePath() : m_folder), path);
    show(QDir::cleanPath(info.isFile() ? info.absolutePath() : info.absoluteFilePath()));
}

void FolderListing::openParent() {
    show(QDir::cleanPath(m_folder + QStringLiteral("/..")));
}

void FolderListing::openHome() {
    show(QDir::homePath());
}

int FolderListing::rowBeginningWith(const QString& letters, int from) const {
    for (int step = 0; step < count(); ++step) {
        const int row = (std::max(from, 0) + step) % count();
        if (m_contents.entries[row].name.startsWith(letters, Qt::CaseInsensitive)) {
            return row;
        }
    }
    return -1;
}

void FolderListing::show(const QString& folder) {
    *m_cancel = true;
    m_cancel = std::make_shared<std::atomic<bool>>(false);
    if (std::exchange(m_folder, folder) != folder) {
        emit folderChanged();
    }
    if (!std::exchange(m_reading, true)) {
        emit readingChanged();
    }
    m_thread.start([this, number = ++m_number, folder, cancel = m_cancel, all = m_allFiles] {
        const FolderContents contents = readFolder(folder, *cancel, all);
        QMetaObject::invokeMethod(
            this,
            [this, number, contents] {
                if (number == m_number) {
                    onRead(contents);
                }
            },
            Qt::QueuedConnection);
    });
}

void FolderListing::onRead(const FolderContents& contents) {
    beginResetModel();
    m_contents = contents;
    endResetModel();
    m_reading = false;
    emit readingChanged();
    emit listed();
}

}  // namespace alcove

#include "moc_folder_listing.cpp"
