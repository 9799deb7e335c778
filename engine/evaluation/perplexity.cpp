#include "engine/evaluation/perplexity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "engine/evaluation/text_windows.h"

namespace alcove::engine {

namespace {

std::uint64_t countWords(std::string_view text) {
    constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";
    std::uint64_t words = 0;
    for (std::size_t at = text.find_first_not_of(kWhiteSpace); at != std::string_view::npos;
         at = text.find_first_not_of(kWhiteSpace, at)) {
        ++words;
        at = std::min(text.find_first_of(kWhiteSpace, at), text.size());
    }
    return words;
}

}  // namespace

double PerplexityResult::perplexity() const {
    return std::exp(negativeLogLikelihood / static_cast<double>(tokens));
}

double PerplexityResult::bitsPerByte() const {
    return negativeLogLikelihood / static_cast<double>(bytes) / std::numbers::ln2;
}

double PerplexityResult::wordPerplexity() const {
    return words == 0 ? std::numeric_limits<double>::infinity()
                      : std::exp(negativeLogLikelihood / static_cast<double>(words));
}

PerplexityResult measurePerplexity(const MeasuredModel& model, std::string_view text, std::uint32_t stride,
                                   const std::function<void(std::uint64_t, std::uint64_t)>& onProgress) {
    const std::vector<TokenId> tokens = textTokens(model.tokenizer, text, model.bosToken);
    const std::vector<TextWindow> windows = textWindows(tokens.size(), model.contextSize, stride);
    PerplexityResult result;
    result.tokens = tokens.size() - 1;
    result.bytes = text.size();
    result.words = countWords(text);
    result.windowSize = model.contextSize;
    result.stride = stride == 0 ? model.contextSize / 2 : stride;
    result.windows = windows.size();
    for (const TextWindow& window : windows) {
        const std::span<const TokenId> context =
            std::span(tokens).subspan(window.begin, window.measured - window.begin);
        const std::vector<TokenId> fresh(tokens.begin() + static_cast<std::ptrdiff_t>(window.measured),
                                         tokens.begin() + static_cast<std::ptrdiff_t>(window.end));
        const std::vector<std::vector<double>> found = model.logLikelihoods(context, std::span(&fresh, 1));
        for (const double logProbability : found.front()) {
            result.negativeLogLikelihood -= logProbability;
        }
        if (onProgress) {
            onProgress(window.end - 1, result.tokens);
        }
    }
    return result;
}

}  // namespace alcove::engine
