#include "app/process/window_arguments.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "app/process/environment.h"

namespace alcove {
namespace {

constexpr std::array<std::string_view, 4> kRefused = {"-plugin", "-platformpluginpath", "-qmljsdebugger",
                                                      "-testability"};

}  // namespace

std::optional<RefusedArgument> refusedArgument(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        std::string_view option = argv[i];
        if (option.substr(0, 2) == "--") {
            option.remove_prefix(1);
        }
        const std::string_view name = option.substr(0, option.find('='));
        if (std::find(kRefused.begin(), kRefused.end(), name) != kRefused.end()) {
            return RefusedArgument{.name = argv[i], .value = {}};
        }
        if (option == "-platform" && i + 1 < argc) {
            char* platform = argv[++i];
            const std::string allowed = allowedPlatforms(platform);
            if (allowed.empty()) {
                return RefusedArgument{.name = argv[i - 1], .value = platform};
            }
            std::memcpy(platform, allowed.c_str(), allowed.size() + 1);  // never longer than what it was made of
        }
    }
    if (const char* platform = std::getenv("QT_QPA_PLATFORM"); platform != nullptr && *platform != '\0') {
        const std::string allowed = allowedPlatforms(platform);
        if (allowed.empty()) {
            return RefusedArgument{.name = "QT_QPA_PLATFORM", .value = platform};
        }
        if (allowed != platform) {
            ::setenv("QT_QPA_PLATFORM", allowed.c_str(), 1);
        }
    }
    return std::nullopt;
}

}  // namespace alcove
