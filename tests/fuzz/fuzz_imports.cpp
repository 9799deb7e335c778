// Conversations of other programs: whatever a file holds, what comes of it is a tree of bounded size, or nothing.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <QtCore/QSet>

#include "app/transfer/read_conversations.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

void requireHeld(bool holds) {
    if (!holds) {
        std::abort();
    }
}

class InputBytes : public InputStream {
public:
    InputBytes(const std::uint8_t* data, std::size_t size) : m_bytes(reinterpret_cast<const char*>(data), size) {}
    std::string_view head(std::size_t most) override { return m_bytes.substr(0, most); }
    std::size_t read(char* to, std::size_t most) override {
        const std::size_t count = std::min(most, m_bytes.size() - m_at);
        std::memcpy(to, m_bytes.data() + m_at, count);
        m_at += count;
        return count;
    }

private:
    std::string_view m_bytes;
    std::size_t m_at = 0;
};

class CheckingSink : public ConversationSink {
public:
    qsizetype texts = 0;

    void take(ConversationRecord conversation, const Where& /*where*/) override {
        requireHeld(!conversation.source.isEmpty() && !conversation.title.isEmpty());
        QSet<QString> known;
        for (const MessageRecord& message : conversation.messages) {
            requireHeld(message.parentId.isEmpty() || known.contains(message.parentId));
            requireHeld(!known.contains(message.id));
            known.insert(message.id);
            texts += message.text.size();
        }
        requireHeld(conversation.leafId.isEmpty() || known.contains(conversation.leafId));
    }
    void takeFolder(FolderRecord folder, const Where& /*where*/) override { requireHeld(!folder.path.isEmpty()); }
    void passOver(const Where& where, const QString& why, bool /*damaged*/) override {
        requireHeld(!where.isEmpty() && !why.isEmpty());
    }
    void progress(qint64 /*done*/, qint64 /*total*/) override {}
};

void readImport(const std::uint8_t* data, std::size_t size) {
    constexpr qsizetype kMostCopies = qsizetype{16} << 20;  // thoughts that several replies have
    InputBytes stream(data, size);
    CheckingSink sink;
    InputFile file;
    file.name = QStringLiteral("1764374400000.conversation.json");
    file.where = file.name;
    file.chosen = true;
    readStream(file, stream, sink);
    requireHeld(sink.texts <= 64 * static_cast<qsizetype>(size) + kMostCopies);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, readImport);
}
