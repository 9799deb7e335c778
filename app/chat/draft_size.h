// How long the message that is being written is for the model.
#pragma once

#include <functional>

#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtQml/qqmlregistration.h>

#include "app/session/backend.h"

namespace alcove {

class EngineThread;
class RunningCheckpoint;
class SettingsController;

// GUI thread. The engine thread counts, shortly after typing rests; of a very long text only the beginning.
class DraftSize : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(QString figures READ figures NOTIFY changed)
    Q_PROPERTY(bool tooLong READ tooLong NOTIFY changed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)

public:
    static constexpr int kRestMs = 150;
    static constexpr qsizetype kMostCounted = 100'000;  // characters

    // All must outlive it.
    DraftSize(EngineThread& engine, const RunningCheckpoint& running, const SettingsController& settings,
              QObject* parent = nullptr);

    void setText(const QString& text);
    // Tells whether the model can reply to `text`, perhaps at once. Where that cannot be found out now (no checkpoint
    // is open, or the engine is busy), it can. Takes the place of a question that is not answered yet.
    void ask(const QString& text, const std::function<void(bool fits)>& then);

    // "780 of 480 tokens"; empty: not known.
    [[nodiscard]] QString figures() const;
    [[nodiscard]] bool tooLong() const { return m_shown.tokens > m_shown.most; }
    [[nodiscard]] QString problem() const;  // what to do about a text that is too long; empty: it is not

signals:
    void changed();

private:
    struct Question {
        QString text;
        std::function<void(bool)> then;
    };
    void count();
    void onCounted(quint64 id, const TokenCount& count);
    void show(const TokenCount& count);
    [[nodiscard]] quint64 request(const QString& text);
    [[nodiscard]] bool certainlyFits(const QString& text) const;

    EngineThread& m_engine;
    const RunningCheckpoint& m_running;
    const SettingsController& m_settings;
    QTimer m_rest;
    QString m_text;
    TokenCount m_shown;
    quint64 m_countId = 0;  // of the count on its way; 0: none
    bool m_stale = false;   // the text has changed since it was asked for
    Question m_question;
    quint64 m_questionId = 0;
};

}  // namespace alcove
