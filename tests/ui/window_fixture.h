// The whole window over the real controllers and a generator without weights, for Qt Quick tests and for screenshots.
#pragma once

#include <atomic>
#include <memory>

#include <QtCore/QObject>
#include <QtCore/QSemaphore>
#include <QtCore/QTemporaryDir>
#include <QtCore/QVariant>
#include <QtGui/QColor>
#include <QtQuick/QQuickItem>
#include <QtQuick/QQuickWindow>

#include "app/fake/fake_backend.h"
#include "app/window/application.h"

namespace alcove {

// GUI thread. Each open() is a fresh program in a folder of its own; close() ends it.
class WindowFixture : public QObject {
    Q_OBJECT
    Q_PROPERTY(alcove::Application* application READ application NOTIFY changed)
    Q_PROPERTY(QQuickWindow* window READ window NOTIFY changed)

public:
    explicit WindowFixture(QObject* parent = nullptr);
    ~WindowFixture() override;

    [[nodiscard]] Application* application() const { return m_application.get(); }
    [[nodiscard]] QQuickWindow* window() const { return m_window.get(); }

    // `options`: replies (list of texts), checkpoints (list of names; one that begins with "broken" cannot be used),
    // cards (by name, what a checkpoint says of itself: description, suggestions, and the detail the program found),
    // problem (no device, for this reason), holdToken / holdOpen (the step at which the engine waits for letGo),
    // fullPrecision (list of names of which a smaller copy is offered), holdCopy (the step at which making the copy
    // waits for letGo), failure (a sentence; replies fail), failAfter (tokens), openFailures (list of names),
    // firstTurnInContext, devices ("name|detail" each), automaticReason, vulkanProblem, holdComparison, deviceLostAt
    // (token), contextSize, width, height, pace (milliseconds a token).
    Q_INVOKABLE bool open(const QVariantMap& options);
    Q_INVOKABLE void close();

    // A folder of that name with an empty config.json, which may be added as a model; its path.
    Q_INVOKABLE QString modelFolder(const QString& name);

    Q_INVOKABLE void letGo();        // the engine goes on to the end
    Q_INVOKABLE void stopFailing();  // the next reply succeeds

    Q_INVOKABLE void key(int key, int modifiers = 0);
    Q_INVOKABLE void type(const QString& text);
    // An input method's half-written text, as while composing a Chinese word.
    Q_INVOKABLE void compose(const QString& preedit);
    Q_INVOKABLE void commit(const QString& text);

    // Clicks the middle of the visible item of that name, once it is there and laid out. False: it never came.
    Q_INVOKABLE bool click(const QString& objectName);
    // The visible item of that objectName, in the window or in a popup; null if there is none.
    Q_INVOKABLE QQuickItem* find(const QString& objectName) const;
    Q_INVOKABLE int count(const QString& objectName) const;
    // Whether some visible text element shows exactly this.
    Q_INVOKABLE bool shows(const QString& text) const;
    Q_INVOKABLE QQuickItem* focused() const;

    Q_INVOKABLE QString clipboard() const;
    Q_INVOKABLE void setClipboardHtml(const QString& html, const QString& text);
    Q_INVOKABLE QColor pixel(int x, int y) const;
    Q_INVOKABLE bool save(const QString& file) const;  // a screenshot

signals:
    void changed();

private:
    [[nodiscard]] QList<QQuickItem*> visibleItems() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QTemporaryDir m_models;
    std::shared_ptr<FakeScript> m_script;
    std::atomic<int> m_holdToken = -1;
    std::atomic<int> m_holdOpen = -1;
    std::atomic<int> m_holdCopy = -1;
    QSemaphore m_gate;
    QSemaphore m_copyGate;
    std::unique_ptr<Application> m_application;
    std::unique_ptr<QQuickWindow> m_window;  // destroyed before the application that it shows
};

}  // namespace alcove
