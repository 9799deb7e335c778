// Marks pieces of a plain text that a TextEdit shows.
#pragma once

#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtCore/QVariant>
#include <QtGui/QColor>
#include <QtQml/QQmlParserStatus>
#include <QtQml/qqmlregistration.h>
#include <QtQuick/QQuickTextDocument>

namespace alcove {

// GUI thread. The TextEdit's textFormat is PlainText, and its `text` is left alone.
class MarkedDocument : public QObject, public QQmlParserStatus {
    Q_OBJECT
    QML_ELEMENT
    Q_INTERFACES(QQmlParserStatus)
    Q_PROPERTY(QQuickTextDocument* document MEMBER m_document NOTIFY changed REQUIRED)
    Q_PROPERTY(QString text MEMBER m_text NOTIFY changed REQUIRED)
    Q_PROPERTY(QVariantList marks MEMBER m_marks NOTIFY changed REQUIRED)  // begin, end, begin, end, …
    Q_PROPERTY(QColor markColor MEMBER m_markColor NOTIFY changed)
    Q_PROPERTY(QColor markBackground MEMBER m_markBackground NOTIFY changed)

public:
    explicit MarkedDocument(QObject* parent = nullptr);

    void classBegin() override {}
    void componentComplete() override;

signals:
    void changed();

private:
    void write();

    QPointer<QQuickTextDocument> m_document;
    QString m_text;
    QVariantList m_marks;
    QColor m_markColor;
    QColor m_markBackground;
    bool m_complete = false;
};

}  // namespace alcove
