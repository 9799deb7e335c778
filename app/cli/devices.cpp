#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "engine/device.h"

namespace alcove::cli {

namespace {

const char* kindName(engine::DeviceKind kind) {
    switch (kind) {
        case engine::DeviceKind::DiscreteGpu:
            return "discrete";
        case engine::DeviceKind::IntegratedGpu:
            return "integrated";
        case engine::DeviceKind::VirtualGpu:
            return "virtual";
        case engine::DeviceKind::Software:
            break;
    }
    return "software";
}

int run(bool json) {
    const std::vector<engine::DeviceInfo> devices = engine::listDevices();
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    std::vector<std::pair<std::string, std::string>> rows;
    for (const engine::DeviceInfo& device : devices) {
        const std::string id = "vulkan:" + std::to_string(device.index);
        list.push_back({{"device", id},
                        {"index", device.index},
                        {"name", device.name},
                        {"kind", kindName(device.kind)},
                        {"driver", device.driver},
                        {"api_version", device.apiVersion},
                        {"memory_bytes", device.memoryBytes},
                        {"usable", device.usable},
                        {"problem", device.problem}});
        rows.emplace_back(id, device.name + " · " + kindName(device.kind) + " · " + byteCount(device.memoryBytes) +
                                  " · Vulkan " + device.apiVersion + " · " + device.driver +
                                  (device.usable ? "" : " · not usable: " + device.problem));
    }
    if (json) {
        writeJson({{"devices", list}});
    } else {
        writeTable(rows);
    }
    return 0;
}

}  // namespace

void addDevices(CLI::App& app, Command& chosen) {
    CLI::App* command = app.add_subcommand("devices", "List the Vulkan devices of this machine");
    const auto json = std::make_shared<bool>(false);
    addJson(*command, *json);
    command->callback([json, &chosen] { chosen = [json] { return run(*json); }; });
}

}  // namespace alcove::cli
