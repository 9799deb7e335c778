// Multiple-choice accuracy by log-likelihood.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/evaluation/measured_model.h"
#include "engine/evaluation/multiple_choice_task.h"

namespace alcove::engine {

// Of one item. A choice's length is its bytes without the white space it begins with.
struct ChoiceScore {
    std::size_t line = 0;
    std::vector<double> logLikelihoods;  // of each choice: the sum over its tokens, in nats
    std::size_t answer = 0;
    std::size_t chosen = 0;           // the highest sum; of equals the first
    std::size_t chosenByByte = 0;     // the highest sum divided by the choice's length; of equals the first
    std::uint64_t droppedTokens = 0;  // of the context: the most that were left out for one of the choices
};

struct TaskResult {
    std::vector<ChoiceScore> scores;  // in the order of the items

    [[nodiscard]] std::uint64_t right() const;
    [[nodiscard]] std::uint64_t rightByByte() const;
    [[nodiscard]] std::uint64_t truncatedItems() const;
    [[nodiscard]] std::uint64_t droppedTokens() const;
    [[nodiscard]] double accuracy() const;        // "acc"
    [[nodiscard]] double accuracyByByte() const;  // "acc_norm"
};

// Of the mean of `count` values of which `right` are 1 and the others 0: the sample's deviation divided by √count.
// Not a number for fewer than two.
[[nodiscard]] double standardError(std::uint64_t right, std::uint64_t count);

// Follows <s> by the context by each choice, the tokens split as in continuation_split.h, and reads a context once for
// all its choices. Where this is longer than the model's context, the oldest tokens are left out, <s> first, for that
// choice alone. All items are looked at before the first is evaluated: throws Error{FileDamaged} naming the line of a
// choice that has no token of its own, and Error{PromptTooLong} for one that is longer than the context by itself.
// Calls `onProgress` with the items done after each.
[[nodiscard]] TaskResult evaluateTask(const MeasuredModel& model, std::span<const MultipleChoiceItem> items,
                                      const std::function<void(std::size_t)>& onProgress);

}  // namespace alcove::engine
