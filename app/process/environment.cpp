#include "app/process/environment.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace alcove {
namespace {

// Families of variables that Qt reads.
constexpr std::array<std::string_view, 6> kQtPrefixes = {"QT_", "QML_", "QML2_", "QMLSCENE_", "QSG_", "QV4_"};

// Those of them that say how the window looks, how it is drawn, where text is typed, or what is logged. Names that end
// in
// "_" stand for all that begin so.
constexpr auto kHarmless = std::to_array<std::string_view>({
    "QT_ACCESSIBILITY",
    "QT_ASSUME_STDERR_HAS_CONSOLE",
    "QT_AUTO_SCREEN_SCALE_FACTOR",
    "QT_DBL_CLICK_DIST",
    "QT_DBL_TAP_DIST",
    "QT_DEBUG_PLUGINS",
    "QT_DPI_ADJUSTMENT_POLICY",
    "QT_ENABLE_HIGHDPI_SCALING",
    "QT_FATAL_CRITICALS",
    "QT_FATAL_WARNINGS",
    "QT_FONT_DPI",
    "QT_FORCE_STDERR_LOGGING",
    "QT_HIGHDPI_DISABLE_2X_IMAGE_LOADING",
    "QT_IM_MODULE",
    "QT_IM_MODULES",
    "QT_LAYOUT_DIRECTION",
    "QT_LINUX_ACCESSIBILITY_ALWAYS_ON",
    "QT_LOGGING_RULES",
    "QT_LOGGING_TO_CONSOLE",
    "QT_MESSAGE_PATTERN",
    "QT_NO_CPU_FEATURE",
    "QT_NO_GLIB",
    "QT_QPA_PLATFORMTHEME",
    "QT_QPA_SYSTEM_ICON_THEME",
    "QT_QTESTLIB_RUNNING",
    "QT_QUICK_BACKEND",
    "QT_QUICK_CONTROLS_HOVER_ENABLED",
    "QT_SCALE_FACTOR",
    "QT_SCALE_FACTOR_ROUNDING_POLICY",
    "QT_SCREEN_SCALE_FACTORS",
    "QT_SUBPIXEL_AA_TYPE",
    "QT_USE_PHYSICAL_DPI",
    "QT_WAYLAND_",
    "QT_XCB_",
    "QSG_ANTIALIASING_METHOD",
    "QSG_INFO",
    "QSG_NO_VSYNC",
    "QSG_RENDER_LOOP",
    "QSG_RENDER_TIMING",
    "QSG_RHI_BACKEND",
    "QSG_RHI_DEBUG_LAYER",
    "QSG_RHI_PREFER_SOFTWARE_RENDERER",
    "QSG_SAMPLES",
});

// Addresses of services, each with how those of this machine begin; several in one value are apart by the third.
struct Address {
    std::string_view name;
    std::array<std::string_view, 2> local;
    char separator;
};
constexpr auto kAddresses = std::to_array<Address>({
    {"DBUS_SESSION_BUS_ADDRESS", {"unix:", "disabled:"}, ';'},
    {"DBUS_SYSTEM_BUS_ADDRESS", {"unix:", "disabled:"}, ';'},
    {"AT_SPI_BUS_ADDRESS", {"unix:", "disabled:"}, ';'},
    {"IBUS_ADDRESS", {"unix:", "disabled:"}, ';'},
    {"SESSION_MANAGER", {"local/", "unix/"}, ','},
});

constexpr const char* kBus = "DBUS_SESSION_BUS_ADDRESS";
constexpr const char* kRuntimeFolder = "XDG_RUNTIME_DIR";
constexpr const char* kPlatform = "QT_QPA_PLATFORM";
// Mesa, NVIDIA and AMDVLK make a folder of their own in it.
constexpr std::array<const char*, 3> kDriverCaches = {"MESA_SHADER_CACHE_DIR", "__GL_SHADER_DISK_CACHE_PATH",
                                                      "AMD_SHADER_DISK_CACHE_PATH"};

std::string_view nameOf(std::string_view variable) {
    return variable.substr(0, variable.find('='));
}

std::string_view valueOf(std::string_view variable) {
    const std::size_t equals = variable.find('=');
    return equals == std::string_view::npos ? std::string_view() : variable.substr(equals + 1);
}

// Calls `each` for every part of `list`.
template <typename Each>
void forEachPart(std::string_view list, char separator, const Each& each) {
    while (true) {
        const std::size_t end = list.find(separator);
        each(list.substr(0, end));
        if (end == std::string_view::npos) {
            return;
        }
        list.remove_prefix(end + 1);
    }
}

// What was changed: the names of variables that this program has otherwise, and what they were. Both outlive the
// program's threads.
struct Changes {
    std::vector<std::string> names;
    std::vector<std::string> before;
};
Changes& changes() {
    static auto* const kept = new Changes;  // never destroyed: a child may be forked while static objects are
    return *kept;
}

void change(const char* name, const char* value) {
    Changes& kept = changes();
    if (std::find(kept.names.begin(), kept.names.end(), name) == kept.names.end()) {
        kept.names.emplace_back(name);
        if (const char* before = std::getenv(name); before != nullptr) {
            kept.before.push_back(std::string(name) + "=" + before);
        }
    }
    if (value == nullptr) {
        ::unsetenv(name);
    } else {
        ::setenv(name, value, 1);
    }
}

std::filesystem::path cacheFolder() {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    if (cache != nullptr && cache[0] == '/') {
        return std::filesystem::path(cache) / "alcove";
    }
    const char* home = std::getenv("HOME");
    return home != nullptr && home[0] == '/' ? std::filesystem::path(home) / ".cache" / "alcove"
                                             : std::filesystem::path();
}

// Without an address, the D-Bus library looks for the bus of the login session and then starts one of its own by a
// program that leaves files in ~/.dbus.
void nameTheBus() {
    if (std::getenv(kBus) != nullptr) {
        return;
    }
    std::string address = "disabled:";
    if (const char* folder = std::getenv(kRuntimeFolder); folder != nullptr && folder[0] == '/') {
        const std::filesystem::path socket = std::filesystem::path(folder) / "bus";
        std::error_code ignored;
        if (std::filesystem::is_socket(socket, ignored)) {
            address = "unix:path=" + socket.string();
        }
    }
    change(kBus, address.c_str());
}

}  // namespace

std::string allowedPlatforms(std::string_view platforms) {
    std::string allowed;
    forEachPart(platforms, ';', [&](std::string_view platform) {
        const std::string_view name = platform.substr(0, platform.find(':'));
        if (name == "xcb" || name == "offscreen" || name == "wayland" || name.substr(0, 8) == "wayland-") {
            allowed += (allowed.empty() ? "" : ";") + std::string(name);
        }
    });
    return allowed;
}

bool keepsVariable(std::string_view name, std::string_view value) {
    if (name == kPlatform) {
        return allowedPlatforms(value) == value;
    }
    for (const Address& address : kAddresses) {
        if (name == address.name) {
            bool local = true;
            forEachPart(value, address.separator, [&](std::string_view part) {
                local = local &&
                        std::any_of(address.local.begin(), address.local.end(),
                                    [part](std::string_view begin) { return part.substr(0, begin.size()) == begin; });
            });
            return local;
        }
    }
    const auto begins = [name](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; };
    return std::none_of(kQtPrefixes.begin(), kQtPrefixes.end(), begins) ||
           std::any_of(kHarmless.begin(), kHarmless.end(), [&](std::string_view harmless) {
               return harmless.back() == '_' ? begins(harmless) : name == harmless;
           });
}

void restrictEnvironment() {
    std::vector<std::string> refused;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        const std::string_view name = nameOf(*variable);
        // The platform is the window's to refuse: it can show none without one.
        if (name != kPlatform && !keepsVariable(name, valueOf(*variable))) {
            refused.emplace_back(name);
        }
    }
    for (const std::string& name : refused) {
        std::fprintf(stderr, "alcove: %s of the environment is not used (see SECURITY.md).\n", name.c_str());
        change(name.c_str(), name == kBus ? "disabled:" : nullptr);
    }
    nameTheBus();
    if (const std::filesystem::path folder = cacheFolder(); !folder.empty()) {
        for (const char* name : kDriverCaches) {
            change(name, folder.c_str());
        }
        if (std::getenv(kRuntimeFolder) == nullptr) {
            change(kRuntimeFolder, folder.c_str());  // Qt makes one in the temporary folder otherwise
        }
    }
    static_cast<void>(changes());
}

void restoreEnvironmentInChild() {
    static std::array<char*, 4096> restored;  // no memory can be taken here
    const Changes& kept = changes();
    std::size_t count = 0;
    const auto add = [&count](char* variable) {
        if (count + 1 < restored.size()) {
            restored[count++] = variable;
        }
    };
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        const std::string_view name = nameOf(*variable);
        if (std::find(kept.names.begin(), kept.names.end(), name) == kept.names.end()) {
            add(*variable);
        }
    }
    for (const std::string& variable : kept.before) {
        add(const_cast<char*>(variable.c_str()));
    }
    restored[count] = nullptr;
    environ = restored.data();
}

}  // namespace alcove
