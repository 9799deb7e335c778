#include "app/transfer/read_conversations.h"

#include <string_view>
#include <vector>

#include "app/transfer/chatgpt.h"
#include "app/transfer/gpt4all.h"
#include "app/transfer/import_texts.h"
#include "app/transfer/json_values.h"
#include "app/transfer/llama_cpp.h"
#include "app/transfer/lm_studio.h"
#include "app/transfer/message_forest.h"
#include "app/transfer/open_webui.h"
#include "app/transfer/own_json.h"
#include "app/translation/engine_sentences.h"

namespace alcove {
namespace {

// Of one conversation. What is larger is passed over; together with the copies that are made of it, it stays below what
// an import may take (ARCHITECTURE.md).
constexpr engine::ItemLimits kItemLimits{
    .bytes = std::size_t{32} << 20U, .values = 300000, .depth = 64, .text = std::size_t{8} << 20U};

// What is large in other programs' files, and not read.
const std::vector<std::string_view>& unreadKeys() {
    static const std::vector<std::string_view> kKeys{
        "citations",      "content_references", "search_result_groups", "aggregate_result", "base64Url", "base64Data",
        "debugInfoBlock", "safe_urls",          "image_results",        "embedding",        "logprobs"};
    return kKeys;
}

// Completes what a reader hands over, and passes over what is empty.
class CompletingSink : public ConversationSink {
public:
    explicit CompletingSink(ConversationSink& next) : m_next(next) {}

    void take(ConversationRecord conversation, const Where& where) override {
        const bool own = conversation.source.startsWith(QLatin1String("alcove:"));
        if (conversation.messages.isEmpty() && !own) {
            passOver(where, ImportText::tr("The conversation holds no messages."), false);
            return;
        }
        completeRecord(conversation);
        m_next.take(std::move(conversation), where);
    }
    void takeFolder(FolderRecord folder, const Where& where) override { m_next.takeFolder(std::move(folder), where); }
    void passOver(const Where& where, const QString& why, bool damaged) override {
        m_next.passOver(where, why, damaged);
    }
    void progress(qint64 done, qint64 total) override { m_next.progress(done, total); }

private:
    ConversationSink& m_next;
};

class JsonFileReader {
public:
    JsonFileReader(const InputFile& file, ConversationSink& sink) : m_file(file), m_sink(sink), m_lines(sink) {}

    // Whether it is of a format that is known, or damaged.
    bool read(InputStream& stream) {
        const engine::ItemReader reader{
            .found = [this](engine::JsonItem item) { take(item); },
            .passedOver =
                [this](const engine::ItemPlace& place, const engine::Sentence& clause, bool damaged) {
                    m_damaged = m_damaged || damaged;
                    m_tooLarge = m_tooLarge || !damaged;
                    if (damaged) {
                        m_sink.passOver(placeInWords(place), ImportText::tr("Damaged: %1.").arg(inWords(clause)), true);
                    } else {
                        m_sink.passOver(itemInWords(place), ImportText::tr("Not read: %1.").arg(inWords(clause)),
                                        false);
                    }
                }};
        engine::readItems(stream, kItemLimits, "conversations", unreadKeys(), reader);
        m_lines.finish();
        if (m_known > 0 && m_unknown > 0) {
            m_sink.passOver(m_file.where, ImportText::tr("Parts that are no conversations: %1.").arg(m_unknown), false);
        }
        return m_known > 0 || m_damaged || m_tooLarge;
    }

private:
    [[nodiscard]] Where placeInWords(const engine::ItemPlace& place) const {
        return ImportText::tr("%1, line %2, byte %3").arg(m_file.where).arg(place.line).arg(place.byte);
    }
    [[nodiscard]] Where itemInWords(const engine::ItemPlace& place, bool outermost = false) const {
        if (outermost) {
            return place.index == 0 ? m_file.where : ImportText::tr("%1, line %2").arg(m_file.where).arg(place.line);
        }
        return ImportText::tr("%1, conversation %2").arg(m_file.where).arg(place.index + 1);
    }

    void take(engine::JsonItem& item) {
        JsonValue& value = item.value.edit();
        const Where where = itemInWords(item.place, item.outermost);
        if (item.cut) {
            m_sink.passOver(where, ImportText::tr("A text of more than %1 MB was cut.").arg(kItemLimits.text >> 20U),
                            false);
        }
        ++m_known;
        if (isChatGpt(value)) {
            readChatGpt(value, where, m_sink);
        } else if (isOpenWebui(value)) {
            readOpenWebui(value, where, m_sink);
        } else if (isLlamaCpp(value)) {
            readLlamaCpp(value, where, m_sink);
        } else if (LlamaCppLines::isLine(value)) {
            m_lines.take(value, where);
        } else if (isOwnExport(value)) {
            readOwnFolders(value, m_file.where, m_sink);
        } else if (!item.outermost && isOwnConversation(value)) {
            readOwnConversation(value, where, m_sink);
        } else if (isLmStudio(value)) {
            readLmStudio(value, m_file.name, m_file.folder, where, m_sink);
        } else {
            --m_known;
            ++m_unknown;
        }
    }

    const InputFile& m_file;
    ConversationSink& m_sink;
    LlamaCppLines m_lines;
    bool m_damaged = false;
    bool m_tooLarge = false;
    int m_known = 0;
    int m_unknown = 0;
};

// The first byte that is not blank.
char firstSign(std::string_view head) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    head.remove_prefix(head.starts_with(kMark) ? kMark.size() : 0);
    const std::size_t at = head.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos ? '\0' : head[at];
}

}  // namespace

bool readStream(const InputFile& file, InputStream& stream, ConversationSink& sink) {
    constexpr std::size_t kLooked = 4096;
    CompletingSink completing(sink);
    const std::string_view head = stream.head(kLooked);
    const char first = firstSign(head);
    bool known = false;
    if (first == '{' || first == '[') {
        known = JsonFileReader(file, completing).read(stream);
    } else if (isGpt4All(head)) {
        known = true;
        readGpt4All(stream, file.where, completing);
    } else if (file.chosen && head.starts_with("SQLite format 3")) {
        known = true;
        sink.passOver(file.where, ImportText::tr("This is a database. If it is a backup of Alcove's, restore it."),
                      true);
    }
    if (!known && file.chosen) {
        sink.passOver(file.where,
                      head.empty() ? ImportText::tr("The file is empty.")
                                   : ImportText::tr("The file holds no conversations of a format that Alcove knows."),
                      true);
    }
    return known;
}

void readConversations(const QStringList& paths, ConversationSink& sink, const engine::Cancellation& cancel) {
    int others = 0;
    Where firstOther;
    forEachInput(paths, sink, cancel, [&](const InputFile& file, InputStream& stream) {
        if (!readStream(file, stream, sink) && !file.chosen) {
            firstOther = others++ == 0 ? file.where : firstOther;
        }
    });
    if (others > 0) {
        sink.passOver(firstOther,
                      ImportText::tr("Files that hold no conversations: %1; this is the first.").arg(others), false);
    }
}

}  // namespace alcove
