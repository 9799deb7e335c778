// One file from a hub to its place on the disk.
#pragma once

#include <memory>

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include "app/fetch/backoff.h"
#include "app/fetch/part_file.h"
#include "app/fetch/web_request.h"

namespace alcove {

// Carries on what is there, asks for the rest, tries again what passes, and gives the file its name once its content is
// verified. One of `done` and `failed` is signalled, once; deleted before, it leaves the part as it is.
class FileDownload : public QObject {
    Q_OBJECT

public:
    FileDownload(WebContext& context, FetchFile wanted, QObject* parent = nullptr);

    void start();
    [[nodiscard]] qint64 id() const { return m_wanted.id; }

signals:
    void redirected(const QString& host);
    void progressed(qint64 bytes, qint64 fetched);
    void waiting(int milliseconds, const FetchFailure& failure);
    void done();
    void failed(const FetchFailure& failure);

private:
    void open();
    void hashNext();
    void ask();
    void onAnswer(const WebAnswer& answer);
    void onBytes(const QByteArray& bytes);
    void finish();
    void tryAgain(const FetchFailure& failure, void (FileDownload::*step)());
    void giveUp(const FetchFailure& failure);
    void report(bool now);
    // Runs a step that works on the disk; what fails there is the end.
    template <typename Step>
    void onDisk(const Step& step);

    WebContext& m_context;
    FetchFile m_wanted;
    Backoff m_backoff;
    std::unique_ptr<PartFile> m_part;
    std::unique_ptr<WebRequest> m_request;
    QElapsedTimer m_sinceReport;
    qint64 m_farthest = 0;  // that the part ever was, here; going beyond it is progress
    qint64 m_fetched = 0;
    int m_beginnings = 0;  // from zero, though some of it was there
};

}  // namespace alcove
