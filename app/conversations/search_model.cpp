#include "app/conversations/search_model.h"

#include <utility>

#include <QtCore/QLocale>

namespace alcove {
namespace {

constexpr int kAgainMs = 400;  // after a change, and while the index is being built
constexpr int kDaysOfWeekdays = 6;

}  // namespace

SearchModel::SearchModel(SearchThread& search, QObject* parent) : QAbstractListModel(parent), m_search(search) {
    m_again.setSingleShot(true);
    m_again.setInterval(kAgainMs);
    connect(&m_again, &QTimer::timeout, this, [this] {
        if (active() && m_hits.size() <= kPage) {  // further pages would be lost
            ask();
        }
    });
    connect(&search, &SearchThread::found, this, &SearchModel::onFound);
    connect(&search, &SearchThread::failed, this, &SearchModel::onFailed);
    connect(&search, &SearchThread::waitingChanged, this, [this](qint64 messages) {
        m_waiting = messages;
        emit stateChanged();
    });
}

int SearchModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant SearchModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const SearchHit& hit = m_hits[index.row()];
    switch (role) {
        case ConversationIdRole:
            return hit.conversationId;
        case MessageIdRole:
            return hit.messageId;
        case Qt::DisplayRole:
        case TitleRole:
            return hit.title;
        case SnippetRole:
            return hit.snippet.text;
        case MarksRole: {
            QVariantList marks;
            for (const TextRange& mark : hit.snippet.marks) {
                marks << mark.begin << mark.end;
            }
            return marks;
        }
        case AuthorRole:
            return hit.messageId == 0           ? QString()
                   : hit.author == Author::User ? QStringLiteral("user")
                                                : QStringLiteral("assistant");
        case DayRole:
            return shortDay(hit.at.toLocalTime(), QDateTime::currentDateTime());
        case SectionRole:
            return hit.messageId == 0 ? tr("Conversations") : tr("Messages");
        case FoundAtRole:
            return hit.snippet.at;
        case FoundTextRole:
            return hit.snippet.marks.isEmpty()
                       ? QString()
                       : hit.snippet.text.mid(hit.snippet.marks[0].begin,
                                              hit.snippet.marks[0].end - hit.snippet.marks[0].begin);
        default:
            return {};
    }
}

QHash<int, QByteArray> SearchModel::roleNames() const {
    return {{ConversationIdRole, "conversationId"},
            {MessageIdRole, "messageId"},
            {TitleRole, "title"},
            {SnippetRole, "snippet"},
            {MarksRole, "marks"},
            {AuthorRole, "author"},
            {DayRole, "day"},
            {SectionRole, "section"},
            {FoundAtRole, "foundAt"},
            {FoundTextRole, "foundText"}};
}

bool SearchModel::canFetchMore(const QModelIndex& parent) const {
    return !parent.isValid() && m_next != 0 && m_request == 0 && count() < kMostRows;
}

void SearchModel::fetchMore(const QModelIndex& parent) {
    if (canFetchMore(parent)) {
        m_further = true;
        m_request = m_search.search(m_text, kPage, m_next);
    }
}

QString SearchModel::note() const {
    if (!active()) {
        return {};
    }
    if (!m_problem.isEmpty()) {
        return m_problem;
    }
    if (!m_complete && m_waiting > 0) {
        return tr("%L1 messages are not in the index yet.").arg(m_waiting);
    }
    return m_hits.isEmpty() && m_request == 0 ? tr("Nothing was found.") : QString();
}

void SearchModel::setText(const QString& text) {
    if (text == m_text) {
        return;
    }
    const bool wasActive = active();
    m_text = text;
    if (active()) {
        ask();
    } else if (wasActive) {
        m_search.cancelSearch();
        m_request = 0;
        m_next = 0;
        m_problem.clear();
        replace({});
    }
    emit textChanged();
    emit stateChanged();
}

void SearchModel::refresh() {
    if (active()) {
        m_again.start();
    }
}

void SearchModel::ask() {
    m_further = false;
    m_request = m_search.search(m_text, kPage);
}

void SearchModel::onFound(quint64 request, const SearchPage& page) {
    if (request != m_request) {
        return;
    }
    m_request = 0;
    m_next = page.next;
    m_problem = page.problem;
    m_complete = page.complete;
    if (!m_further) {
        replace(page.hits);
    } else if (!page.hits.isEmpty()) {
        beginInsertRows({}, count(), count() + static_cast<int>(page.hits.size()) - 1);
        m_hits << page.hits;
        endInsertRows();
        emit countChanged();
    }
    if (!m_complete) {
        m_again.start();
    }
    emit stateChanged();
}

void SearchModel::onFailed(quint64 request, const QString& sentence) {
    if (request == m_request) {
        m_request = 0;
        m_next = 0;
        m_problem = sentence;
        replace({});
        emit stateChanged();
    }
}

void SearchModel::replace(const QList<SearchHit>& hits) {
    if (m_hits.isEmpty() && hits.isEmpty()) {
        return;
    }
    beginResetModel();
    m_hits = hits;
    endResetModel();
    emit countChanged();
}

QString SearchModel::shortDay(const QDateTime& time, const QDateTime& now) {
    const qint64 days = time.date().daysTo(now.date());
    const QLocale locale;
    if (days <= 0) {
        return locale.toString(time.time(), QLocale::ShortFormat);
    }
    if (days <= kDaysOfWeekdays) {
        return locale.toString(time.date(), QStringLiteral("ddd"));
    }
    return locale.toString(
        time.date(), time.date().year() == now.date().year() ? QStringLiteral("d MMM") : QStringLiteral("d MMM yyyy"));
}

}  // namespace alcove

#include "moc_search_model.cpp"
