// What the tests of a forward pass need, whatever device it runs on.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <QString>
#include <QTest>

#include "engine/base/error.h"
#include "engine/model/forward_pass.h"
#include "tests/reference/reference.h"
#include "tests/rig/error_of.h"
#include "tests/rig/verify_close.h"

namespace alcove::tests {

// What the independent reference computed for a fixture.
struct Expected {
    std::vector<engine::TokenId> tokens;
    std::vector<double> logits;           // after the last of `tokens`
    std::vector<engine::TokenId> greedy;  // what follows when the likeliest is always taken
};

// The data column "folder", one row per fixture with expected numbers.
void addFixtures();
[[nodiscard]] Expected readExpected(const QString& folder);

// Logits after `tokens`, fed in chunks of at most `chunk` from `position` on.
[[nodiscard]] std::vector<float> evaluate(engine::ForwardPass& pass, std::span<const engine::TokenId> tokens,
                                          std::size_t vocab,
                                          std::size_t chunk = std::numeric_limits<std::size_t>::max(),
                                          std::uint32_t position = 0);

// Logits after every one of `tokens`, row by row.
[[nodiscard]] std::vector<float> evaluateRows(engine::ForwardPass& pass, std::span<const engine::TokenId> tokens,
                                              std::size_t vocab,
                                              std::size_t chunk = std::numeric_limits<std::size_t>::max());

// The likeliest continuation of what gave `logits`, `count` tokens from `position` on.
[[nodiscard]] std::vector<engine::TokenId> greedily(engine::ForwardPass& pass, std::vector<float> logits,
                                                    std::uint32_t position, std::size_t count);

[[nodiscard]] std::vector<engine::TokenId> someTokens(std::size_t count, std::uint32_t vocab);

}  // namespace alcove::tests
