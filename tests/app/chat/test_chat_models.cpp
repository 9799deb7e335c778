// The conversation list, notices and settings, as the window sees them.
#include <QtGui/QGuiApplication>
#include <QtGui/QPalette>

#include "tests/app/chat/chat_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestChatModels : public QObject {
    Q_OBJECT

private slots:
    void sections_data() {
        QTest::addColumn<QDate>("day");
        QTest::addColumn<QString>("section");
        QTest::newRow("today") << QDate(2026, 11, 23) << "Today";
        QTest::newRow("tomorrow, by another clock") << QDate(2026, 11, 24) << "Today";
        QTest::newRow("yesterday") << QDate(2026, 11, 22) << "Yesterday";
        QTest::newRow("2 days") << QDate(2026, 11, 21) << "Previous 7 days";
        QTest::newRow("7 days") << QDate(2026, 11, 16) << "Previous 7 days";
        QTest::newRow("8 days") << QDate(2026, 11, 15) << "Previous 30 days";
        QTest::newRow("30 days") << QDate(2026, 10, 24) << "Previous 30 days";
        QTest::newRow("31 days") << QDate(2026, 10, 23) << "October 2026";
        QTest::newRow("a year") << QDate(2025, 11, 23) << "November 2025";
    }

    void sections() {
        QLocale::setDefault(QLocale::c());
        QFETCH(QDate, day);
        QFETCH(QString, section);
        QCOMPARE(ConversationListModel::sectionOf(day, QDate(2026, 11, 23)), section);
    }

    void newestConversationMovesUp() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        ConversationListModel& list = *fixture.app->conversations();
        QList<int> ids;
        for (const char* text : {"a", "b", "c"}) {
            fixture.chat().newConversation();
            fixture.chat().send(text);
            QVERIFY(fixture.idle());
            ids << fixture.chat().conversationId();
        }
        const auto shown = [&list] {
            QStringList titles;
            for (int row = 0; row < list.count(); ++row) {
                titles << list.data(list.index(row), ConversationListModel::TitleRole).toString();
            }
            return titles;
        };
        QCOMPARE(shown(), QStringList({"c", "b", "a"}));
        QCOMPARE(list.data(list.index(0), ConversationListModel::SectionRole).toString(), QString("Today"));
        QCOMPARE(list.neighbour(0, 1), ids[2]);
        QCOMPARE(list.neighbour(ids[2], 1), ids[1]);
        QCOMPARE(list.neighbour(ids[0], 1), ids[0]);

        QSignalSpy moved(&list, &QAbstractItemModel::rowsMoved);
        QSignalSpy inserted(&list, &QAbstractItemModel::rowsInserted);
        QSignalSpy removed(&list, &QAbstractItemModel::rowsRemoved);
        QSignalSpy reset(&list, &QAbstractItemModel::modelReset);
        fixture.chat().openConversation(ids[0]);
        fixture.chat().send("more");
        QVERIFY(fixture.idle());
        QCOMPARE(shown(), QStringList({"a", "c", "b"}));
        QVERIFY(moved.count() >= 1);  // two, when the message is of the same millisecond as another conversation's last
        QCOMPARE(inserted.count() + removed.count() + reset.count(), 0);
    }

    void renames() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("First words");
        QVERIFY(fixture.idle());
        ConversationListModel& list = *fixture.app->conversations();
        QSignalSpy changed(&list, &QAbstractItemModel::dataChanged);
        QSignalSpy titles(&fixture.chat(), &ChatController::titleChanged);
        list.rename(fixture.chat().conversationId(), "  A better\n name ");
        QCOMPARE(fixture.chat().title(), QString("A better name"));
        QCOMPARE(changed.count(), 1);
        QCOMPARE(titles.count(), 1);
        list.rename(fixture.chat().conversationId(), "  ");
        QCOMPARE(fixture.chat().title(), QString("A better name"));
        fixture.chat().send("More");
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.app->store().conversations()[0].title, QString("A better name"));
    }

    void newestRemovalCanBeUndone() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        ConversationListModel& list = *fixture.app->conversations();
        QList<int> ids;
        for (const char* text : {"a", "b"}) {
            fixture.chat().newConversation();
            fixture.chat().send(text);
            QVERIFY(fixture.idle());
            ids << fixture.chat().conversationId();
        }
        list.remove(ids[0]);
        list.remove(ids[1]);
        QCOMPARE(list.count(), 0);
        QCOMPARE(fixture.notices().size(), 1);  // of the newest removal alone
        NoticeListModel& notices = *fixture.app->notices();
        QCOMPARE(notices.data(notices.index(0), NoticeListModel::ActionTextRole).toString(), QString("Undo"));
        notices.act(notices.data(notices.index(0), NoticeListModel::NoticeIdRole).toInt());
        QCOMPARE(list.count(), 1);
        QCOMPARE(list.title(ids[1]), QString("b"));
        QCOMPARE(notices.count(), 0);
        list.undoRemove();  // there is nothing more to undo
        QCOMPARE(list.count(), 1);
        fixture.close();
        QVERIFY(fixture.openReady());
        QCOMPARE(fixture.app->conversations()->count(), 1);
    }

    void sameNoticeIsShownOnce() {
        NoticeListModel notices;
        const int id = notices.add(NoticeListModel::Error, "The disk is full.");
        QCOMPARE(notices.add(NoticeListModel::Error, "The disk is full."), id);
        QCOMPARE(notices.count(), 1);
        QVERIFY(notices.add(NoticeListModel::Info, "The disk is full.") != id);
        notices.dismiss(id);
        notices.dismiss(id);
        QCOMPARE(notices.count(), 1);
    }

    void aNoticeMayOfferTwoThingsAndTellHowFarItIs() {
        NoticeListModel notices;
        QStringList done;
        const auto offer = [&] {
            return notices.add({.text = "Make it?",
                                .actionText = "Yes",
                                .action = [&done] { done << "yes"; },
                                .otherText = "No",
                                .otherAction = [&done] { done << "no"; },
                                .stays = true,
                                .progress = 0});
        };
        const int id = offer();
        const auto shown = [&](NoticeListModel::Role role) { return notices.data(notices.index(0), role); };
        QCOMPARE(shown(NoticeListModel::OtherTextRole).toString(), QString("No"));
        QVERIFY(shown(NoticeListModel::StaysRole).toBool());
        const QSignalSpy changed(&notices, &NoticeListModel::dataChanged);
        notices.setProgress(id, 0.5);
        notices.setProgress(id + 1, 0.7);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(shown(NoticeListModel::ProgressRole).toDouble(), 0.5);
        notices.actOtherwise(id);
        notices.actOtherwise(id);
        notices.act(offer());
        QCOMPARE(done, (QStringList{"no", "yes"}));
        QCOMPARE(notices.count(), 0);
        for (const char* role : {"noticeId", "severity", "text", "actionText", "otherText", "stays", "progress"}) {
            QVERIFY2(notices.roleNames().values().contains(role), role);
        }
    }

    void settingsAreKept() {
        ChatFixture fixture;
        fixture.open();
        SettingsController& settings = *fixture.app->settings();
        QSignalSpy sampling(&settings, &SettingsController::samplingChanged);
        QSignalSpy theme(&settings, &SettingsController::themeChanged);
        settings.setTemperature(1.5);
        settings.setTemperature(1.5);
        settings.setTheme("dark");
        settings.setTopK(-5);  // brought into range
        settings.setContextSize(512);
        QCOMPARE(sampling.count(), 2);
        QCOMPARE(theme.count(), 1);
        QCOMPARE(settings.topK(), 0);
        fixture.close();
        fixture.open();
        QCOMPARE(fixture.app->settings()->temperature(), 1.5);
        QCOMPARE(fixture.app->settings()->theme(), QString("dark"));
        QCOMPARE(fixture.app->settings()->contextSize(), 512);
        fixture.app->settings()->resetSampling();
        QCOMPARE(fixture.app->settings()->temperature(), 0.7);
        QCOMPARE(fixture.app->settings()->theme(), QString("dark"));
    }

    void followsTheDesktopsColours() {
        ChatFixture fixture;
        fixture.open();
        QSignalSpy changed(fixture.app->settings(), &SettingsController::systemDarkChanged);
        const QPalette before = QGuiApplication::palette();
        QPalette dark(Qt::white, QColor(30, 30, 30));
        dark.setColor(QPalette::WindowText, Qt::white);
        QGuiApplication::setPalette(dark);
        QTRY_VERIFY(fixture.app->settings()->systemDark());
        QPalette light(Qt::black, Qt::white);
        light.setColor(QPalette::WindowText, Qt::black);
        QGuiApplication::setPalette(light);
        QTRY_VERIFY(!fixture.app->settings()->systemDark());
        QVERIFY(changed.count() >= 1);
        QGuiApplication::setPalette(before);
    }
};

ALCOVE_TEST(TestChatModels)
#include "test_chat_models.moc"
