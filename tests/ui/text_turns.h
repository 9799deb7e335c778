// What the turns of the event loop give to the documents of the window while a text is opened or grows.
#pragma once

#include <functional>

#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QVariantMap>

#include "tests/ui/window_fixture.h"

class QTextDocument;

namespace alcove {

// GUI thread.
class TextTurns : public QObject {
    Q_OBJECT
    Q_PROPERTY(alcove::WindowFixture* fixture MEMBER m_fixture)

public:
    using QObject::QObject;

    // A text of awkwardTexts().
    Q_INVOKABLE QString text(const QString& name, int characters) const;

    // Opens a conversation with `text` as its last message and waits until the window has settled. Returns the most
    // that one turn did ("characters", "written": documents, "changes": of documents, each a layout) and, at the end,
    // "blocks".
    Q_INVOKABLE QVariantMap open(const QString& text, bool fromUser);
    // The same for a reply that grows by `piece` characters in each turn.
    Q_INVOKABLE QVariantMap grow(const QString& text, int piece);

private:
    QVariantMap turns(const std::function<bool()>& step);
    void followDocuments();

    WindowFixture* m_fixture = nullptr;
    QSet<QTextDocument*> m_followed;
    int m_changes = 0;
};

}  // namespace alcove
