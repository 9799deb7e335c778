// What is found in all conversations, at the window's side.
#pragma once

#include <QtCore/QAbstractListModel>
#include <QtCore/QDate>
#include <QtCore/QTimer>
#include <QtQml/qqmlregistration.h>

#include "app/search/search_thread.h"

namespace alcove {

// GUI thread. Follows what is typed: while the next results are on their way the ones before stay. Further ones are
// asked for as the view nears the end.
class SearchModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY textChanged)
    Q_PROPERTY(bool active READ active NOTIFY textChanged)
    Q_PROPERTY(bool busy READ busy NOTIFY stateChanged)
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    // A sentence for the place of results, or above them; empty: nothing has to be said.
    Q_PROPERTY(QString note READ note NOTIFY stateChanged)

public:
    enum Role {
        ConversationIdRole = Qt::UserRole + 1,
        MessageIdRole,  // 0: the title was found
        TitleRole,
        SnippetRole,  // plain text
        MarksRole,    // where in it something was found: begin, end, begin, end, …
        AuthorRole,   // "user" or "assistant"; empty: the title was found
        DayRole,      // in short
        SectionRole,
        FoundAtRole,    // in the text of the message; -1: nothing in it
        FoundTextRole,  // what stands there
    };

    static constexpr int kPage = 30;
    static constexpr int kMostRows = 2000;

    // `search` must outlive it.
    explicit SearchModel(SearchThread& search, QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

    [[nodiscard]] QString text() const { return m_text; }
    void setText(const QString& text);
    [[nodiscard]] bool active() const { return !m_text.trimmed().isEmpty(); }
    [[nodiscard]] bool busy() const { return m_request != 0; }
    [[nodiscard]] int count() const { return static_cast<int>(m_hits.size()); }
    [[nodiscard]] QString note() const;

    // The history has changed: what is shown is looked for again, soon.
    void refresh();

    // A day in the words of a list: "14:05", "Tue", "3 May", "3 May 2025".
    [[nodiscard]] static QString shortDay(const QDateTime& time, const QDateTime& now);

signals:
    void textChanged();
    void stateChanged();
    void countChanged();

private:
    void ask();
    void onFound(quint64 request, const SearchPage& page);
    void onFailed(quint64 request, const QString& sentence);
    void replace(const QList<SearchHit>& hits);

    SearchThread& m_search;
    QString m_text;
    QList<SearchHit> m_hits;
    qint64 m_next = 0;       // SearchPage::next of the last page
    bool m_further = false;  // what is asked for goes behind the rows
    quint64 m_request = 0;   // 0: nothing is asked for
    QString m_problem;
    bool m_complete = true;
    qint64 m_waiting = 0;  // messages that are not indexed yet
    QTimer m_again;
};

}  // namespace alcove
