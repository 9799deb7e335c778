#include <cmath>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_line.h"
#include "engine/evaluation/multiple_choice.h"

namespace alcove::cli {

namespace {

using engine::Sentence;

struct EvaluateArguments {
    std::string checkpoint;
    std::string task;
    OpenArguments open;
    bool json = false;
};

std::string accuracyText(double accuracy, double standardError) {
    const std::string text = decimal(accuracy, 4);
    return std::isnan(standardError) ? text : text + " \u00B1 " + decimal(standardError, 4);
}

nlohmann::ordered_json resultJson(const engine::TaskResult& result) {
    nlohmann::ordered_json items = nlohmann::ordered_json::array();
    for (const engine::ChoiceScore& score : result.scores) {
        items.push_back({{"line", score.line},
                         {"answer", score.answer},
                         {"chosen", score.chosen},
                         {"chosen_norm", score.chosenByByte},
                         {"log_likelihoods", score.logLikelihoods},
                         {"dropped_tokens", score.droppedTokens}});
    }
    return items;
}

int runEvaluate(const EvaluateArguments& arguments) {
    watchInterrupts();
    const std::vector<engine::MultipleChoiceItem> items = engine::readMultipleChoiceTask(arguments.task);
    const std::unique_ptr<engine::Generator> generator =
        engine::Generator::open(arguments.open.options(arguments.checkpoint));
    engine::TaskResult result;
    {
        ProgressLine progress("items");
        result = engine::evaluateTask(engine::measuredModel(*generator, interrupted()), items,
                                      [&](std::size_t done) { progress.show(done, items.size()); });
    }
    const double error = engine::standardError(result.right(), items.size());
    const double normError = engine::standardError(result.rightByByte(), items.size());
    if (arguments.json) {
        writeJson({
            {"checkpoint", generator->checkpoint().name()},
            {"device", generator->device().name},
            {"task", arguments.task},
            {"context", generator->forwardPass().contextSize()},
            {"items", items.size()},
            {"acc", result.accuracy()},
            {"acc_stderr", error},  // null for a single item
            {"acc_norm", result.accuracyByByte()},
            {"acc_norm_stderr", normError},
            {"truncated_items", result.truncatedItems()},
            {"dropped_tokens", result.droppedTokens()},
            {"results", resultJson(result)},
        });
        return 0;
    }
    writeTable({
        {ALCOVE_TEXT("engine", "Checkpoint"), Sentence::verbatim(generator->checkpoint().name())},
        {ALCOVE_TEXT("engine", "Device"), Sentence::verbatim(generator->device().name)},
        {ALCOVE_TEXT("engine", "Items"), Sentence::verbatim(std::to_string(items.size()))},
        {Sentence::verbatim("acc"), Sentence::verbatim(accuracyText(result.accuracy(), error))},
        {Sentence::verbatim("acc_norm"), Sentence::verbatim(accuracyText(result.accuracyByByte(), normError))},
        {ALCOVE_TEXT("engine", "Too long"),
         {ALCOVE_TEXT("engine", "%1 of %2 items, whose contexts lost %3 tokens"), result.truncatedItems(), items.size(),
          result.droppedTokens()}},
    });
    return 0;
}

}  // namespace

void addEvaluate(CLI::App& app, Command& chosen) {
    CLI::App* command = app.add_subcommand("evaluate", "Measure a model's accuracy on a multiple-choice task");
    command->footer(
        "A task is a file of JSON objects, one a line:\n"
        "  {\"context\": \"The sky is\", \"choices\": [\" blue.\", \" made of cheese.\"], \"answer\": 0}\n"
        "Each choice is appended to the context exactly as it is given, so it usually begins with a space. \"answer\"\n"
        "counts from 0; other keys are ignored. HellaSwag, ARC, PIQA and WinoGrande can be written so.\n"
        "acc: the choice of the highest log-likelihood is right. acc_norm: the choice of the highest log-likelihood\n"
        "divided by its bytes, without the space it begins with. Of equals the first counts. Where an item is longer\n"
        "than the model's context, the oldest tokens are left out. A malformed line stops everything before the\n"
        "first item. With --json every item's log-likelihoods are there too.");
    const auto arguments = std::make_shared<EvaluateArguments>();
    addCheckpoint(*command, arguments->checkpoint);
    command->add_option("TASK", arguments->task, "The task, a .jsonl file of at most 256 MiB")
        ->required()
        ->type_name("");
    arguments->open.addTo(*command);
    addJson(*command, arguments->json);
    command->callback([arguments, &chosen] { chosen = [arguments] { return runEvaluate(*arguments); }; });
}

}  // namespace alcove::cli
