#include "engine/vulkan/driver/cooperative_matrix.h"

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "engine/vulkan/driver/structure.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

namespace {

// VkCooperativeMatrixPropertiesKHR, with the enumerations as numbers.
struct Properties {
    VkStructureType sType;
    void* pNext;
    std::uint32_t m;
    std::uint32_t n;
    std::uint32_t k;
    std::int32_t a;
    std::int32_t b;
    std::int32_t c;
    std::int32_t result;
    VkBool32 saturates;
    std::int32_t scope;
};
constexpr auto kPropertiesType = static_cast<VkStructureType>(1000506001);
constexpr std::int32_t kFloat16 = 0;   // VK_COMPONENT_TYPE_FLOAT16_KHR
constexpr std::int32_t kFloat32 = 1;   // VK_COMPONENT_TYPE_FLOAT32_KHR
constexpr std::int32_t kSubgroup = 3;  // VK_SCOPE_SUBGROUP_KHR

using GetProperties = VkResult(VKAPI_PTR*)(VkPhysicalDevice, std::uint32_t*, Properties*);

bool divides(std::uint32_t size) {
    return std::has_single_bit(size) && size <= ALCOVE_BLOCK;
}

bool serves(const Properties& offered) {
    return offered.a == kFloat16 && offered.b == kFloat16 && offered.c == kFloat32 && offered.result == kFloat32 &&
           offered.saturates == VK_FALSE && offered.scope == kSubgroup && divides(offered.m) && divides(offered.n) &&
           divides(offered.k);
}

}  // namespace

MatrixShape matrixShape(VkInstance instance, VkPhysicalDevice device) {
    const auto getProperties = reinterpret_cast<GetProperties>(
        vkGetInstanceProcAddr(instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR"));
    if (getProperties == nullptr) {
        return {};
    }
    std::uint32_t count = 0;
    if (getProperties(device, &count, nullptr) != VK_SUCCESS) {
        return {};
    }
    std::vector<Properties> offers(count, structure<Properties>(kPropertiesType));
    if (getProperties(device, &count, offers.data()) < VK_SUCCESS) {
        return {};
    }
    offers.resize(count);
    MatrixShape best;
    for (const Properties& offered : offers) {
        if (serves(offered) && offered.m * offered.n * offered.k > best.m * best.n * best.k) {
            best = {offered.m, offered.n, offered.k};
        }
    }
    return best;
}

}  // namespace alcove::engine::vulkan
