// A running alcove-fetch.
#pragma once

#include <functional>
#include <memory>

#include <QObject>
#include <QSocketNotifier>

#include "app/fetch/messages/line_buffer.h"
#include "app/fetch/messages/messages.h"

namespace alcove {

// Starts alcove-fetch with these as its standard input and output, which the caller closes on its side; false if it
// could not be started. A program that the kernel keeps off the network has a process outside start it
// (app/process/broker.h).
using FetchStarter = std::function<bool(int input, int output)>;

// Used on one thread. Whatever the program says is checked; where it says anything else than events, or ends, a
// FetchFailed{0, Ended} comes and then nothing more.
class FetchProcess : public QObject {
    Q_OBJECT

public:
    explicit FetchProcess(FetchStarter starter, QObject* parent = nullptr);
    ~FetchProcess() override;  // ends it

    void start(const FetchConfiguration& configuration);
    void send(const FetchCommand& command);
    // Closes its input, at which it ends. What it has fetched is kept. No event comes any more.
    void stop();

signals:
    void told(const FetchEvent& event);

private:
    void onReadable();
    void onWritable();
    void onEnd();

    FetchStarter m_starter;
    int m_input = -1;   // where its commands are written
    int m_output = -1;  // where its events are read
    std::unique_ptr<QSocketNotifier> m_writable;
    std::unique_ptr<QSocketNotifier> m_readable;
    QByteArray m_commands;  // that the pipe did not take yet
    LineBuffer m_lines{kLongestEvent};
    bool m_over = false;
};

}  // namespace alcove
