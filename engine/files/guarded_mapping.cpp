#include "engine/files/guarded_mapping.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace alcove::engine {

// Entries are used again and never freed, so the handler can walk through them at any time.
struct GuardedMapping::Entry {
    std::atomic<std::uintptr_t> begin = 0;  // 0: not in use
    std::atomic<std::uintptr_t> end = 0;
    std::atomic<bool> failed = false;
    Entry* next = nullptr;  // set once, before the entry is published
};

namespace {

static_assert(std::atomic<std::uintptr_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free,
              "a signal handler may use nothing else");

std::atomic<GuardedMapping::Entry*> g_entries = nullptr;
std::uintptr_t g_pageSize = 0;
struct sigaction g_before = {};

// The entry that guards the address. Another thread may be taking an entry into use: its limits belong together only
// if `begin` is still the same after `end` was read.
GuardedMapping::Entry* entryAt(std::uintptr_t address, std::uintptr_t& end) {
    for (GuardedMapping::Entry* entry = g_entries.load(); entry != nullptr; entry = entry->next) {
        const std::uintptr_t begin = entry->begin.load();
        end = entry->end.load();
        if (begin != 0 && entry->begin.load() == begin && address >= begin && address < end) {
            return entry;
        }
    }
    return nullptr;
}

// Puts zeros from the page of the address to the end of the mapping. The system call itself: the sanitizers wrap
// mmap(), which is then not for signal handlers.
bool putZeros(std::uintptr_t address, std::uintptr_t end) {
    const std::uintptr_t first = address / g_pageSize * g_pageSize;
    constexpr long kProtection = PROT_READ;
    constexpr long kFlags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS;
    return ::syscall(SYS_mmap, first, end - first, kProtection, kFlags, -1L, 0L) == static_cast<long>(first);
}

void passOn(int signal, siginfo_t* info, void* context) {
    if ((g_before.sa_flags & SA_SIGINFO) != 0) {
        g_before.sa_sigaction(signal, info, context);
    } else if (g_before.sa_handler == SIG_DFL || g_before.sa_handler == SIG_IGN) {
        std::signal(SIGBUS, SIG_DFL);  // access is tried again and ends the program
        if (info->si_code <= 0) {
            ::raise(SIGBUS);  // sent by somebody: nothing is tried again
        }
    } else {
        g_before.sa_handler(signal);
    }
}

void onBusError(int signal, siginfo_t* info, void* context) {
    const int savedErrno = errno;
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    std::uintptr_t end = 0;
    GuardedMapping::Entry* const entry = info->si_code > 0 ? entryAt(address, end) : nullptr;
    if (entry != nullptr) {
        entry->failed.store(true);
    }
    if (entry == nullptr || !putZeros(address, end)) {
        passOn(signal, info, context);
    }
    errno = savedErrno;
}

std::mutex& registry() {
    static std::mutex mutex;
    return mutex;
}

void install() {
    static const bool installed = [] {
        g_pageSize = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        struct sigaction action = {};
        action.sa_sigaction = onBusError;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        ::sigemptyset(&action.sa_mask);
        return ::sigaction(SIGBUS, &action, &g_before) == 0;
    }();
    static_cast<void>(installed);
}

}  // namespace

GuardedMapping::GuardedMapping(int descriptor, std::size_t size) {
    const std::lock_guard lock(registry());
    install();
    for (Entry* entry = g_entries.load(); entry != nullptr && m_entry == nullptr; entry = entry->next) {
        m_entry = entry->begin.load() == 0 ? entry : nullptr;
    }
    if (m_entry == nullptr) {
        m_entry = new Entry;  // kept for ever: there are as many as mappings at once
        m_entry->next = g_entries.load();
        g_entries.store(m_entry);
    }
    void* const address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (address == MAP_FAILED) {
        m_entry = nullptr;
        return;
    }
    m_bytes = {static_cast<const std::byte*>(address), size};
    const auto begin = reinterpret_cast<std::uintptr_t>(address);
    m_entry->failed.store(false);
    m_entry->end.store((begin + size + g_pageSize - 1) / g_pageSize * g_pageSize);
    m_entry->begin.store(begin);
}

GuardedMapping::GuardedMapping(GuardedMapping&& other) noexcept
    : m_bytes(std::exchange(other.m_bytes, {})), m_entry(std::exchange(other.m_entry, nullptr)) {
}

GuardedMapping& GuardedMapping::operator=(GuardedMapping&& other) noexcept {
    std::swap(m_bytes, other.m_bytes);
    std::swap(m_entry, other.m_entry);
    return *this;
}

GuardedMapping::~GuardedMapping() {
    if (m_entry != nullptr) {
        const std::lock_guard lock(registry());
        m_entry->begin.store(0);
        ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
    }
}

bool GuardedMapping::failed() const {
    return m_entry != nullptr && m_entry->failed.load();
}

}  // namespace alcove::engine
