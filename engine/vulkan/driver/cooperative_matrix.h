// VK_KHR_cooperative_matrix, as far as the engine uses it. The headers that it is built with may be older than the
// extension, so what it adds is declared here; numbers and layouts are those of the Vulkan registry.
#pragma once

#include <volk.h>

#include "engine/vulkan/driver/device_features.h"

namespace alcove::engine::vulkan {

inline constexpr const char* kCooperativeMatrixName = "VK_KHR_cooperative_matrix";

// VkPhysicalDeviceCooperativeMatrixFeaturesKHR
struct CooperativeMatrixFeatures {
    VkStructureType sType;
    void* pNext;
    VkBool32 cooperativeMatrix;
    VkBool32 robustBufferAccess;
};
inline constexpr auto kCooperativeMatrixFeaturesType = static_cast<VkStructureType>(1000506000);

// The shape that the kernels use on a device with the extension: of those that multiply 16-bit floats and sum in 32
// bits, the one of the most products. None if there is no such shape.
[[nodiscard]] MatrixShape matrixShape(VkInstance instance, VkPhysicalDevice device);

}  // namespace alcove::engine::vulkan
