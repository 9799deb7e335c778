// The threads of the forward pass, working in step.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace alcove::engine::cpu {

// Processor cores this process may run on, counting the threads of one core once; at least 1.
[[nodiscard]] unsigned physicalCores();

// A number of threads of which the one that calls run() is the first. The others sleep between runs; inside a run
// waiting members spin for some microseconds at most, then sleep too.
class ThreadTeam {
public:
    // size >= 1. Throws Error{OutOfMemory} where the system gives no more threads.
    explicit ThreadTeam(unsigned size);
    ThreadTeam(const ThreadTeam&) = delete;
    ThreadTeam& operator=(const ThreadTeam&) = delete;
    ~ThreadTeam();

    [[nodiscard]] unsigned size() const { return m_size; }

    // Calls work(member) once on every thread, member in [0, size()), and returns when all have returned. What `work`
    // throws on any of them is thrown here then; the others leave their work at the next barrier. Of several exceptions
    // the first counts. Always from the same thread.
    void run(const std::function<void(unsigned)>& work);

    // The next two only inside run(), by every member alike.

    // Returns when all members have called it; what any wrote before is then visible to all. Throws what is caught by
    // run() alone where another member has left the work by an exception.
    void barrier();

    // Calls unit(i) once for every i in [0, count), then barrier(). Each member has a run of neighbouring units of its
    // own, the same in every call of equal `count`, and goes through it in order, which is what a processor's
    // prefetching and caches like; members that finish early take over units of the others. What a unit computes must
    // not depend on the member.
    template <class Unit>
    void share(unsigned member, std::size_t count, const Unit& unit) {
        for (unsigned i = 0; i < m_size; ++i) {
            const std::size_t owner = (member + i) % m_size;
            const std::size_t end = count * (owner + 1) / m_size;
            std::atomic<std::size_t>& taken = m_runs[owner].taken;
            for (std::size_t at = count * owner / m_size + taken.fetch_add(1, std::memory_order_relaxed); at < end;
                 at = count * owner / m_size + taken.fetch_add(1, std::memory_order_relaxed)) {
                unit(at);
            }
        }
        barrier();
    }

private:
    struct alignas(64) Run {
        std::atomic<std::size_t> taken = 0;  // units of it
    };

    struct Abandoned {};  // thrown by barrier()

    void serve(unsigned member);
    void end();
    void work(unsigned member);
    void abandon(std::exception_ptr failure);

    unsigned m_size;
    const std::function<void(unsigned)>* m_work = nullptr;
    bool m_ending = false;
    std::atomic<bool> m_failed = false;  // in this run, a member has left its work
    std::exception_ptr m_failure;        // of the first of them
    // Each written by many threads: on cache lines of their own.
    alignas(64) std::atomic<std::uint32_t> m_calls = 0;  // of run(): a change starts the members
    alignas(64) std::atomic<std::uint32_t> m_phase = 0;
    alignas(64) std::atomic<std::uint32_t> m_arrived = 0;
    alignas(64) std::atomic<std::uint32_t> m_returned = 0;  // of the members, from all runs' work
    std::vector<Run> m_runs;                                // by member
    std::vector<std::thread> m_threads;
};

}  // namespace alcove::engine::cpu
