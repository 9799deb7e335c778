// What lies in a folder, as far as it leads to a model: folders and GGUF files; or all that is no hidden file.
#pragma once

#include <atomic>
#include <memory>

#include <QtCore/QAbstractListModel>
#include <QtCore/QThreadPool>
#include <QtQml/qqmlregistration.h>

namespace alcove {

struct FolderEntry {
    enum Kind { Folder, ModelFolder, ModelFile, OtherFile };

    QString name;
    QString path;  // absolute
    Kind kind = Folder;
    qint64 bytes = 0;  // of a file

    friend bool operator==(const FolderEntry&, const FolderEntry&) = default;
};

struct FolderContents {
    QList<FolderEntry> entries;  // folders by name, then files by name
    bool isModel = false;        // the folder is one itself
    QString problem;             // a sentence where it cannot be read, or where some entries are left out
};

// Reads a folder. Files that are no models are listed with `allFiles`. Hidden entries are left out, and all after the
// first kMostFolderEntries. Any thread; looks at the flag between entries.
inline constexpr int kMostFolderEntries = 5000;
[[nodiscard]] FolderContents readFolder(const QString& folder, const std::atomic<bool>& cancel, bool allFiles = false);

// GUI thread; reads on a thread of its own.
class FolderListing : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString folder READ folder NOTIFY folderChanged)
    Q_PROPERTY(bool reading READ reading NOTIFY readingChanged)
    Q_PROPERTY(bool isModel READ isModel NOTIFY listed)
    Q_PROPERTY(QString problem READ problem NOTIFY listed)
    Q_PROPERTY(int count READ count NOTIFY listed)
    Q_PROPERTY(bool allFiles MEMBER m_allFiles)

public:
    enum Role { NameRole = Qt::UserRole + 1, PathRole, IsModelRole, IsFileRole, SizeRole };

    explicit FolderListing(QObject* parent = nullptr);
    ~FolderListing() override;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return static_cast<int>(m_contents.entries.size()); }
    [[nodiscard]] QString folder() const { return m_folder; }
    [[nodiscard]] bool reading() const { return m_reading; }
    [[nodiscard]] bool isModel() const { return m_contents.isModel; }
    [[nodiscard]] QString problem() const { return m_contents.problem; }

    // Shows a folder: a path as a person types it (absolute, "~/…", or relative to the one shown), or a file:// URL. Of
    // a file, the folder it lies in. The rows stay until the new ones are read.
    Q_INVOKABLE void open(const QString& typed);
    Q_INVOKABLE void openParent();
    Q_INVOKABLE void openHome();
    // The first row from `from` on (and from the beginning again) whose name begins with `letters`; -1: none.
    Q_INVOKABLE int rowBeginningWith(const QString& letters, int from) const;

signals:
    void folderChanged();
    void readingChanged();
    void listed();

private:
    void show(const QString& folder);
    void onRead(const FolderContents& contents);

    bool m_allFiles = false;
    QString m_folder;
    FolderContents m_contents;
    bool m_reading = false;
    quint64 m_number = 0;
    std::shared_ptr<std::atomic<bool>> m_cancel = std::make_shared<std::atomic<bool>>(false);
    QThreadPool m_thread;  // last: its destructor waits for the reading, which uses the other members
};

}  // namespace alcove
