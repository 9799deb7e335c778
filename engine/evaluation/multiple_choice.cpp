#include "engine/evaluation/multiple_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "engine/base/error.h"
#include "engine/evaluation/continuation_split.h"

namespace alcove::engine {

namespace {

struct TokenizedItem {
    std::vector<TokenId> context;  // <s> first
    std::vector<std::vector<TokenId>> choices;
};

TokenizedItem tokenized(const MeasuredModel& model, const MultipleChoiceItem& item) {
    TokenizedItem result;
    const ContextEnd end = endOfContext(model.tokenizer, item.context);
    result.context = {model.bosToken};
    result.context.insert(result.context.end(), end.tokens.begin(), end.tokens.end());
    for (std::size_t i = 0; i < item.choices.size(); ++i) {
        std::vector<TokenId>& choice =
            result.choices.emplace_back(continuationTokens(model.tokenizer, end, item.choices[i]));
        if (choice.empty()) {
            throw Error(ErrorCode::FileDamaged,
                        ALCOVE_TEXT("engine",
                                    "Line %1 of the task: choice %2 has no token of its own after its context. Let it "
                                    "begin with a space. Nothing was evaluated."),
                        item.line, i);
        }
        if (choice.size() > model.contextSize) {
            throw Error(ErrorCode::PromptTooLong,
                        ALCOVE_TEXT("engine",
                                    "Line %1 of the task: choice %2 has %3 tokens, but the context holds %4. "
                                    "Nothing was evaluated."),
                        item.line, i, choice.size(), model.contextSize);
        }
    }
    return result;
}

std::size_t lengthInBytes(std::string_view choice) {
    return choice.size() - std::min(choice.find_first_not_of(" \t\r\n\v\f"), choice.size());
}

// Of a choice's tokens all but the last need a position.
std::size_t beyondContext(const MeasuredModel& model, std::size_t contextTokens, std::size_t choiceTokens) {
    const std::size_t positions = contextTokens + choiceTokens - 1;
    return positions > model.contextSize ? positions - model.contextSize : 0;
}

double sum(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

ChoiceScore scored(const MeasuredModel& model, const MultipleChoiceItem& item, const TokenizedItem& tokens) {
    ChoiceScore score;
    score.line = item.line;
    score.answer = item.answer;
    score.logLikelihoods.resize(item.choices.size());
    // Those that fit together with the whole context share it.
    std::vector<std::vector<TokenId>> fitting;
    std::vector<std::size_t> fittingNumbers;
    for (std::size_t i = 0; i < tokens.choices.size(); ++i) {
        const std::size_t dropped = beyondContext(model, tokens.context.size(), tokens.choices[i].size());
        if (dropped == 0) {
            fitting.push_back(tokens.choices[i]);
            fittingNumbers.push_back(i);
            continue;
        }
        score.droppedTokens = std::max<std::uint64_t>(score.droppedTokens, dropped);
        const std::span<const TokenId> rest = std::span(tokens.context).subspan(dropped);
        score.logLikelihoods[i] = sum(model.logLikelihoods(rest, std::span(&tokens.choices[i], 1)).front());
    }
    if (!fitting.empty()) {
        const std::vector<std::vector<double>> found = model.logLikelihoods(tokens.context, fitting);
        for (std::size_t i = 0; i < fitting.size(); ++i) {
            score.logLikelihoods[fittingNumbers[i]] = sum(found[i]);
        }
    }
    for (std::size_t i = 1; i < score.logLikelihoods.size(); ++i) {
        const auto byByte = [&](std::size_t choice) {
            return score.logLikelihoods[choice] / static_cast<double>(lengthInBytes(item.choices[choice]));
        };
        if (score.logLikelihoods[i] > score.logLikelihoods[score.chosen]) {
            score.chosen = i;
        }
        if (byByte(i) > byByte(score.chosenByByte)) {
            score.chosenByByte = i;
        }
    }
    return score;
}

double share(std::uint64_t right, std::size_t count) {
    return static_cast<double>(right) / static_cast<double>(count);
}

}  // namespace

std::uint64_t TaskResult::right() const {
    return static_cast<std::uint64_t>(std::count_if(
        scores.begin(), scores.end(), [](const ChoiceScore& score) { return score.chosen == score.answer; }));
}

std::uint64_t TaskResult::rightByByte() const {
    return static_cast<std::uint64_t>(std::count_if(
        scores.begin(), scores.end(), [](const ChoiceScore& score) { return score.chosenByByte == score.answer; }));
}

std::uint64_t TaskResult::truncatedItems() const {
    return static_cast<std::uint64_t>(
        std::count_if(scores.begin(), scores.end(), [](const ChoiceScore& score) { return score.droppedTokens > 0; }));
}

std::uint64_t TaskResult::droppedTokens() const {
    return std::accumulate(scores.begin(), scores.end(), std::uint64_t{0},
                           [](std::uint64_t total, const ChoiceScore& score) { return total + score.droppedTokens; });
}

double TaskResult::accuracy() const {
    return share(right(), scores.size());
}

double TaskResult::accuracyByByte() const {
    return share(rightByByte(), scores.size());
}

double standardError(std::uint64_t right, std::uint64_t count) {
    if (count < 2) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    const double mean = static_cast<double>(right) / static_cast<double>(count);
    return std::sqrt(mean * (1 - mean) / static_cast<double>(count - 1));
}

TaskResult evaluateTask(const MeasuredModel& model, std::span<const MultipleChoiceItem> items,
                        const std::function<void(std::size_t)>& onProgress) {
    std::vector<TokenizedItem> tokens;
    tokens.reserve(items.size());
    for (const MultipleChoiceItem& item : items) {
        tokens.push_back(tokenized(model, item));
    }
    TaskResult result;
    result.scores.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        result.scores.push_back(scored(model, items[i], tokens[i]));
        if (onProgress) {
            onProgress(result.scores.size());
        }
    }
    return result;
}

}  // namespace alcove::engine
