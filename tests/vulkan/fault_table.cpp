#include "tests/vulkan/fault_table.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "tests/rig/allocation_count.h"

namespace alcove::tests {

namespace {

// The functions that can be made to fail, and their wrappers.
enum class Failing { Never, OutOfMemory, Lost, LostAfterWaiting };

struct Function {
    std::string_view name;
    Failing failing;
    void (*wrap)(VolkDeviceTable&, std::size_t index);
    std::uint32_t count = 0;
};

Function& functionAt(std::size_t index);

bool g_exists = false;
Fault g_fault{.function = {}};
std::uint32_t g_callsOfFaulty = 0;
bool g_occurred = false;

// Counts a call, and returns whether it is to fail.
bool strikes(std::size_t index) {
    Function& function = functionAt(index);
    ++function.count;
    if (g_fault.function != function.name) {
        return false;
    }
    ++g_callsOfFaulty;
    const bool now = g_callsOfFaulty == g_fault.call || (g_fault.lasting && g_callsOfFaulty > g_fault.call);
    g_occurred = g_occurred || now;
    return now;
}

// The wrapper of the function that the member `kMember` of a table points to.
template <auto kMember, class Pointer>
struct Hook;

template <auto kMember, class Result, class... Arguments>
struct Hook<kMember, Result(VKAPI_PTR*)(Arguments...)> {
    static VKAPI_ATTR Result VKAPI_CALL call(Arguments... arguments) {
        const bool fails = strikes(position);
        const UncountedAllocations inside;
        if constexpr (std::is_same_v<Result, VkResult>) {
            if (fails) {
                if (functionAt(position).failing == Failing::LostAfterWaiting) {
                    real(arguments...);
                }
                return g_fault.result;
            }
        }
        return real(arguments...);
    }
    static void wrap(VolkDeviceTable& table, std::size_t index) {
        position = index;
        if (table.*kMember != nullptr && table.*kMember != call) {
            real = std::exchange(table.*kMember, call);
        }
    }
    static inline Result(VKAPI_PTR* real)(Arguments...) = nullptr;
    static inline std::size_t position = 0;
};

template <class Member>
struct PointerOf;
template <class Pointer>
struct PointerOf<Pointer VolkDeviceTable::*> {
    using Type = Pointer;
};

template <auto kMember>
constexpr Function function(std::string_view name, Failing failing) {
    return {name, failing, Hook<kMember, typename PointerOf<decltype(kMember)>::Type>::wrap};
}

#define COUNTED(name, failing) function<&VolkDeviceTable::name>(#name, Failing::failing)

std::array g_functions = {
    COUNTED(vkAllocateMemory, OutOfMemory),
    COUNTED(vkMapMemory, OutOfMemory),
    COUNTED(vkCreateBuffer, OutOfMemory),
    COUNTED(vkCreateBufferView, OutOfMemory),
    COUNTED(vkBindBufferMemory, OutOfMemory),
    COUNTED(vkCreateDescriptorSetLayout, OutOfMemory),
    COUNTED(vkCreatePipelineLayout, OutOfMemory),
    COUNTED(vkCreateShaderModule, OutOfMemory),
    COUNTED(vkCreateComputePipelines, OutOfMemory),
    COUNTED(vkCreatePipelineCache, OutOfMemory),
    COUNTED(vkCreateDescriptorPool, OutOfMemory),
    COUNTED(vkAllocateDescriptorSets, OutOfMemory),
    COUNTED(vkUpdateDescriptorSets, Never),
    COUNTED(vkCreateCommandPool, OutOfMemory),
    COUNTED(vkAllocateCommandBuffers, OutOfMemory),
    COUNTED(vkBeginCommandBuffer, OutOfMemory),
    COUNTED(vkEndCommandBuffer, OutOfMemory),
    COUNTED(vkCmdBindPipeline, Never),
    COUNTED(vkCmdBindDescriptorSets, Never),
    COUNTED(vkCmdPushConstants, Never),
    COUNTED(vkCmdDispatch, Never),
    COUNTED(vkCmdDispatchIndirect, Never),
    COUNTED(vkCmdCopyBuffer, Never),
    COUNTED(vkCmdFillBuffer, Never),
    COUNTED(vkCmdPipelineBarrier, Never),
    COUNTED(vkCreateFence, OutOfMemory),
    COUNTED(vkResetFences, OutOfMemory),
    COUNTED(vkGetFenceStatus, Lost),
    COUNTED(vkWaitForFences, LostAfterWaiting),
    COUNTED(vkCreateSemaphore, OutOfMemory),
    COUNTED(vkGetSemaphoreCounterValue, Lost),
    COUNTED(vkWaitSemaphores, LostAfterWaiting),
    COUNTED(vkQueueSubmit, Lost),
};

#undef COUNTED

Function& functionAt(std::size_t index) {
    return g_functions[index];
}

const Function& functionNamed(std::string_view name) {
    const auto* const found = std::find_if(g_functions.begin(), g_functions.end(),
                                           [name](const Function& function) { return function.name == name; });
    assert(found != g_functions.end());
    return *found;
}

}  // namespace

FaultTable::FaultTable() {
    assert(!g_exists);
    g_exists = true;
    clear();
}

FaultTable::~FaultTable() {
    clear();
    g_exists = false;
}

std::function<void(VolkDeviceTable&)> FaultTable::wrap() {
    return [](VolkDeviceTable& table) {
        for (std::size_t index = 0; index < g_functions.size(); ++index) {
            g_functions[index].count = 0;
            g_functions[index].wrap(table, index);
        }
    };
}

void FaultTable::inject(const Fault& fault) {
    assert(fault.function.empty() || functionNamed(fault.function).failing != Failing::Never);
    g_fault = fault;
    g_callsOfFaulty = 0;
    g_occurred = false;
}

bool FaultTable::occurred() const {
    return g_occurred;
}

std::uint32_t FaultTable::count(std::string_view function) const {
    return functionNamed(function).count;
}

std::vector<std::string_view> FaultTable::functions() {
    std::vector<std::string_view> names;
    for (const Function& function : g_functions) {
        names.push_back(function.name);
    }
    return names;
}

std::vector<Fault> faultsFor(const FaultTable& dryRun, std::uint32_t most) {
    std::vector<Fault> faults;
    for (const std::string_view name : FaultTable::functions()) {
        const Failing failing = functionNamed(name).failing;
        const std::uint32_t calls = dryRun.count(name);
        if (failing == Failing::Never || calls == 0) {
            continue;
        }
        const VkResult result = failing == Failing::OutOfMemory ? VK_ERROR_OUT_OF_DEVICE_MEMORY : VK_ERROR_DEVICE_LOST;
        const std::uint32_t tried = std::min(most, calls);
        for (std::uint32_t i = 0; i < tried; ++i) {
            const std::uint32_t call = tried == 1 ? 1 : 1 + i * (calls - 1) / (tried - 1);
            faults.push_back({name, call, result, failing != Failing::OutOfMemory});
        }
    }
    return faults;
}

}  // namespace alcove::tests
