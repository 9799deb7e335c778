#include "engine/cpu/thread_team.h"

#include <algorithm>
#include <cassert>
#include <fstream>
#include <sched.h>
#include <set>
#include <string>

namespace alcove::engine::cpu {

namespace {

// Some 20 to 50 microseconds: longer than a member is usually late, too short to be noticed.
constexpr int kSpins = 1000;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// Returns once `value` is no longer `old`.
void awaitChange(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
    for (int i = 0; i < kSpins; ++i) {
        if (value.load(std::memory_order_acquire) != old) {
            return;
        }
        pause();
    }
    value.wait(old, std::memory_order_acquire);
}

}  // namespace

unsigned physicalCores() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return std::max(1U, std::thread::hardware_concurrency());
    }
    // Threads of one core give the same list of siblings.
    std::set<std::string> cores;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &allowed)) {
            const std::string number = std::to_string(cpu);
            std::ifstream file("/sys/devices/system/cpu/cpu" + number + "/topology/thread_siblings_list");
            std::string siblings;
            cores.insert(std::getline(file, siblings) ? siblings : number);
        }
    }
    return std::max(1U, static_cast<unsigned>(cores.size()));
}

ThreadTeam::ThreadTeam(unsigned size) : m_size(size), m_runs(size) {
    assert(size >= 1);
    for (unsigned member = 1; member < size; ++member) {
        m_threads.emplace_back([this, member] { serve(member); });
    }
}

ThreadTeam::~ThreadTeam() {
    m_ending = true;
    m_calls.fetch_add(1, std::memory_order_release);
    m_calls.notify_all();
    for (std::thread& thread : m_threads) {
        thread.join();
    }
}

void ThreadTeam::serve(unsigned member) {
    // Every member takes part in every run, so that the runs can be counted.
    for (std::uint32_t seen = 0;; ++seen) {
        awaitChange(m_calls, seen);
        if (m_ending) {
            return;
        }
        (*m_work)(member);
        barrier();
    }
}

void ThreadTeam::run(const std::function<void(unsigned)>& work) {
    m_work = &work;
    m_calls.fetch_add(1, std::memory_order_release);
    m_calls.notify_all();
    work(0);
    barrier();
}

void ThreadTeam::barrier() {
    const std::uint32_t phase = m_phase.load(std::memory_order_relaxed);
    if (m_arrived.fetch_add(1, std::memory_order_acq_rel) + 1 < m_size) {
        awaitChange(m_phase, phase);
        return;
    }
    m_arrived.store(0, std::memory_order_relaxed);
    for (Run& run : m_runs) {
        run.taken.store(0, std::memory_order_relaxed);
    }
    m_phase.store(phase + 1, std::memory_order_release);
    m_phase.notify_all();
}

}  // namespace alcove::engine::cpu
