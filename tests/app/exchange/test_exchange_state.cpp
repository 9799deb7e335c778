// Which step of an exchange follows on which, and what cannot happen.
#include <QTest>

#include "app/exchange/exchange_state.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

constexpr ExchangeStep kSteps[] = {ExchangeStep::Idle, ExchangeStep::Waiting, ExchangeStep::Reading,
                                   ExchangeStep::Writing, ExchangeStep::Stopping};
constexpr ExchangeEvent kEvents[] = {ExchangeEvent::Ask, ExchangeEvent::Begin, ExchangeEvent::Token,
                                     ExchangeEvent::Stop, ExchangeEvent::End};

}  // namespace

class TestExchangeState : public QObject {
    Q_OBJECT

private slots:
    void everyStepWithEveryEvent() {
        // A row for each step, in it a letter for each event: the step that follows; '-': it cannot happen.
        const char* const expected[] = {
            "W----",  // Idle
            "-R-II",  // Waiting
            "--wSI",  // Reading
            "--wSI",  // Writing
            "--SSI",  // Stopping
        };
        const QByteArray letters = "IWRwS";
        for (std::size_t step = 0; step < std::size(kSteps); ++step) {
            QByteArray row;
            for (const ExchangeEvent event : kEvents) {
                const std::optional<ExchangeStep> next = nextStep(kSteps[step], event);
                row += next ? letters[static_cast<int>(*next)] : '-';
            }
            QCOMPARE(row, QByteArray(expected[step]));
        }
    }

    void whatCannotHappenChangesNothing() {
        ExchangeState state;
        QCOMPARE(state.step(), ExchangeStep::Idle);
        QVERIFY(!state.apply(ExchangeEvent::Token));
        QCOMPARE(state.step(), ExchangeStep::Idle);
        QVERIFY(state.apply(ExchangeEvent::Ask) && !state.running());
        QVERIFY(!state.apply(ExchangeEvent::Ask));
        QCOMPARE(state.step(), ExchangeStep::Waiting);
        QVERIFY(state.apply(ExchangeEvent::Begin) && state.running());
        QVERIFY(state.apply(ExchangeEvent::Stop) && state.running());
        QVERIFY(state.apply(ExchangeEvent::Token));
        QCOMPARE(state.step(), ExchangeStep::Stopping);
        QVERIFY(state.apply(ExchangeEvent::End) && !state.running());
        QVERIFY(!state.apply(ExchangeEvent::End));
    }
};

ALCOVE_TEST(TestExchangeState)
#include "test_exchange_state.moc"
