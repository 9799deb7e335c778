#include "app/transfer/gpt4all.h"

#include <algorithm>
#include <vector>

#include <QtEndian>

#include "app/transfer/binary_reader.h"
#include "app/transfer/import_texts.h"
#include "app/transfer/message_forest.h"

namespace alcove {
namespace {

constexpr quint32 kMagic = 0xF5D553CC;
constexpr int kNewestVersion = 12;
constexpr qint64 kLongestText = qint64{16} << 20;
constexpr qint64 kMostText = qint64{64} << 20;  // bytes of all texts of a chat
constexpr quint64 kMostMessages = 100000;
constexpr quint64 kMostParts = 10000;  // sources or parts of a message
constexpr int kDeepestPart = 16;
constexpr qint64 kEarliest = 1640995200;      // 2022
constexpr qint64 kLatestSecond = 4102444800;  // 2100

// What a file holds beyond what is known here.
class UnknownContent : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Gpt4AllReader {
public:
    Gpt4AllReader(engine::ByteSource& source, const Where& where, ConversationSink& sink)
        : m_in(source, kLongestText), m_where(where), m_sink(sink) {}

    void read() {
        try {
            readHead();
            if (m_version < 11) {
                skipModelState();
            }
            readMessages();
        } catch (const BinaryEnd&) {
            passOver(ImportText::tr("The file is damaged or ends early at byte %1."));
        } catch (const UnknownContent&) {
            passOver(ImportText::tr("The file goes on with something unknown at byte %1."));
        }
        if (m_attachments > 0) {
            m_sink.passOver(m_where, ImportText::tr("Calls of tools are left out: %1.").arg(m_attachments), false);
        }
        if (!m_messages.empty()) {
            const QString leaf = m_messages.back().message.id;
            plantMessages(std::move(m_messages), leaf, m_record);
            m_sink.take(std::move(m_record), m_where);
        } else if (!m_passedOver) {
            m_sink.passOver(m_where, ImportText::tr("The conversation holds no messages."), false);
        }
    }

private:
    void passOver(const QString& sentence) {
        m_passedOver = true;
        m_sink.passOver(m_where, sentence.arg(m_in.position()), true);
    }

    QString text() {
        QString result = m_in.text();
        m_textBytes += result.size() * 2;
        if (m_textBytes > kMostText) {
            throw UnknownContent("too much text");
        }
        return result;
    }

    quint64 count(quint64 most) {
        const quint64 number = m_in.longWord();
        if (number > most) {
            throw UnknownContent("too many");
        }
        return number;
    }

    void readHead() {
        qint64 created = 0;
        const quint32 first = m_in.word();
        if (first == kMagic) {
            m_version = static_cast<int>(m_in.word());
            if (m_version < 1 || m_version > kNewestVersion) {
                throw UnknownContent("version");
            }
            created = static_cast<qint64>(m_in.longWord());
        } else {
            m_version = 0;
            created = static_cast<qint64>((quint64{first} << 32U) | m_in.word());
        }
        const QString id = text();
        m_record.title = text();
        m_record.createdAt =
            created > 0 && created < kLatestSecond ? QDateTime::fromSecsSinceEpoch(created, Qt::UTC) : QDateTime();
        m_record.updatedAt = m_record.createdAt;
        text();  // the person's name
        m_model = text();
        if (m_version >= 3) {
            skipList();
        }
        m_record.source =
            QStringLiteral("gpt4all:") + (id.isEmpty() ? nameByContent(QString::number(created), m_record.title) : id);
    }

    void skipList() {
        const quint32 number = m_in.word();
        if (number > kMostParts) {
            throw UnknownContent("too many");
        }
        for (quint32 i = 0; i < number; ++i) {
            text();
        }
    }

    void skipModelState() {
        const bool state = m_version < 6 || m_in.flag();
        if (m_version >= 2) {
            m_in.word();
            m_in.word();
        }
        text();
        text();
        m_in.word();
        if (!state) {
            return;
        }
        if (m_version < 4) {
            m_in.word();
        }
        m_in.word();
        if (m_version >= 7) {
            m_in.longWord();
        }
        if (m_version < 9) {
            skipNumbers();
        }
        skipNumbers();
        m_in.skipBytes();
    }

    void skipNumbers() {
        constexpr quint64 kMost = quint64{1} << 32U;
        const quint64 number = m_in.longWord();
        if (number > kMost) {
            throw BinaryEnd("absurd length");
        }
        m_in.skip(number * sizeof(quint32));
    }

    void readMessages() {
        const quint32 number = m_in.word();
        if (number > kMostMessages) {
            throw BinaryEnd("absurd length");
        }
        for (quint32 i = 0; i < number; ++i) {
            readMessage();
        }
    }

    void readMessage() {
        if (m_version < 12) {
            m_in.word();
        }
        const QString name = text();
        const bool isReply = name == QLatin1String("Response: ");
        const bool isQuestion = name == QLatin1String("Prompt: ");
        ForeignMessage one;
        one.message.id = QString::number(m_messages.size());
        one.message.parentId = m_messages.empty() ? QString() : m_messages.back().message.id;
        one.message.author = isReply ? Author::Assistant : Author::User;
        one.message.createdAt = m_record.createdAt;
        one.message.text = text();
        if (m_version < 10) {
            text();
        }
        text();  // what it was to become when it was made anew
        m_in.flag();
        const bool stopped = m_in.flag();
        m_in.flag();
        m_in.flag();
        const bool failed = m_version >= 11 && isReply && m_in.flag();
        if (m_version >= 8) {
            skipSources();
        } else if (m_version >= 3) {
            text();
            skipList();
        }
        if (m_version >= 10) {
            readAttachments(one.message.text);
        }
        QString parts;
        if (m_version >= 12) {
            readParts(one.thoughts, parts, 0);
        }
        if (isReply) {
            appendPart(parts, one.message.text);  // what came before and between its thoughts, and its end
            one.message.text = parts;
            one.message.settings.checkpointName = m_model;
            one.message.status = failed    ? MessageStatus::Failed
                                 : stopped ? MessageStatus::Stopped
                                           : MessageStatus::Complete;
        } else if (!isQuestion) {
            if (name == QLatin1String("System: ") && m_record.settings.systemPrompt.isEmpty()) {
                m_record.settings.systemPrompt = one.message.text.trimmed();
            }
            one.message.text.clear();
        }
        one.shown = !one.message.text.trimmed().isEmpty();
        m_messages.push_back(std::move(one));
    }

    void skipSources() {
        const quint64 number = count(kMostParts);
        for (quint64 i = 0; i < number; ++i) {
            constexpr int kTexts = 7;
            constexpr int kNumbers = 3;
            for (int t = 0; t < kTexts; ++t) {
                text();
            }
            for (int n = 0; n < kNumbers; ++n) {
                m_in.word();
            }
        }
    }

    void readAttachments(QString& text) {
        const quint64 number = count(kMostParts);
        for (quint64 i = 0; i < number; ++i) {
            const QByteArray address = addressBytes();
            m_in.skipBytes();
            const QString name = QString::fromUtf8(QByteArray::fromPercentEncoding(address)).section(u'/', -1);
            appendPart(text, attachmentLine(QStringLiteral("File"), name));
        }
    }

    // QUrl is written as a QByteArray.
    QByteArray addressBytes() {
        constexpr quint32 kLongest = 64 << 10;
        const quint32 length = m_in.word();
        QByteArray result;
        if (length != 0xFFFFFFFF) {
            if (length > kLongest) {
                throw BinaryEnd("absurd length");
            }
            for (quint32 i = 0; i < length; ++i) {
                result += static_cast<char>(m_in.byte());
            }
        }
        return result;
    }

    // QString name, QString value, what belongs to its kind, and its own parts.
    void readParts(QString& thoughts, QString& words, int depth) {
        if (depth >= kDeepestPart) {
            throw UnknownContent("too deep");
        }
        const quint64 number = count(kMostParts);
        for (quint64 i = 0; i < number; ++i) {
            const QString name = text();
            const QString value = text();
            if (name == QLatin1String("Think: ")) {
                m_in.word();
                appendPart(thoughts, value.trimmed());
            } else if (name == QLatin1String("ToolCall: ")) {
                skipToolCall();
            } else if (name == QLatin1String("Text: ") || name == QLatin1String("Response: ")) {
                words += value;
            } else if (name != QLatin1String("ToolResponse: ")) {
                throw UnknownContent("part");
            }
            QString inner;
            QString innerThoughts;
            readParts(innerThoughts, inner, depth + 1);
            if (name != QLatin1String("ToolCall: ") && name != QLatin1String("ToolResponse: ")) {
                words += inner;
                appendPart(thoughts, innerThoughts);
            }
        }
    }

    void skipToolCall() {
        ++m_attachments;
        text();
        const quint64 number = count(kMostParts);
        for (quint64 i = 0; i < number; ++i) {
            text();
            m_in.word();
            skipVariant();
        }
        text();
        m_in.word();
        text();
    }

    // A QVariant of the kinds that a parameter can have.
    void skipVariant() {
        constexpr quint32 kBool = 1;
        constexpr quint32 kInt = 2;
        constexpr quint32 kUInt = 3;
        constexpr quint32 kLongLong = 4;
        constexpr quint32 kULongLong = 5;
        constexpr quint32 kDouble = 6;
        constexpr quint32 kString = 10;
        const quint32 type = m_in.word();
        m_in.byte();  // whether it is null
        switch (type) {
            case 0:
            case kString:
                text();
                break;
            case kBool:
                m_in.byte();
                break;
            case kInt:
            case kUInt:
                m_in.word();
                break;
            case kLongLong:
            case kULongLong:
            case kDouble:
                m_in.longWord();
                break;
            default:
                throw UnknownContent("variant");
        }
    }

    BinaryReader m_in;
    const Where& m_where;
    ConversationSink& m_sink;
    int m_version = 0;
    qint64 m_textBytes = 0;
    int m_attachments = 0;
    bool m_passedOver = false;
    QString m_model;
    ConversationRecord m_record;
    std::vector<ForeignMessage> m_messages;
};

}  // namespace

bool isGpt4All(std::string_view head) {
    constexpr std::size_t kLeast = 16;
    if (head.size() < kLeast) {
        return false;
    }
    if (qFromBigEndian<quint32>(head.data()) == kMagic) {
        return true;
    }
    // Version 0: a date, then the id, a short text of letters and digits as QString writes it.
    const qint64 created = qFromBigEndian<qint64>(head.data());
    const quint32 length = qFromBigEndian<quint32>(head.data() + sizeof(qint64));
    constexpr std::size_t kBegin = sizeof(qint64) + sizeof(quint32);
    if (created < kEarliest || created > kLatestSecond || length == 0 || length % 2 != 0 ||
        length > 2 * kGpt4AllHead * 2) {
        return false;
    }
    for (std::size_t at = kBegin; at + 1 < std::min(head.size(), kBegin + length); at += 2) {
        const auto high = static_cast<unsigned char>(head[at]);
        const auto low = static_cast<unsigned char>(head[at + 1]);
        constexpr unsigned char kBlank = 0x20;
        constexpr unsigned char kBehind = 0x7F;
        if (high != 0 || low < kBlank || low >= kBehind) {
            return false;
        }
    }
    return true;
}

void readGpt4All(engine::ByteSource& source, const Where& where, ConversationSink& sink) {
    Gpt4AllReader(source, where, sink).read();
}

}  // namespace alcove
