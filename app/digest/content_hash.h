// Hashes of the content of files, as a hub of models names it.
#pragma once

#include <memory>

#include <QByteArray>
#include <QByteArrayView>
#include <QtGlobal>

namespace alcove {

enum class HashKind {
    Sha256,   // of the content: large files
    GitBlob,  // SHA-1 of "blob SIZE", a zero and the content: small files
};

// What a file's content must be. `hex` is lower case, 64 or 40 digits.
struct ContentIdentity {
    qint64 size = 0;
    HashKind kind = HashKind::Sha256;
    QByteArray hex;

    friend bool operator==(const ContentIdentity&, const ContentIdentity&) = default;
};

// Whether `hex` is a hash of this kind, in lower case.
[[nodiscard]] bool isHash(HashKind kind, QByteArrayView hex);

// One pass over a content whose size is known. Move-only.
class ContentHash {
public:
    ContentHash(HashKind kind, qint64 size);
    ContentHash(ContentHash&&) noexcept;
    ContentHash& operator=(ContentHash&&) noexcept;
    ~ContentHash();

    void add(QByteArrayView bytes);
    // Of all that was added; nothing can be added afterwards.
    [[nodiscard]] QByteArray hex();

private:
    struct Context;
    std::unique_ptr<Context> m_context;
};

}  // namespace alcove
