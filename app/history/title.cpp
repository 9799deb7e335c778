#include "app/history/title.h"

#include <QCoreApplication>
#include <QTextBoundaryFinder>

#include "app/history/file/database.h"

namespace alcove {

QString conversationTitle(const QString& firstMessage) {
    // The beginning is enough: a pasted book must not be normalised whole to title a conversation.
    const QString beginning = storableText(firstMessage.left(4096));
    QString line;
    for (qsizetype from = 0; line.isEmpty() && from <= beginning.size();) {
        qsizetype to = beginning.indexOf(QLatin1Char('\n'), from);
        to = to < 0 ? beginning.size() : to;
        line = beginning.mid(from, to - from).simplified();
        from = to + 1;
    }
    if (line.isEmpty()) {
        return QCoreApplication::translate("alcove::HistoryStore", "New conversation");
    }
    if (line.size() <= kTitleLength) {
        return line;
    }
    const qsizetype room = kTitleLength - 1;  // one for the ellipsis
    qsizetype cut = line.lastIndexOf(QLatin1Char(' '), room);
    if (cut < room / 2) {
        QTextBoundaryFinder characters(QTextBoundaryFinder::Grapheme, line);
        characters.setPosition(room);
        cut = characters.isAtBoundary() ? room : characters.toPreviousBoundary();
        if (cut <= 0) {
            cut = line.at(room - 1).isHighSurrogate() ? room - 1 : room;  // one endless character
        }
    }
    return line.left(cut).trimmed() + QChar(0x2026);
}

}  // namespace alcove
