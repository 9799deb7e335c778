#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/settings/data_paths.h"
#include "app/translation/engine_sentences.h"
#include "engine/base/error.h"
#include "engine/devices/device_list.h"
#include "engine/devices/device_selection.h"

namespace alcove::cli {

namespace {

using engine::Sentence;

engine::TranslatableText kindName(engine::DeviceKind kind) {
    switch (kind) {
        case engine::DeviceKind::DiscreteGpu:
            return ALCOVE_TEXT("engine", "discrete");
        case engine::DeviceKind::IntegratedGpu:
            return ALCOVE_TEXT("engine", "integrated");
        case engine::DeviceKind::VirtualGpu:
            return ALCOVE_TEXT("engine", "virtual");
        case engine::DeviceKind::Processor:
            return ALCOVE_TEXT("engine", "processor");
        case engine::DeviceKind::Software:
            break;
    }
    return ALCOVE_TEXT("engine", "software");
}

// "Intel Arc · integrated · 8.0 GB · Vulkan 1.3.2 · Mesa 24".
Sentence described(const engine::DeviceInfo& device) {
    std::vector<Sentence> parts = {
        Sentence::verbatim(device.name + " · "), kindName(device.kind),
        Sentence::verbatim(" · " + byteCount(device.memoryBytes) +
                           (device.apiVersion.empty() ? "" : " · Vulkan " + device.apiVersion) + " · " +
                           device.driver)};
    if (!device.usable) {
        parts.push_back(Sentence::verbatim(" · "));
        parts.emplace_back(ALCOVE_TEXT("engine", "not usable: %1"), device.problem);
    }
    return Sentence::sequence(parts);
}

struct DevicesArguments {
    bool json = false;
    bool anew = false;
};

nlohmann::ordered_json speedJson(const engine::DeviceSpeed& speed) {
    return {{"prompt_tokens_per_second", 1 / speed.promptSeconds},
            {"reply_tokens_per_second", 1 / speed.replySeconds},
            {"answer_seconds", engine::answerSeconds(speed)}};
}

engine::DeviceSelection automaticChoice(const std::vector<engine::DeviceInfo>& devices, bool anew) {
    watchInterrupts();
    prepareCacheFolder();
    engine::SelectionOptions options;
    options.anew = anew;
    options.cancel = interrupted();
    options.measuring = [](const engine::Sentence& sentence) { writeSentence(inWords(sentence)); };
    try {
        return engine::selectDevice(devices, "auto", options);
    } catch (const engine::Error& error) {
        if (error.code() != engine::ErrorCode::DeviceNotFound) {
            throw;
        }
        return {.device = {}, .reason = error.sentence(), .measured = {}};  // ALCOVE_DEVICE names what is not there
    }
}

std::string text(const engine::Sentence& sentence) {
    return inWords(sentence).toStdString();
}

int runDevices(const DevicesArguments& arguments) {
    engine::Sentence vulkanProblem;
    const std::vector<engine::DeviceInfo> devices = engine::listDevices(&vulkanProblem);
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    std::vector<TableRow> rows;
    for (const engine::DeviceInfo& device : devices) {
        const std::string id = engine::deviceRequest(device);
        list.push_back({{"device", id},
                        {"index", device.index},
                        {"name", device.name},
                        {"kind", kindName(device.kind).source()},
                        {"driver", device.driver},
                        {"api_version", device.apiVersion},
                        {"memory_bytes", device.memoryBytes},
                        {"usable", device.usable},
                        {"problem", text(device.problem)}});
        rows.push_back({Sentence::verbatim(id), described(device)});
    }
    const engine::DeviceSelection selection = automaticChoice(devices, arguments.anew);
    const std::string chosen = selection.device.name.empty() ? "none" : engine::deviceRequest(selection.device);
    if (arguments.json) {
        nlohmann::ordered_json automatic = {
            {"device", chosen}, {"name", selection.device.name}, {"reason", text(selection.reason)}};
        if (selection.measured) {
            automatic["graphics"] = speedJson(selection.measured->gpu);
            automatic["processor"] = speedJson(selection.measured->processor);
        }
        writeJson({{"devices", list}, {"automatic", automatic}, {"vulkan_problem", text(vulkanProblem)}});
    } else {
        rows.push_back(
            {Sentence::verbatim("auto"), Sentence::sequence({Sentence::verbatim(chosen + ": "), selection.reason})});
        if (!vulkanProblem.empty()) {
            rows.push_back({Sentence::verbatim("vulkan"), vulkanProblem});
        }
        writeTable(rows);
    }
    return 0;
}

}  // namespace

void addDevices(CLI::App& app, Command& chosen) {
    CLI::App* command =
        app.add_subcommand("devices", "List the devices of this machine: those with Vulkan, and the processor");
    const auto arguments = std::make_shared<DevicesArguments>();
    command->add_flag("--measure", arguments->anew,
                      "Compare integrated graphics with the processor again, ignoring the stored result");
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runDevices(*arguments); }; });
}

}  // namespace alcove::cli
