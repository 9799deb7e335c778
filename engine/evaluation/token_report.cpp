#include "engine/evaluation/token_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace alcove::engine {

TokenReport reportToken(std::span<const float> logits, TokenId token, std::size_t most) {
    const double highest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    double weighted = 0;
    for (const float logit : logits) {
        const double weight = std::exp(double{logit} - highest);
        sum += weight;
        weighted += weight > 0 ? weight * (double{logit} - highest) : 0;
    }
    const double logSum = std::log(sum);
    const auto ranked = [&](TokenId each) {
        return RankedToken{each, double{logits[static_cast<std::size_t>(each)]} - highest - logSum};
    };
    TokenReport report{.written = ranked(token), .entropy = logSum - weighted / sum, .top = {}};
    std::vector<TokenId> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    const std::size_t count = std::min(most, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                      [&logits](TokenId a, TokenId b) {
                          const float left = logits[static_cast<std::size_t>(a)];
                          const float right = logits[static_cast<std::size_t>(b)];
                          return left > right || (left == right && a < b);
                      });
    report.top.reserve(count);
    std::transform(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), std::back_inserter(report.top),
                   ranked);
    return report;
}

}  // namespace alcove::engine
