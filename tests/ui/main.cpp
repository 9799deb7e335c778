// Runs the tst_*.qml beside it on the real window.
#include <QtQml/QQmlEngine>
#include <QtQuickTest/quicktest.h>

#include "tests/ui/house.h"

class Setup : public QObject {
    Q_OBJECT
public slots:
    void applicationAvailable() { qmlRegisterType<alcove::House>("Alcove.Test", 1, 0, "House"); }
    void qmlEngineAvailable(QQmlEngine* engine) { engine->addImportPath("qrc:/qt/qml"); }
};

QUICK_TEST_MAIN_WITH_SETUP(window, Setup)

#include "main.moc"
