#include <algorithm>
#include <array>
#include <memory>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_line.h"
#include "app/process/privacy.h"
#include "engine/conversion/model_writer.h"

namespace alcove::cli {

namespace {

using engine::DType;

struct WriteModelArguments {
    std::string checkpoint;
    std::string file;
    std::string type;
    std::string program;
    bool force = false;
    bool json = false;
};

constexpr std::array<std::pair<std::string_view, DType>, 4> kTypes = {
    {{"f32", DType::F32}, {"f16", DType::F16}, {"q8_0", DType::Q8_0}, {"q4_0", DType::Q4_0}}};

DType typeNamed(std::string_view name) {
    return std::find_if(kTypes.begin(), kTypes.end(), [name](const auto& type) { return type.first == name; })->second;
}

int runWriteModel(const WriteModelArguments& arguments, engine::GgufReader reader) {
    watchInterrupts();
    const engine::Checkpoint checkpoint = engine::Checkpoint::open(arguments.checkpoint, interrupted());
    const engine::Tokenizer tokenizer = engine::Tokenizer::open(checkpoint.location(), checkpoint.config().vocabSize);
    const engine::TemplateSelection choice = engine::selectTemplate(checkpoint.location());
    engine::ModelWriteOptions options;
    options.reader = reader;
    options.dtype = typeNamed(arguments.type);
    options.overwrite = arguments.force;
    options.cancel = interrupted();
    ProgressLine line("MB");
    options.progress = [&line](std::uint64_t done, std::uint64_t total) {
        constexpr std::uint64_t kMegabyte = 1'000'000;
        line.show(done / kMegabyte, total / kMegabyte);
    };
    const std::uint64_t bytes = engine::writeModel(checkpoint, tokenizer, choice, arguments.file, options);
    // A file that a person asked for by name is for whom they like.
    static_cast<void>(::chmod(arguments.file.c_str(), 0666 & ~umaskOfPerson()));
    if (arguments.json) {
        writeJson({{"path", arguments.file}, {"type", engine::dtypeName(options.dtype)}, {"bytes", bytes}});
    } else {
        writeText(arguments.file + ": " + engine::dtypeName(options.dtype) + ", " + byteCount(bytes) + "\n");
    }
    return 0;
}

std::shared_ptr<WriteModelArguments> addArguments(CLI::App& command, const std::vector<std::string>& types,
                                                  const std::string& standard) {
    auto arguments = std::make_shared<WriteModelArguments>();
    arguments->type = standard;
    addCheckpoint(command, arguments->checkpoint);
    command.add_option("FILE", arguments->file, "The GGUF file to write")->required()->type_name("");
    std::string list;
    for (const std::string& type : types) {
        list += (list.empty() ? "" : ", ") + type;
    }
    command
        .add_option("--type", arguments->type, "How the matrices are stored: " + list + " (default " + standard + ")")
        ->type_name("T")
        ->check(CLI::IsMember(types).description(""));
    command.add_flag("--force", arguments->force, "Replace FILE if it is there already");
    addJson(command, arguments->json);
    return arguments;
}

}  // namespace

void addQuantize(CLI::App& app, Command& chosen) {
    CLI::App* command = app.add_subcommand(
        "quantize", "Write a checkpoint as one smaller GGUF file for Alcove (needs no Vulkan device)");
    const auto arguments = addArguments(*command, {"q4_0", "q8_0", "f16"}, "q4_0");
    command->callback([arguments, &chosen] {
        chosen = [arguments] { return runWriteModel(*arguments, engine::GgufReader::Alcove); };
    });
}

void addExport(CLI::App& app, Command& chosen) {
    CLI::App* command =
        app.add_subcommand("export", "Write a checkpoint as a GGUF file for other programs (needs no Vulkan device)");
    const auto arguments = addArguments(*command, {"f32", "f16", "q8_0", "q4_0"}, "f16");
    command->add_option("--for", arguments->program, "The program that is to read it: llama.cpp")
        ->required()
        ->type_name("P")
        ->check(CLI::IsMember(std::vector<std::string>{"llama.cpp"}).description(""));
    command->callback([arguments, &chosen] {
        chosen = [arguments] { return runWriteModel(*arguments, engine::GgufReader::LlamaCpp); };
    });
}

}  // namespace alcove::cli
