#include "engine/cpu/thread_team.h"

#include <algorithm>
#include <cassert>
#include <fstream>
#include <sched.h>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "engine/base/error.h"

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
    try {
        m_threads.reserve(size - 1);
        for (unsigned member = 1; member < size; ++member) {
            m_threads.emplace_back([this, member] { serve(member); });
        }
    } catch (const std::system_error& failure) {
        end();
        throw Error(ErrorCode::OutOfMemory,
                    ALCOVE_TEXT("engine", "The processor's threads cannot be started: %1. Close other programs."),
                    failure.what());
    }
}

ThreadTeam::~ThreadTeam() {
    end();
}

void ThreadTeam::end() {
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
        work(member);
        if (m_returned.fetch_add(1, std::memory_order_acq_rel) + 2 == m_size) {
            m_returned.notify_all();
        }
    }
}

void ThreadTeam::run(const std::function<void(unsigned)>& work) {
    m_work = &work;
    m_calls.fetch_add(1, std::memory_order_release);
    m_calls.notify_all();
    this->work(0);
    for (std::uint32_t returned = 0; returned + 1 < m_size; returned = m_returned.load(std::memory_order_acquire)) {
        awaitChange(m_returned, returned);
    }
    m_returned.store(0, std::memory_order_relaxed);
    if (m_failed.load(std::memory_order_relaxed)) {
        m_failed.store(false, std::memory_order_relaxed);
        m_arrived.store(0, std::memory_order_relaxed);
        for (Run& run : m_runs) {
            run.taken.store(0, std::memory_order_relaxed);
        }
        std::rethrow_exception(std::exchange(m_failure, nullptr));
    }
}

void ThreadTeam::work(unsigned member) {
    try {
        (*m_work)(member);
    } catch (const Abandoned&) {
        // Another member keeps why.
    } catch (...) {
        abandon(std::current_exception());
    }
}

// The others would wait for this member at the next barrier.
void ThreadTeam::abandon(std::exception_ptr failure) {
    if (!m_failed.exchange(true, std::memory_order_acq_rel)) {
        m_failure = std::move(failure);
    }
    m_phase.fetch_add(1, std::memory_order_release);
    m_phase.notify_all();
}

void ThreadTeam::barrier() {
    const std::uint32_t phase = m_phase.load(std::memory_order_acquire);
    const auto goOn = [this] {
        if (m_failed.load(std::memory_order_acquire)) {
            throw Abandoned();
        }
    };
    goOn();
    if (m_arrived.fetch_add(1, std::memory_order_acq_rel) + 1 < m_size) {
        awaitChange(m_phase, phase);
        goOn();
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
