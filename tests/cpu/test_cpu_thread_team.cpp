// The team of threads: everything is done once, and what was done before a barrier is seen behind it.
#include <atomic>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <QTest>

#include "engine/cpu/thread_team.h"
#include "tests/rig/test_registry.h"

using alcove::engine::cpu::physicalCores;
using alcove::engine::cpu::ThreadTeam;

class TestCpuThreadTeam : public QObject {
    Q_OBJECT

private slots:
    void runsOnEveryMember();
    void sharesEveryUnitOnce();
    void waitsForThePhaseBefore();
    void carriesAnExceptionToTheCaller_data();
    void carriesAnExceptionToTheCaller();
    void findsCores() { QVERIFY(physicalCores() >= 1 && physicalCores() <= std::thread::hardware_concurrency()); }
};

void TestCpuThreadTeam::runsOnEveryMember() {
    for (const unsigned size : {1U, 2U, 5U}) {
        ThreadTeam team(size);
        std::vector<std::atomic<int>> calls(size);
        for (int run = 0; run < 50; ++run) {
            team.run([&](unsigned member) { ++calls[member]; });
        }
        for (const std::atomic<int>& count : calls) {
            QCOMPARE(count.load(), 50);
        }
    }
}

void TestCpuThreadTeam::sharesEveryUnitOnce() {
    ThreadTeam team(4);
    std::vector<std::atomic<int>> units(37);
    for (int run = 0; run < 20; ++run) {
        team.run([&](unsigned member) {
            team.share(member, units.size(), [&](std::size_t i) { ++units[i]; });
            team.share(member, 0, [&](std::size_t i) { ++units[i]; });
            team.share(member, 1, [&](std::size_t i) { ++units[i]; });
        });
    }
    QCOMPARE(units[0].load(), 40);
    for (std::size_t i = 1; i < units.size(); ++i) {
        QCOMPARE(units[i].load(), 20);
    }
}

// Each phase adds up what the one before left; plain integers, so that a missing barrier is also a data race.
void TestCpuThreadTeam::waitsForThePhaseBefore() {
    ThreadTeam team(3);
    std::vector<std::uint64_t> values(16, 1);
    std::vector<std::uint64_t> sums(16);
    team.run([&](unsigned member) {
        for (int phase = 0; phase < 10; ++phase) {
            team.share(member, 16,
                       [&](std::size_t i) { sums[i] = std::accumulate(values.begin(), values.end(), 0ULL); });
            team.share(member, 16, [&](std::size_t i) { values[i] = sums[(i + 5) % 16] / 8; });
        }
    });
    for (const std::uint64_t value : values) {
        QCOMPARE(value, std::uint64_t{1024});
    }
}

void TestCpuThreadTeam::carriesAnExceptionToTheCaller_data() {
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("thrower");  // size: every member throws
    for (const int size : {1, 2, 4}) {
        for (int thrower = 0; thrower <= size; ++thrower) {
            QTest::addRow("%d of %d", thrower, size) << size << thrower;
        }
    }
}

// Whichever member throws, before, between or behind barriers, or in a unit: run() throws that, nobody is left waiting,
// and the team works on.
void TestCpuThreadTeam::carriesAnExceptionToTheCaller() {
    QFETCH(int, size);
    QFETCH(int, thrower);
    ThreadTeam team(static_cast<unsigned>(size));
    for (int place = 0; place < 4; ++place) {
        for (int again = 0; again < 20; ++again) {
            const auto throwAt = [&](int here, unsigned member) {
                if (here == place && (thrower == size || member == static_cast<unsigned>(thrower))) {
                    throw std::runtime_error("member");
                }
            };
            std::atomic<int> behind = 0;
            const auto work = [&](unsigned member) {
                throwAt(0, member);
                team.barrier();
                throwAt(1, member);
                // The only unit, whoever takes it.
                team.share(member, 1, [&](std::size_t) { throwAt(2, static_cast<unsigned>(thrower % size)); });
                throwAt(3, member);
                team.barrier();
                ++behind;
            };
            try {
                team.run(work);
                QFAIL("the exception was lost");
            } catch (const std::runtime_error& error) {
                QCOMPARE(error.what(), "member");
            }
            QCOMPARE(behind.load(), 0);
        }
    }
    std::vector<std::atomic<int>> units(9);
    team.run([&](unsigned member) { team.share(member, units.size(), [&](std::size_t i) { ++units[i]; }); });
    for (const std::atomic<int>& count : units) {
        QCOMPARE(count.load(), 1);
    }
}

ALCOVE_TEST(TestCpuThreadTeam)
#include "test_cpu_thread_team.moc"
