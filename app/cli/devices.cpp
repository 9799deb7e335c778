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
        case engine::DeviceKind::Processor:
            return "processor";
        case engine::DeviceKind::Software:
            break;
    }
    return "software";
}

int run(bool json) {
    std::string vulkanProblem;
    const std::vector<engine::DeviceInfo> devices = engine::listDevices(&vulkanProblem);
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    std::vector<std::pair<std::string, std::string>> rows;
    for (const engine::DeviceInfo& device : devices) {
        const std::string id = engine::deviceRequest(device);
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
                                  (device.apiVersion.empty() ? "" : " · Vulkan " + device.apiVersion) + " · " +
                                  device.driver + (device.usable ? "" : " · not usable: " + device.problem));
    }
    if (json) {
        writeJson({{"devices", list}, {"vulkan_problem", vulkanProblem}});
    } else {
        if (!vulkanProblem.empty()) {
            rows.emplace_back("vulkan", vulkanProblem);
        }
        writeTable(rows);
    }
    return 0;
}

}  // namespace

void addDevices(CLI::App& app, Command& chosen) {
    CLI::App* command =
        app.add_subcommand("devices", "List the devices of this machine: those with Vulkan, and the processor");
    const auto json = std::make_shared<bool>(false);
    addJson(*command, *json);
    command->callback([json, &chosen] { chosen = [json] { return run(*json); }; });
}

}  // namespace alcove::cli
