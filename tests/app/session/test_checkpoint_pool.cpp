// Which checkpoints stay open: the memory budget, the order of use, failures to open, and too little memory.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <QTest>

#include "app/session/checkpoint_pool.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

// A device with so much memory, and what was done with it.
struct Machine {
    std::uint64_t memory = 1000;
    std::uint64_t used = 0;
    std::vector<std::string> log;  // "open a", "open last a" (nothing else is open), "close a", "reopen a"
    std::map<std::string, engine::ErrorCode> failures;

    void take(const std::string& what, const std::string& name, std::uint64_t bytes) {
        log.push_back(what + " " + name);
        if (const auto failure = failures.find(name); failure != failures.end()) {
            throw engine::Error(failure->second, {});
        }
        if (used + bytes > memory) {
            throw engine::Error(engine::ErrorCode::OutOfMemory, {});
        }
        used += bytes;
    }
};

// Takes its bytes of the machine's memory while it is open.
class Model {
public:
    Model(Machine& machine, std::string name, std::uint64_t bytes)
        : m_machine(&machine), m_name(std::move(name)), m_bytes(bytes) {}
    Model(Model&& other) noexcept
        : m_machine(other.m_machine), m_name(other.m_name), m_bytes(other.m_bytes), m_open(other.m_open) {
        other.m_open = false;
    }
    Model& operator=(Model&&) = delete;
    ~Model() { release(); }

    void open(bool mayStepDown) {
        if (mayStepDown && m_machine->used + m_bytes > m_machine->memory) {
            m_bytes /= 2;
        }
        m_machine->take(mayStepDown ? "open last" : "open", m_name, m_bytes);
        m_open = true;
    }
    [[nodiscard]] std::uint64_t bytes() const { return m_bytes; }
    void close() {
        m_machine->log.push_back("close " + m_name);
        release();
    }
    void reopen() {
        m_machine->take("reopen", m_name, m_bytes);
        m_open = true;
    }
    [[nodiscard]] const std::string& name() const { return m_name; }

private:
    void release() {
        m_machine->used -= m_open ? m_bytes : 0;
        m_open = false;
    }

    Machine* m_machine;
    std::string m_name;
    std::uint64_t m_bytes;
    bool m_open = false;
};

struct Pool {
    Machine machine;
    CheckpointPool<std::string, Model> models;

    CheckpointPool<std::string, Model>::Id open(const std::string& name, std::uint64_t bytes, std::uint64_t budget) {
        return models.open(name, budget, [&](bool mayStepDown) {
            Model model(machine, name, bytes);
            model.open(mayStepDown);
            return model;
        });
    }
    // Of those that are open, the one used last first.
    [[nodiscard]] std::string names() {
        std::string result;
        std::vector<CheckpointPool<std::string, Model>::Id> ids = models.ids();
        for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
            result.insert(0, models.use(*id)->name());  // leaves the order as it is
        }
        return result;
    }
};

std::string joined(const std::vector<std::string>& lines) {
    std::string result;
    for (const std::string& line : lines) {
        result += (result.empty() ? "" : ", ") + line;
    }
    return result;
}

}  // namespace

class TestCheckpointPool : public QObject {
    Q_OBJECT

private slots:
    void withoutABudgetTheNewestStays() {
        Pool pool;
        const auto a = pool.open("a", 100, 0);
        QVERIFY(a != 0);
        const auto b = pool.open("b", 100, 0);
        QVERIFY(a != b);
        QVERIFY(pool.models.use(a) == nullptr);
        QCOMPARE(pool.models.use(b)->name(), std::string("b"));
        QCOMPARE(pool.machine.used, std::uint64_t{100});
        QCOMPARE(joined(pool.machine.log), std::string("open last a, open b"));  // the new one beside the old one
        QVERIFY(pool.models.use(0) == nullptr);
    }

    void theOneUsedLeastRecentlyGoes() {
        Pool pool;
        const auto a = pool.open("a", 100, 300);
        pool.open("b", 100, 300);
        pool.open("c", 100, 300);
        QCOMPARE(pool.names(), std::string("cba"));
        QCOMPARE(pool.models.bytes(), std::uint64_t{300});
        QVERIFY(pool.models.use(a) != nullptr);
        pool.open("d", 100, 300);
        QCOMPARE(pool.names(), std::string("dac"));
        pool.open("e", 200, 300);
        QCOMPARE(pool.names(), std::string("ed"));
        pool.open("f", 400, 300);  // stays, although it takes more
        QCOMPARE(pool.names(), std::string("f"));
        QCOMPARE(pool.machine.used, std::uint64_t{400});
    }

    void theSameIsNotOpenedTwice() {
        Pool pool;
        const auto a = pool.open("a", 100, 1000);
        pool.open("b", 100, 1000);
        QCOMPARE(pool.open("a", 100, 1000), a);
        QCOMPARE(joined(pool.machine.log), std::string("open last a, open b"));
        QCOMPARE(pool.names(), std::string("ab"));  // and is the one used last
        QCOMPARE(pool.open("a", 100, 0), a);        // the budget counts then too
        QCOMPARE(pool.names(), std::string("a"));
    }

    void whatItsKeyDoesNotSayAnyMoreIsOpenedAnew() {
        Pool pool;
        const auto a = pool.open("a", 100, 1000);
        pool.models.forgetKey(a);
        const auto again = pool.open("a", 100, 1000);
        QVERIFY(again != a);
        QVERIFY(pool.models.use(a) != nullptr);
        pool.models.close(a);
        QVERIFY(pool.models.use(a) == nullptr);
        QCOMPARE(pool.open("a", 100, 1000), again);
        pool.models.close(again);
        pool.models.close(again);  // nothing happens
        QCOMPARE(pool.machine.used, std::uint64_t{0});
    }

    void aFailureLeavesWhatWasThere() {
        Pool pool;
        const auto a = pool.open("a", 100, 1000);
        const auto b = pool.open("b", 100, 1000);
        pool.machine.failures["c"] = engine::ErrorCode::FileDamaged;
        QVERIFY_EXCEPTION_THROWN(pool.open("c", 100, 0), engine::Error);
        QCOMPARE(pool.names(), std::string("ba"));
        QCOMPARE(joined(pool.machine.log), std::string("open last a, open b, open c"));
        QVERIFY(pool.models.use(a) && pool.models.use(b));
        pool.machine.failures.clear();
        QVERIFY(pool.open("c", 100, 1000) != 0);
        QCOMPARE(pool.names(), std::string("cba"));
    }

    void whereMemoryIsShortOthersMakeRoom() {
        Pool pool;
        pool.open("a", 400, 1000);
        const auto b = pool.open("b", 300, 1000);
        const auto c = pool.open("c", 200, 1000);
        pool.machine.log.clear();
        const auto d = pool.open("d", 500, 1000);
        QCOMPARE(joined(pool.machine.log), std::string("open d, close a, open d"));
        QCOMPARE(pool.names(), std::string("dcb"));
        QVERIFY(pool.models.use(b) && pool.models.use(c) && pool.models.use(d));
        QCOMPARE(pool.machine.used, std::uint64_t{1000});
    }

    // With nothing left to close, and only then, it may be opened in less memory than was asked for.
    void theLastTryMayStepDown() {
        Pool pool;
        pool.open("a", 100, 1000);
        pool.open("b", 100, 1000);
        pool.machine.log.clear();
        const auto c = pool.open("c", 1500, 1000);
        QCOMPARE(joined(pool.machine.log), std::string("open c, close a, open c, close b, open last c"));
        QCOMPARE(pool.names(), std::string("c"));
        QCOMPARE(pool.models.use(c)->bytes(), std::uint64_t{750});
    }

    void whatMadeRoomComesBackAfterAFailure() {
        Pool pool;
        const auto a = pool.open("a", 400, 1000);
        const auto b = pool.open("b", 300, 1000);
        pool.machine.log.clear();
        QVERIFY_EXCEPTION_THROWN(pool.open("c", 4000, 1000), engine::Error);
        QCOMPARE(joined(pool.machine.log),
                 std::string("open c, close a, open c, close b, open last c, reopen b, reopen a"));
        QCOMPARE(pool.names(), std::string("ba"));
        QCOMPARE(pool.models.use(a)->name(), std::string("a"));
        QCOMPARE(pool.models.use(b)->name(), std::string("b"));
        QCOMPARE(pool.machine.used, std::uint64_t{700});
    }

    void whatCannotComeBackIsGone() {
        Pool pool;
        const auto a = pool.open("a", 400, 1000);
        const auto b = pool.open("b", 300, 1000);
        pool.machine.failures["b"] = engine::ErrorCode::FileMissing;
        QVERIFY_EXCEPTION_THROWN(pool.open("c", 4000, 1000), engine::Error);
        QCOMPARE(pool.names(), std::string("a"));
        QVERIFY(pool.models.use(a) != nullptr);
        QVERIFY(pool.models.use(b) == nullptr);
        pool.machine.failures.clear();
        QVERIFY(pool.open("b", 300, 1000) != b);
        QCOMPARE(pool.names(), std::string("ba"));
    }
};

ALCOVE_TEST(TestCheckpointPool)
#include "test_checkpoint_pool.moc"
