// One row as SQLite stores it, byte by byte, right and wrong.
#include <QTest>

#include "app/history/file/record.h"
#include "app/history/file/row_tag.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

// The types of the columns, each below 128, and what follows them.
QByteArray record(const QByteArray& types, const QByteArray& content) {
    return static_cast<char>(types.size() + 1) + types + content;
}

std::optional<RecoveredRow> parsed(const QByteArray& bytes, bool whole = true) {
    return parseRecord(7, bytes, whole);
}

std::optional<quint64> varint(const QByteArray& bytes, qsizetype* used = nullptr) {
    const auto* begin = reinterpret_cast<const uchar*>(bytes.constData());
    Cursor cursor{begin, begin + bytes.size()};
    const std::optional<quint64> value = cursor.varint();
    if (used != nullptr) {
        *used = cursor.at - begin;
    }
    return value;
}

}  // namespace

class TestHistoryRecord : public QObject {
    Q_OBJECT

private slots:
    void readsNumbersOfAnyLength() {
        qsizetype used = 0;
        QCOMPARE(varint("\x07", &used).value_or(0), quint64{7});
        QCOMPARE(used, 1);
        QCOMPARE(varint("\x81\x02rest", &used).value_or(0), quint64{130});
        QCOMPARE(used, 2);
        QCOMPARE(varint("\xff\xff\xff\xff\xff\xff\xff\xff\xfe", &used).value_or(0), ~quint64{1});
        QCOMPARE(used, 9);  // of which the last has eight bits
        QVERIFY(!varint(QByteArray()));
        QVERIFY(!varint("\x81"));
        QVERIFY(!varint("\xff\xff\xff\xff\xff\xff\xff\xff"));
    }

    void readsEachType() {
        const auto row = parsed(record(QByteArray("\0\1\2\6\7\x08\x09\x0e\x11", 9),
                                       QByteArray("\xfe", 1) + QByteArray("\x01\x00", 2) +
                                           QByteArray("\xff\xff\xff\xff\xff\xff\xff\xff", 8) +
                                           QByteArray("\x3f\xf8\0\0\0\0\0\0", 8) + QByteArray("b") + QByteArray("te")));
        QVERIFY(row && row->whole);
        QCOMPARE(row->rowid, 7);
        QCOMPARE(row->columns,
                 (QVariantList{QVariant(), -2LL, 256LL, -1LL, 1.5, 0LL, 1LL, QByteArray("b"), QStringLiteral("te")}));
        QCOMPARE(row->types.size(), 9);
    }

    void isNoneWhereItContradictsItself_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("whole");
        const auto both = [](const char* name, const QByteArray& bytes) {
            QTest::addRow("%s", name) << bytes << true;
            QTest::addRow("%s, the beginning of a row", name) << bytes << false;
        };
        both("empty", {});
        both("a header that is longer than the row", QByteArray("\x09\0\1", 3));
        both("a type that is cut off", QByteArray("\x03\0\x81", 3));
        both("type 10", record(QByteArray("\0\x0a", 2), {}));
        both("type 11", record(QByteArray("\0\x0b", 2), {}));
        both("a type of 2 GB", record(QByteArray("\0\x8f\xff\xff\xff\x7f", 6), QByteArray(100, 'x')));
        both("65 columns", record(QByteArray(65, '\0'), {}));
        QTest::newRow("a text that is longer than the row")
            << record(QByteArray("\0\x1d", 2), QByteArray("short")) << true;
    }
    void isNoneWhereItContradictsItself() {
        QFETCH(QByteArray, bytes);
        QFETCH(bool, whole);
        QVERIFY(!parsed(bytes, whole));
    }

    void sixtyFourColumnsAreRead() { QCOMPARE(parsed(record(QByteArray(64, '\0'), {}))->columns.size(), 64); }

    // A text that goes on where nothing is left, and a number after it.
    void theBeginningOfARow() {
        const auto row = parsed(record(QByteArray("\0\x1d\1", 3), QByteArray("short")), false);
        QVERIFY(row && !row->whole);
        QCOMPARE(row->columns, (QVariantList{QVariant(), QStringLiteral("short")}));
        QCOMPARE(row->types, (QList<quint64>{0, 0x1d, 1}));
        const auto blob = parsed(record(QByteArray("\0\x1c\1", 3), QByteArray("short")), false);
        QCOMPARE(blob->columns, QVariantList{QVariant()});  // half of it would be worth nothing
    }

    void knowsItsTag() {
        constexpr RowTag kTag{2, "tags"};
        constexpr char kTextOfFour = 13 + 2 * 4;
        const auto tagged = [&](const QByteArray& types, const QByteArray& content, bool whole = true) {
            return hasTag(*parsed(record(types, content), whole), kTag);
        };
        QVERIFY(tagged(QByteArray("\0\1", 2) + kTextOfFour, QByteArray("\5tags")));
        QVERIFY(!tagged(QByteArray("\0\1", 2) + kTextOfFour, QByteArray("\5gats")));
        QVERIFY(!tagged(QByteArray("\0\1", 2), QByteArray("\5")));                      // fewer columns
        QVERIFY(!tagged(QByteArray("\1\1", 2) + kTextOfFour, QByteArray("\5\5tags")));  // no id
        QVERIFY(!tagged(QByteArray("\0\1", 2) + kTextOfFour + '\1', QByteArray("\5tugs\1")));
        // Of a row whose end is lost, the length is what is left to go by.
        QVERIFY(tagged(QByteArray("\0\x7d", 2) + kTextOfFour, QByteArray("the text goes on"), false));
        QVERIFY(!tagged(QByteArray("\0\x7d", 2) + char(kTextOfFour + 2), QByteArray("the text goes on"), false));
        QVERIFY(tagged(QByteArray("\0\1", 2) + kTextOfFour, QByteArray("\5ta"), false));
        QVERIFY(!tagged(QByteArray("\0\1", 2) + kTextOfFour, QByteArray("\5gat"), false));
    }
};

ALCOVE_TEST(TestHistoryRecord)
#include "test_history_record.moc"
