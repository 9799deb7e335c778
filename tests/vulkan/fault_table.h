// Wrappers of device functions that count calls, and fail where a test injects a fault.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <volk.h>

namespace alcove::tests {

// The `call`-th call of `function` from now, counted from 1, gives `result` instead of doing its work; `lasting`:
// and so does every later one. Functions that wait still do so, so that the driver is idle when the engine
// handles the error.
struct Fault {
    std::string_view function;  // "vkQueueSubmit"
    std::uint32_t call = 1;
    VkResult result = VK_ERROR_DEVICE_LOST;
    bool lasting = true;
};

// Only one may exist at a time, because Vulkan's functions take no pointer to it; it outlives the devices
// whose tables it wraps. Not for several threads.
class FaultTable {
public:
    FaultTable();
    FaultTable(const FaultTable&) = delete;
    FaultTable& operator=(const FaultTable&) = delete;
    ~FaultTable();

    // For DeviceHooks::wrapFunctions. Also sets all counts to zero.
    [[nodiscard]] std::function<void(VolkDeviceTable&)> wrap();

    // From the next call on. Fault{} with an empty name, or clear(): nothing fails.
    void inject(const Fault& fault);
    void clear() { inject({.function = {}}); }
    // True once the fault has occurred.
    [[nodiscard]] bool occurred() const;

    // Calls since wrap(). The function must be one of functions(). What a thread allocates in one of them is not
    // counted (tests/rig/allocation_count.h).
    [[nodiscard]] std::uint32_t count(std::string_view function) const;
    // All that are counted.
    [[nodiscard]] static std::vector<std::string_view> functions();
};

// Faults that try every function which was called since wrap() and can fail: each at its first and last call and at
// `most` - 2 calls spread between, out of memory for what makes things and lost for what the queue does.
[[nodiscard]] std::vector<Fault> faultsFor(const FaultTable& dryRun, std::uint32_t most);

}  // namespace alcove::tests
