// Ending the window's program when the system says so, and in any case.
#pragma once

#include <functional>

#include <QtCore/QObject>

class QSocketNotifier;

namespace alcove {

// SIGTERM, SIGINT and SIGHUP (unless the program was started with it ignored) lead to quitRequested(), on the thread of
// this object, instead of ending the program. Where the event loop does not get to it for kLongestWait, the program
// ends nevertheless. One at a time; the signals stay caught until the program ends.
class QuitSignals : public QObject {
    Q_OBJECT

public:
    static constexpr unsigned kLongestWait = 10;  // seconds

    // Throws std::system_error where the system gives no pipe.
    explicit QuitSignals(QObject* parent = nullptr);
    ~QuitSignals() override;

signals:
    void quitRequested();

private:
    void onSignal();

    QSocketNotifier* m_notifier;
};

// While it lives, `save` is called where a library ends the program by exit() of its own: Qt does when the display goes
// away. The program then ends at once. One at a time.
class SaveAtExit {
public:
    explicit SaveAtExit(std::function<void()> save);
    SaveAtExit(const SaveAtExit&) = delete;
    SaveAtExit& operator=(const SaveAtExit&) = delete;
    ~SaveAtExit();
};

// From now on the program has so many seconds; then it ends with `exitCode`, whatever its threads do: one may wait for
// a driver or a disk that does not answer. For when everything is saved.
void endWithin(unsigned seconds, int exitCode);

}  // namespace alcove
