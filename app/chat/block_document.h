// Fills the document of a TextEdit with a block of a message.
#pragma once

#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtCore/QVariant>
#include <QtQml/QQmlParserStatus>
#include <QtQml/qqmlregistration.h>
#include <QtQuick/QQuickTextDocument>

#include "app/chat/document_writer.h"

namespace alcove {

// GUI thread. The TextEdit's textFormat is PlainText, and its `text` is left alone. `text` is a block of
// MessageBlockModel of the kind `kind`: "markdown", "code" or "plain". The document is written once for each change of
// the text, and once for all changes of the look in a turn of the event loop; code that grows is added to.
class BlockDocument : public QObject, public QQmlParserStatus {
    Q_OBJECT
    QML_ELEMENT
    Q_INTERFACES(QQmlParserStatus)
    Q_PROPERTY(QQuickTextDocument* document MEMBER m_document NOTIFY changed REQUIRED)
    Q_PROPERTY(QString kind MEMBER m_kind NOTIFY changed REQUIRED)
    Q_PROPERTY(QString text MEMBER m_text NOTIFY textChanged REQUIRED)
    Q_PROPERTY(QString monospace MEMBER m_monospace NOTIFY changed)
    Q_PROPERTY(int pixelSize MEMBER m_pixelSize NOTIFY changed)
    // Of the TextEdit; a table that wants more than that gets it, and the TextEdit has to be as wide as that.
    Q_PROPERTY(double availableWidth MEMBER m_availableWidth NOTIFY availableWidthChanged)
    Q_PROPERTY(double tableWidth READ tableWidth NOTIFY tableWidthChanged)
    // Bars beside quotes and lines across, as rectangles; what reaches to the right end has no width.
    Q_PROPERTY(QVariantList marks READ marks NOTIFY marksChanged)
    Q_PROPERTY(QColor codeColor MEMBER m_codeColor NOTIFY changed)
    Q_PROPERTY(QColor lineColor MEMBER m_lineColor NOTIFY changed)
    Q_PROPERTY(QColor linkColor MEMBER m_linkColor NOTIFY changed)
    Q_PROPERTY(QColor quoteColor MEMBER m_quoteColor NOTIFY changed)
    Q_PROPERTY(QColor markColor MEMBER m_markColor NOTIFY changed)
    Q_PROPERTY(QColor markBackground MEMBER m_markBackground NOTIFY changed)

public:
    // What all documents of the program were given so far.
    struct Work {
        qint64 written = 0;     // documents, whole
        qint64 extended = 0;    // … or at their ends
        qint64 characters = 0;  // in both
        qint64 parts = 0;       // paragraphs, cells and runs
    };
    [[nodiscard]] static const Work& work();

    explicit BlockDocument(QObject* parent = nullptr);

    [[nodiscard]] double tableWidth() const { return m_tableWidth; }  // 0: there is no table
    [[nodiscard]] QVariantList marks() const { return m_marks; }

    void classBegin() override {}
    void componentComplete() override;

signals:
    void changed();
    void textChanged();
    void availableWidthChanged();
    void tableWidthChanged();
    void marksChanged();

private:
    void update();
    void write();
    void writeSoon();
    void place();
    [[nodiscard]] DocumentLook look() const;

    QPointer<QQuickTextDocument> m_document;
    QString m_kind;
    QString m_text;
    QString m_written;  // what the document holds
    QString m_monospace = QStringLiteral("monospace");
    int m_pixelSize = 15;
    QColor m_codeColor;
    QColor m_lineColor;
    QColor m_linkColor;
    QColor m_quoteColor;
    QColor m_markColor;
    QColor m_markBackground;
    double m_availableWidth = 0;
    double m_tableWidth = 0;
    QVariantList m_marks;
    bool m_marked = false;  // there are marks to place
    bool m_complete = false;
    bool m_lookWaits = false;
};

}  // namespace alcove
