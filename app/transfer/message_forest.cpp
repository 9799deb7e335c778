#include "app/transfer/message_forest.h"

#include <algorithm>
#include <utility>

#include <QHash>

#include "app/history/title.h"
#include "app/transfer/import_texts.h"

namespace alcove {
namespace {

constexpr qsizetype kLongestTitle = 200;
constexpr qsizetype kMostCopies = qsizetype{8} << 20;

class Planting {
public:
    Planting(std::vector<ForeignMessage>& messages, ConversationRecord& record)
        : m_messages(messages), m_record(record), m_children(messages.size()), m_seen(messages.size(), 0) {
        for (std::size_t i = 0; i < messages.size(); ++i) {
            if (!m_index.contains(messages[i].message.id)) {
                m_index.insert(messages[i].message.id, i);
            }
        }
    }

    void plant(const QString& leaf) {
        arrange();
        for (std::size_t root : m_roots) {
            grow(root);
        }
        for (std::size_t i = 0; i < m_messages.size(); ++i) {  // circles
            if (m_seen[i] == 0 && m_index.value(m_messages[i].message.id) == i) {
                grow(i);
            }
        }
        m_record.leafId = m_plantedAs.value(leaf);
    }

private:
    struct Step {
        std::size_t index;
        QString parent;      // as planted
        QString thoughts;    // that wait for a reply
        QString thoughtsId;  // of the message that had them
    };

    // Children in the order that their parent names them, then in that of the messages.
    void arrange() {
        std::vector<char> placed(m_messages.size(), 0);
        const auto parentOf = [this](std::size_t i) {
            const auto found = m_index.constFind(m_messages[i].message.parentId);
            return found == m_index.constEnd() ? m_messages.size() : *found;
        };
        for (std::size_t i = 0; i < m_messages.size(); ++i) {
            for (const QString& child : m_messages[i].children) {
                const auto found = m_index.constFind(child);
                if (found != m_index.constEnd() && placed[*found] == 0 && parentOf(*found) == i) {
                    placed[*found] = 1;
                    m_children[i].push_back(*found);
                }
            }
        }
        for (std::size_t i = 0; i < m_messages.size(); ++i) {
            if (m_index.value(m_messages[i].message.id) != i || placed[i] != 0) {
                continue;
            }
            const std::size_t parent = parentOf(i);
            (parent == m_messages.size() || parent == i ? m_roots : m_children[parent]).push_back(i);
        }
    }

    void grow(std::size_t root) {
        std::vector<Step> steps{{root, {}, {}, {}}};
        while (!steps.empty()) {
            Step step = std::move(steps.back());
            steps.pop_back();
            if (std::exchange(m_seen[step.index], 1) != 0) {
                continue;
            }
            take(step);
            const std::vector<std::size_t>& children = m_children[step.index];
            if (children.size() > 1) {
                m_copies -= step.thoughts.size() * static_cast<qsizetype>(children.size() - 1);
                if (m_copies < 0) {
                    step.thoughts.clear();
                }
            }
            std::for_each(children.rbegin(), children.rend(), [&](const auto child) {
                steps.push_back({child, step.parent, step.thoughts, step.thoughtsId});
            });
        }
    }

    // Afterwards `step` says what the children get.
    void take(Step& step) {
        ForeignMessage& from = m_messages[step.index];
        const QString id = from.message.id;
        if (!from.thoughts.isEmpty()) {
            step.thoughts += (step.thoughts.isEmpty() ? QString() : QStringLiteral("\n\n")) + from.thoughts;
            step.thoughtsId = id;
        }
        if (!from.shown) {
            if (m_children[step.index].empty()) {
                step.parent = plantThoughts(step);
            }
            m_plantedAs.insert(id, step.parent);
            return;
        }
        if (from.message.author == Author::Assistant) {
            from.message.text = withThoughts(step.thoughts, from.message.text);
        } else {
            step.parent = plantThoughts(step);
        }
        step.thoughts.clear();
        from.message.parentId = step.parent;
        m_record.messages << std::move(from.message);
        m_plantedAs.insert(id, id);
        step.parent = id;
    }

    // The message that a next one follows.
    QString plantThoughts(const Step& step) {
        if (step.thoughts.isEmpty()) {
            return step.parent;
        }
        QString id = QStringLiteral("thoughts of ") + step.thoughtsId;
        if (!m_plantedAs.contains(id)) {
            MessageRecord alone = m_messages[m_index.value(step.thoughtsId)].message;
            alone.id = id;
            alone.parentId = step.parent;
            alone.author = Author::Assistant;
            alone.text = withThoughts(step.thoughts, {});
            m_record.messages << alone;
            m_plantedAs.insert(id, id);
        }
        return id;
    }

    std::vector<ForeignMessage>& m_messages;
    ConversationRecord& m_record;
    QHash<QString, std::size_t> m_index;
    QHash<QString, QString> m_plantedAs;  // id → id of the message that stands for it
    std::vector<std::vector<std::size_t>> m_children;
    std::vector<std::size_t> m_roots;
    std::vector<char> m_seen;
    qsizetype m_copies = kMostCopies;  // characters of thoughts that may still be written more than once
};

}  // namespace

QString withThoughts(const QString& thoughts, const QString& text) {
    const QString inner = thoughts.trimmed();
    return inner.isEmpty() ? text : fenced(inner, kThoughtsLanguage) + QStringLiteral("\n\n") + text;
}

void plantMessages(std::vector<ForeignMessage> messages, const QString& leaf, ConversationRecord& record) {
    Planting(messages, record).plant(leaf);
}

void completeRecord(ConversationRecord& record) {
    QDateTime first = record.createdAt;
    QDateTime last = record.updatedAt;
    for (const MessageRecord& message : std::as_const(record.messages)) {
        if (message.createdAt.isValid()) {
            first = first.isValid() && (record.createdAt.isValid() || first < message.createdAt) ? first
                                                                                                 : message.createdAt;
            last =
                last.isValid() && (record.updatedAt.isValid() || last > message.createdAt) ? last : message.createdAt;
        }
    }
    record.createdAt = first.isValid() ? first : last;
    record.updatedAt = last.isValid() ? last : first;
    record.title = record.title.simplified().left(kLongestTitle);
    if (record.title.isEmpty()) {
        const auto question = std::find_if(record.messages.cbegin(), record.messages.cend(),
                                           [](const MessageRecord& one) { return one.author == Author::User; });
        record.title = conversationTitle(question == record.messages.cend() ? QString() : question->text);
    }
}

}  // namespace alcove
