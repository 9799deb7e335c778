// Typography for rendered Markdown. Qt's own import leaves lines tight, lists far indented and tables in double frames.
#pragma once

#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtGui/QColor>
#include <QtQml/qqmlregistration.h>
#include <QtQuick/QQuickTextDocument>

class QTextTable;

namespace alcove {

// GUI thread. Gives the document its look now and after each change of its contents. Only formats change, never text.
class DocumentStyle : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickTextDocument* document READ document WRITE setDocument NOTIFY changed REQUIRED)
    Q_PROPERTY(QString monospace MEMBER m_monospace NOTIFY changed)
    Q_PROPERTY(int pixelSize MEMBER m_pixelSize NOTIFY changed)
    Q_PROPERTY(QColor codeColor MEMBER m_codeColor NOTIFY changed)
    Q_PROPERTY(QColor lineColor MEMBER m_lineColor NOTIFY changed)
    Q_PROPERTY(QColor linkColor MEMBER m_linkColor NOTIFY changed)
    Q_PROPERTY(QColor quoteColor MEMBER m_quoteColor NOTIFY changed)

public:
    explicit DocumentStyle(QObject* parent = nullptr);

    [[nodiscard]] QQuickTextDocument* document() const { return m_document; }
    void setDocument(QQuickTextDocument* document);

signals:
    void changed();

private:
    void apply();
    void styleBlocks(QTextDocument& document) const;
    void styleTable(QTextTable& table) const;

    QPointer<QQuickTextDocument> m_document;
    QString m_monospace = QStringLiteral("monospace");
    int m_pixelSize = 15;
    QColor m_codeColor;
    QColor m_lineColor;
    QColor m_linkColor;
    QColor m_quoteColor;
    bool m_applying = false;
};

}  // namespace alcove
