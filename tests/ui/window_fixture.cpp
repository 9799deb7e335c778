#include "tests/ui/window_fixture.h"

#include <QtCore/QDir>
#include <QtCore/QMimeData>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtGui/QInputMethodEvent>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlEngine>
#include <QtTest/QTest>

namespace alcove {
namespace {

void collect(QQuickItem* item, QList<QQuickItem*>& found) {
    if (!item->isVisible() || item->opacity() <= 0)
        return;
    found << item;
    for (QQuickItem* child : item->childItems())
        collect(child, found);
}

QList<CheckpointEntry> entriesFor(const QStringList& names, const QVariantMap& cards) {
    QList<CheckpointEntry> entries;
    for (const QString& name : names) {
        CheckpointEntry entry;
        entry.name = name;
        entry.path = "/checkpoints/" + name;
        entry.usable = !name.startsWith("broken");
        entry.kind = name.endsWith("Chat") || !name.startsWith("Mobi") ? CheckpointKind::Chat : CheckpointKind::Base;
        if (entry.usable)
            entry.detail = QString::fromUtf8("535 M parameters · shared block · BF16 · 1.07 GB");
        else
            entry.problem = "model.safetensors is cut short: it should hold 1.07 GB and holds 402 MB.";
        const QVariantMap card = cards[name].toMap();
        entry.card.description = card["description"].toString();
        entry.card.suggestions = card["suggestions"].toStringList();
        if (card.contains("detail"))
            entry.detail = card["detail"].toString();
        entries << entry;
    }
    return entries;
}

}  // namespace

WindowFixture::WindowFixture(QObject* parent) : QObject(parent) {
}

WindowFixture::~WindowFixture() {
    close();
}

bool WindowFixture::open(const QVariantMap& options) {
    close();
    m_folder = std::make_unique<QTemporaryDir>();
    m_script = std::make_shared<FakeScript>();
    m_script->devices = {{"Fake device", "nothing is computed", true, {}}};
    if (options.contains("devices")) {
        m_script->devices.clear();
        for (const QString& device : options.value("devices").toStringList())
            m_script->devices << DeviceDescription{
                device.section('|', 0, 0), device.section('|', 1), true, {}, device.contains("graphics")};
    }
    m_script->automaticReason = options.value("automaticReason", m_script->automaticReason).toString();
    m_script->vulkanProblem = options.value("vulkanProblem").toString();
    m_script->deviceLostAtToken = options.value("deviceLostAt", -1).toInt();
    if (options.value("holdComparison").toBool())
        m_script->whileComparing = [this] { m_gate.acquire(); };
    m_script->openSteps = 4;
    m_script->contextSize = options.value("contextSize", m_script->contextSize).toInt();
    m_script->replies = options.value("replies", QStringList{"One two three."}).toStringList();
    m_script->devicesProblem = options.value("problem").toString();
    m_script->firstTurnInContext = options.value("firstTurnInContext").toInt();
    m_script->millisecondsPerToken = options.value("pace").toInt();
    m_script->failAfterTokens = options.value("failAfter").toInt();
    if (options.contains("failure"))
        m_script->failure = BackendError{options.value("failure").toString()};
    for (const QString& name : options.value("openFailures").toStringList())
        m_script->openFailures.insert("/checkpoints/" + name, BackendError{"“" + name + "” has a broken tensor."});
    for (const QString& name : options.value("fullPrecision").toStringList())
        m_script->fullPrecision << "/checkpoints/" + name;
    m_holdCopy = options.value("holdCopy", -1).toInt();
    m_script->copies->beforeStep = [this](int step) {
        if (step == m_holdCopy)
            m_copyGate.acquire();
    };
    m_holdToken = options.value("holdToken", -1).toInt();
    m_holdOpen = options.value("holdOpen", -1).toInt();
    m_script->beforeToken = [this](int step) {
        if (step == m_holdToken)
            m_gate.acquire();
    };
    m_script->beforeOpenStep = [this](int step) {
        if (step == m_holdOpen)
            m_gate.acquire();
    };

    ApplicationOptions application;
    application.dataFolder = m_folder->path();
    application.settingsFile = m_folder->filePath("settings.ini");
    application.libraryFolder = m_folder->filePath("checkpoints");
    application.pieceIntervalMs = 0;  // each piece of a reply is handed over at once
    application.backend = [script = m_script] { return std::make_unique<FakeBackend>(script); };
    application.copies = m_script->copies;
    const QStringList names = options.value("checkpoints", QStringList{"first", "second"}).toStringList();
    const QVariantMap cards = options.value("cards").toMap();
    application.scan = [names, cards](const ScanRequest&, const CheckpointPublish& publish, const std::atomic<bool>&) {
        publish(entriesFor(names, cards), true);
    };
    m_application = std::make_unique<Application>(application);
    m_application->settings()->setProperty("theme", options.value("theme", "light"));

    QTest::failOnWarning(QRegularExpression("Cannot open|TypeError|ReferenceError|not a type|is not defined"));
    QQmlComponent component(qmlEngine(this), QUrl("qrc:/qt/qml/Alcove/Ui/Window/Main.qml"));
    QObject* made = component.createWithInitialProperties({{"application", QVariant::fromValue(m_application.get())},
                                                           {"width", options.value("width", 1000)},
                                                           {"height", options.value("height", 700)}});
    m_window.reset(qobject_cast<QQuickWindow*>(made));
    if (!m_window) {
        qWarning() << component.errors();
        return false;
    }
    QQmlEngine::setObjectOwnership(m_window.get(), QQmlEngine::CppOwnership);
    emit changed();
    m_application->start({});
    return QTest::qWaitForWindowActive(m_window.get());
}

void WindowFixture::close() {
    letGo();
    m_window.reset();
    m_application.reset();
    while (m_gate.tryAcquire() || m_copyGate.tryAcquire()) {
    }
    emit changed();
}

QString WindowFixture::modelFolder(const QString& name) {
    const QDir folder(QDir(m_models.path()).canonicalPath() + QLatin1Char('/') + name);
    QFile config(folder.filePath(QStringLiteral("config.json")));
    return QDir().mkpath(folder.path()) && config.open(QIODevice::WriteOnly) ? folder.path() : QString();
}

void WindowFixture::letGo() {
    m_holdToken = -1;
    m_holdOpen = -1;
    m_holdCopy = -1;
    m_gate.release(2);
    m_copyGate.release();
}

void WindowFixture::stopFailing() {
    m_script->failure.reset();
}

void WindowFixture::key(int key, int modifiers) {
    QTest::keyClick(m_window.get(), static_cast<Qt::Key>(key), Qt::KeyboardModifiers(modifiers));
}

void WindowFixture::type(const QString& text) {
    for (const QChar letter : text)
        QTest::sendKeyEvent(QTest::Click, m_window.get(), Qt::Key_unknown, QString(letter), Qt::NoModifier);
}

void WindowFixture::compose(const QString& preedit) {
    QInputMethodEvent event(preedit, {});
    QCoreApplication::sendEvent(focused(), &event);
}

void WindowFixture::commit(const QString& text) {
    QInputMethodEvent event;
    event.setCommitString(text);
    QCoreApplication::sendEvent(focused(), &event);
}

bool WindowFixture::click(const QString& objectName) {
    if (!QTest::qWaitFor([this, &objectName] { return find(objectName) != nullptr; }))
        return false;
    m_window->grabWindow();  // lays out what is waiting for it
    const QQuickItem* item = find(objectName);
    if (!item)
        return false;
    const QPointF middle = item->mapToScene(QPointF(item->width() / 2, item->height() / 2));
    QTest::mouseClick(m_window.get(), Qt::LeftButton, {}, middle.toPoint());
    return true;
}

QList<QQuickItem*> WindowFixture::visibleItems() const {
    QList<QQuickItem*> items;
    if (m_window)
        collect(m_window->contentItem(), items);  // the overlay of popups is among its children
    return items;
}

QQuickItem* WindowFixture::find(const QString& objectName) const {
    for (QQuickItem* item : visibleItems()) {
        if (item->objectName() == objectName)
            return item;
    }
    return nullptr;
}

int WindowFixture::count(const QString& objectName) const {
    const QList<QQuickItem*> items = visibleItems();
    return static_cast<int>(std::count_if(items.begin(), items.end(), [&objectName](const QQuickItem* item) {
        return item->objectName() == objectName;
    }));
}

bool WindowFixture::shows(const QString& text) const {
    const QList<QQuickItem*> items = visibleItems();
    return std::any_of(items.begin(), items.end(), [&text](const QQuickItem* item) {
        return (item->inherits("QQuickText") || item->inherits("QQuickTextEdit")) &&
               item->property("text").toString().trimmed() == text;
    });
}

QQuickItem* WindowFixture::focused() const {
    return m_window ? m_window->activeFocusItem() : nullptr;
}

QString WindowFixture::clipboard() const {
    return QGuiApplication::clipboard()->text();
}

void WindowFixture::setClipboardHtml(const QString& html, const QString& text) {
    auto* data = new QMimeData;  // the clipboard's own from here on
    data->setHtml(html);
    data->setText(text);
    QGuiApplication::clipboard()->setMimeData(data);
}

QColor WindowFixture::pixel(int x, int y) const {
    return m_window->grabWindow().pixelColor(x, y);
}

bool WindowFixture::save(const QString& file) const {
    return m_window->grabWindow().save(file);
}

}  // namespace alcove
