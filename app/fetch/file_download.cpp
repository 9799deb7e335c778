#include "app/fetch/file_download.h"

#include <algorithm>
#include <utility>

#include <QFileInfo>
#include <QRandomGenerator>

#include "app/fetch/hub.h"

namespace alcove {
namespace {

constexpr qint64 kProgress = 1 << 20;  // bytes, after which failures before do not count any more
constexpr int kMostBeginnings = 3;
constexpr int kReportEveryMs = 150;

}  // namespace

FileDownload::FileDownload(WebContext& context, FetchFile wanted, QObject* parent)
    : QObject(parent), m_context(context), m_wanted(std::move(wanted)), m_backoff(context.configuration.limits) {
}

template <typename Step>
void FileDownload::onDisk(const Step& step) {
    try {
        step();
    } catch (const PartFileError& error) {
        giveUp(error.failure());
    }
}

void FileDownload::start() {
    open();
}

void FileDownload::open() {
    // It got its name when it was verified.
    if (const QFileInfo there(m_wanted.target); there.isFile() && there.size() == m_wanted.content.size) {
        emit progressed(m_wanted.content.size, 0);
        emit done();
        return;
    }
    try {
        m_part = std::make_unique<PartFile>(m_wanted.target, m_wanted.content);
        m_part->reserve();
    } catch (const PartFileError& error) {
        m_part.reset();
        if (error.failure().kind == FetchFailureKind::Busy) {
            tryAgain(error.failure(), &FileDownload::open);
        } else {
            giveUp(error.failure());
        }
        return;
    }
    m_farthest = m_part->size();
    hashNext();
}

void FileDownload::hashNext() {
    onDisk([this] {
        if (m_part->hashMore()) {
            QTimer::singleShot(0, this, &FileDownload::hashNext);
        } else if (m_part->size() == m_wanted.content.size) {
            finish();
        } else {
            report(true);
            ask();
        }
    });
}

void FileDownload::ask() {
    WebQuestion question;
    question.url = fileAddress(m_context.base, m_wanted.repository, m_wanted.revision, m_wanted.name);
    question.from = m_part->size();
    question.validator = m_part->validator();
    question.file = m_wanted.repository + u'/' + m_wanted.name;
    question.why = QStringLiteral("download");
    if (m_request) {
        m_request.release()->deleteLater();
    }
    m_request = std::make_unique<WebRequest>(m_context, std::move(question));
    connect(m_request.get(), &WebRequest::redirected, this, &FileDownload::redirected);
    connect(m_request.get(), &WebRequest::answered, this, &FileDownload::onAnswer);
    connect(m_request.get(), &WebRequest::received, this, &FileDownload::onBytes);
    connect(m_request.get(), &WebRequest::ended, this, [this] {
        if (m_part->size() < m_wanted.content.size) {
            tryAgain({.kind = FetchFailureKind::Interrupted, .host = hostText(m_context.base)}, &FileDownload::ask);
        }
    });
    connect(m_request.get(), &WebRequest::failed, this,
            [this](const FetchFailure& failure) { tryAgain(failure, &FileDownload::ask); });
    m_request->start();
}

void FileDownload::onAnswer(const WebAnswer& answer) {
    for (const qint64 size : {answer.total, answer.linkedSize}) {
        if (size >= 0 && size != m_wanted.content.size) {
            m_request->stop();
            giveUp({.kind = FetchFailureKind::WrongSize,
                    .host = hostText(answer.url),
                    .expected = m_wanted.content.size,
                    .found = size});
            return;
        }
    }
    onDisk([&] {
        if (answer.first != m_part->size()) {
            if (++m_beginnings > kMostBeginnings) {  // a server that breaks off again and again, and carries on never
                m_request->stop();
                giveUp({.kind = FetchFailureKind::Interrupted, .host = hostText(answer.url)});
                return;
            }
            m_part->beginAnew();
        }
        m_part->setValidator(answer.etag);
    });
}

void FileDownload::onBytes(const QByteArray& bytes) {
    if (m_part->size() + bytes.size() > m_wanted.content.size) {
        m_request->stop();
        giveUp({.kind = FetchFailureKind::WrongSize,
                .host = hostText(m_context.base),
                .expected = m_wanted.content.size,
                .found = m_part->size() + bytes.size()});
        return;
    }
    onDisk([&] {
        m_part->append(bytes);
        m_fetched += bytes.size();
        if (m_part->size() - m_farthest >= kProgress) {
            m_farthest = m_part->size();
            m_backoff.reset();
        }
        if (m_part->size() == m_wanted.content.size) {
            m_request->stop();
            finish();
        } else {
            report(false);
        }
    });
}

void FileDownload::finish() {
    report(true);
    if (m_part->finish()) {
        m_part.reset();
        emit done();
    } else {
        m_farthest = 0;
        report(true);
        QTimer::singleShot(0, this, &FileDownload::ask);
    }
}

void FileDownload::tryAgain(const FetchFailure& failure, void (FileDownload::*step)()) {
    const std::optional<int> wait = m_backoff.after(failure, QRandomGenerator::global()->generateDouble());
    if (!wait) {
        giveUp(failure);
        return;
    }
    emit waiting(*wait, failure);
    QTimer::singleShot(*wait, this, step);
}

void FileDownload::giveUp(const FetchFailure& failure) {
    if (m_request) {
        m_request->stop();
    }
    m_part.reset();
    emit failed(failure);
}

void FileDownload::report(bool now) {
    if (now || !m_sinceReport.isValid() || m_sinceReport.elapsed() >= kReportEveryMs) {
        m_sinceReport.start();
        emit progressed(m_part->size(), m_fetched);
    }
}

}  // namespace alcove
