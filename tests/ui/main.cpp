// Runs the tst_*.qml beside it on the real window.
#include <QtQml/QQmlEngine>
#include <QtQuickTest/quicktest.h>

#include "tests/ui/text_turns.h"
#include "tests/ui/window_fixture.h"

class Setup : public QObject {
    Q_OBJECT
public slots:
    void applicationAvailable() {
        qmlRegisterType<alcove::WindowFixture>("Alcove.Test", 1, 0, "WindowFixture");
        qmlRegisterType<alcove::TextTurns>("Alcove.Test", 1, 0, "TextTurns");
    }
    void qmlEngineAvailable(QQmlEngine* engine) { engine->addImportPath("qrc:/qt/qml"); }
};

QUICK_TEST_MAIN_WITH_SETUP(window, Setup)

#include "main.moc"
