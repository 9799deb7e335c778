// Small files that are kept between runs for one device, its driver and these shaders.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>

#include <volk.h>

namespace alcove::engine::vulkan {

// ~/.cache/alcove by the rules of the XDG base directories; empty if the environment names no home.
[[nodiscard]] std::filesystem::path defaultCacheFolder();

// folder / "PREFIX-UUID.SUFFIX", the UUID being that of the device's compiled pipelines.
[[nodiscard]] std::filesystem::path deviceFile(const std::filesystem::path& folder, const char* prefix,
                                               const VkPhysicalDeviceProperties& properties, const char* suffix);

// FNV-1a, 64 bits: detects accidental damage, which is enough for a cache.
inline constexpr std::uint64_t kHashStart = 0xcbf29ce484222325ULL;
[[nodiscard]] std::uint64_t hashOf(std::span<const std::byte> bytes, std::uint64_t hash = kHashStart);

// Of every shader of the program.
[[nodiscard]] std::uint64_t shaderHash();

// Replaces `file` by `parts` atomically, and creates its folder if it does not exist. False if it could not be written:
// then an old file is unchanged.
[[nodiscard]] bool replaceFile(const std::filesystem::path& file,
                               std::initializer_list<std::span<const std::byte>> parts);

}  // namespace alcove::engine::vulkan
