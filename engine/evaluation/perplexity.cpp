#include "engine/evaluation/perplexity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "engine/base/error.h"

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
    if (text.empty()) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "The text is empty: there is nothing to measure."));
    }
    if (model.contextSize < 2) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "A context of 1 token leaves nothing to predict: use at least 2."));
    }
    if (stride >= model.contextSize) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "The stride must be less than the context of %1 tokens."), model.contextSize);
    }
    std::vector<TokenId> tokens = model.tokenizer.encode(text);
    if (tokens.empty()) {
        throw Error(ErrorCode::InvalidRequest, ALCOVE_TEXT("engine", "The text has no tokens for this model."));
    }
    tokens.insert(tokens.begin(), model.bosToken);
    PerplexityResult result;
    result.tokens = tokens.size() - 1;
    result.bytes = text.size();
    result.words = countWords(text);
    result.windowSize = model.contextSize;
    result.stride = stride == 0 ? model.contextSize / 2 : stride;

    std::size_t measured = 1;  // <s> is given
    for (std::size_t begin = 0; measured < tokens.size(); begin += result.stride) {
        const std::size_t end = std::min<std::size_t>(begin + model.contextSize, tokens.size());
        const std::span<const TokenId> context = std::span(tokens).subspan(begin, measured - begin);
        const std::vector<TokenId> fresh(tokens.begin() + static_cast<std::ptrdiff_t>(measured),
                                         tokens.begin() + static_cast<std::ptrdiff_t>(end));
        const std::vector<std::vector<double>> found = model.logLikelihoods(context, std::span(&fresh, 1));
        for (const double logProbability : found.front()) {
            result.negativeLogLikelihood -= logProbability;
        }
        measured = end;
        ++result.windows;
        if (onProgress) {
            onProgress(measured - 1, result.tokens);
        }
    }
    return result;
}

}  // namespace alcove::engine
