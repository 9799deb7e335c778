// A hub of models on this machine, with the layout of the real one, that does wrong when it is told to.
//
// Two hosts, as there: the hub (127.0.0.1), which has the small files and the listing, and redirects for large files to
// a storage (127.0.0.2). They run on a thread of their own, so that a test may wait for a program meanwhile.
#pragma once

#include <memory>

#include <QByteArray>
#include <QHash>
#include <QList>
#include <QString>

namespace alcove::tests {

struct HubRequest {
    bool storage = false;  // it went there, not to the hub
    QByteArray method;
    QByteArray path;
    QHash<QByteArray, QByteArray> headers;  // names in lower case
    qint64 sent = 0;                        // bytes of the body

    [[nodiscard]] QByteArray header(const char* name) const { return headers.value(name); }
};

// What happens to an answer in place of the right one.
struct HubFault {
    enum class Kind {
        Status,       // `number`, with `text` as further headers ("Retry-After: 7\r\n")
        Redirect,     // to `text`
        Break,        // the connection ends after `number` bytes of the body
        Hold,         // nothing comes after `number` bytes of the body, and the connection stays
        Corrupt,      // the byte at `number` is another one
        Longer,       // `number` bytes more than there should be, announced
        IgnoreRange,  // everything from the beginning
        Garbage,      // no HTTP
        Encoded,      // says that it is compressed
        Chunked,      // in chunks, instead of with a length
        NoLength,     // up to the end of the connection
    };
    Kind kind = Kind::Status;
    qint64 number = 0;
    QByteArray text = {};
};

class FakeHub {
public:
    FakeHub();
    FakeHub(const FakeHub&) = delete;
    FakeHub& operator=(const FakeHub&) = delete;
    ~FakeHub();

    [[nodiscard]] QString base() const;         // "http://127.0.0.1:PORT"
    [[nodiscard]] QString storageHost() const;  // "127.0.0.2:PORT"

    // A file of the repository, at the commit that "main" stands for.
    void add(const QString& repository, const QString& name, const QByteArray& content, bool large = true);
    // All of a folder's files.
    void addFolder(const QString& repository, const QString& folder);
    [[nodiscard]] static QByteArray commit();

    // In place of the rows that fit the files; of every repository.
    void setListing(const QByteArray& rows);
    void setPageSize(int rows);
    void requireToken(const QByteArray& token);
    // Otherwise the storage's answers have no ETag.
    void setEtags(bool given);

    // For the next `times` requests for a path that has `part` in it, in the order in which faults were given. A large
    // file's faults of the body are the storage's: name them by "/blob/".
    void fault(const QByteArray& part, const HubFault& fault, int times = 1);
    void forgetFaults();

    [[nodiscard]] QList<HubRequest> requests() const;
    void forgetRequests();

private:
    struct State;
    class Server;
    std::unique_ptr<State> m_state;
};

}  // namespace alcove::tests
