#include "app/digest/content_hash.h"

#include <algorithm>
#include <array>
#include <new>
#include <openssl/evp.h>

namespace alcove {
namespace {

// Qt's own SHA-256 knows no instructions of the processor and would take most of the time of a download.
const EVP_MD* algorithmOf(HashKind kind) {
    return kind == HashKind::Sha256 ? EVP_sha256() : EVP_sha1();
}

}  // namespace

bool isHash(HashKind kind, QByteArrayView hex) {
    constexpr qsizetype kSha256Digits = 64;
    constexpr qsizetype kSha1Digits = 40;
    return hex.size() == (kind == HashKind::Sha256 ? kSha256Digits : kSha1Digits) &&
           std::all_of(hex.begin(), hex.end(),
                       [](char digit) { return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f'); });
}

struct ContentHash::Context {
    Context() : context(EVP_MD_CTX_new()) {}
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(context); }

    EVP_MD_CTX* context;
};

ContentHash::ContentHash(HashKind kind, qint64 size) : m_context(std::make_unique<Context>()) {
    if (m_context->context == nullptr || EVP_DigestInit_ex(m_context->context, algorithmOf(kind), nullptr) != 1) {
        throw std::bad_alloc();
    }
    if (kind == HashKind::GitBlob) {
        add(QByteArray("blob ") + QByteArray::number(size) + '\0');
    }
}

ContentHash::ContentHash(ContentHash&&) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&&) noexcept = default;
ContentHash::~ContentHash() = default;

void ContentHash::add(QByteArrayView bytes) {
    static_cast<void>(EVP_DigestUpdate(m_context->context, bytes.data(), static_cast<std::size_t>(bytes.size())));
}

QByteArray ContentHash::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    static_cast<void>(EVP_DigestFinal_ex(m_context->context, digest.data(), &size));
    return QByteArray(reinterpret_cast<const char*>(digest.data()), static_cast<qsizetype>(size)).toHex();
}

}  // namespace alcove
