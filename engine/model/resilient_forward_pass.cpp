#include "engine/model/resilient_forward_pass.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace alcove::engine {

namespace {

constexpr std::uint32_t kMostLosses = 2;
constexpr TranslatableText kReopeningStopped =
    ALCOVE_TEXT("engine", "The graphics device stopped responding. It will be reopened when it is next needed.");

}  // namespace

ResilientForwardPass::ResilientForwardPass(std::unique_ptr<ForwardPass> first, std::uint32_t vocabSize, Factory factory,
                                           Notice notice)
    : m_inner(std::move(first)),
      m_vocabSize(vocabSize),
      m_contextSize(m_inner->contextSize()),
      m_factory(std::move(factory)),
      m_notice(std::move(notice)) {
    m_tokens.reserve(m_contextSize + kMaxDraft + 1);  // decoding allocates nothing
}

// Calls `work` with the current forward pass, again after each loss.
template <class Work>
auto ResilientForwardPass::withDevice(const Work& work) {
    while (true) {
        if (!m_inner) {
            reopen();
        }
        try {
            return work(*m_inner);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::DeviceLost) {
                throw;
            }
            lose(error);
            m_stop.check(kReopeningStopped);
        }
    }
}

void ResilientForwardPass::watch(const Cancellation& stop) {
    m_stop = stop;
    if (m_inner) {
        m_inner->watch(stop);
    }
}

void ResilientForwardPass::lose(const Error& error) {
    m_reason = error.sentence();
    ++m_losses;
    m_lostChunkSize = chunkSize();
    m_inner.reset();  // before a new one is made: there may be no room for both
}

void ResilientForwardPass::reopen() {
    while (!m_inner) {
        if (m_losses > kMostLosses) {
            throw lostForGood();
        }
        m_stop.check(kReopeningStopped);
        try {
            std::unique_ptr<ForwardPass> opened = m_factory({.losses = m_losses, .stop = m_stop});
            if (!opened) {
                m_losses = kMostLosses + 1;
                continue;
            }
            opened->watch(m_stop);
            restore(*opened);
            m_inner = std::move(opened);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::Cancelled) {
                throw;
            }
            lose(error);
        }
    }
    m_reopened = m_reopened || m_losses == 1;
    if (m_notice) {
        m_notice(
            m_losses == 1
                ? ALCOVE_TEXT("engine", "The graphics device stopped responding and was reopened. The reply continues.")
                : ALCOVE_TEXT("engine",
                              "The graphics device stopped responding twice. The reply continues on the "
                              "processor, which may be slower."));
        if (const Sentence note = m_inner->note(); !note.empty()) {
            m_notice(note);
        }
    }
}

// Restores the state of the lost forward pass in a new one.
void ResilientForwardPass::restore(ForwardPass& opened) const {
    if (opened.contextSize() < m_contextSize) {
        throw Error(
            ErrorCode::OutOfMemory,
            ALCOVE_TEXT("engine",
                        "There is not enough memory for a context of %1 tokens. Close other programs, or choose a "
                        "shorter context."),
            m_contextSize);
    }
    const std::span<const TokenId> cached = std::span(m_tokens).first(m_tokens.size() - (m_decoding ? 1 : 0));
    for (std::size_t done = 0; done < cached.size();) {
        m_stop.check(kReopeningStopped);
        const std::size_t count = std::min<std::size_t>(cached.size() - done, opened.chunkSize());
        opened.evaluate(cached.subspan(done, count), static_cast<std::uint32_t>(done), {});
        done += count;
    }
    if (m_decoding) {
        opened.beginDecoding(
            {.history = m_tokens, .sampling = m_sampling, .maxTokens = m_left, .firstStep = m_nextStep});
    }
}

Error ResilientForwardPass::lostForGood() const {
    return {ErrorCode::DeviceLost,
            m_reopened ? ALCOVE_TEXT("engine", "The graphics device failed twice. The text written so far is kept. %1")
                       : ALCOVE_TEXT("engine",
                                     "The graphics device failed, and failed again while it was reopened. The text "
                                     "written so far is kept. %1"),
            m_reason};
}

std::uint32_t ResilientForwardPass::chunkSize() const {
    return m_inner ? m_inner->chunkSize() : m_lostChunkSize;
}

ForwardPassCounters ResilientForwardPass::counters() const {
    return m_inner ? m_inner->counters() : ForwardPassCounters();
}

void ResilientForwardPass::evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) {
    assert(!m_decoding && position <= m_tokens.size());
    m_tokens.resize(position);
    // An earlier chunkSize(), of a forward pass that is lost by now, may be too much for its replacement.
    for (std::size_t done = 0; done < tokens.size();) {
        const std::size_t count = withDevice([&](ForwardPass& pass) {
            const std::size_t rest = tokens.size() - done;
            const std::size_t n = m_losses == 0 ? rest : std::min<std::size_t>(rest, pass.chunkSize());
            std::span<float> wanted = logits;
            if (logits.size() == m_vocabSize) {
                wanted = n == rest ? logits : std::span<float>();
            } else if (!logits.empty()) {
                wanted = logits.subspan(done * m_vocabSize, n * m_vocabSize);
            }
            pass.evaluate(tokens.subspan(done, n), position + static_cast<std::uint32_t>(done), wanted);
            return n;
        });
        const std::span<const TokenId> read = tokens.subspan(done, count);
        m_tokens.insert(m_tokens.end(), read.begin(), read.end());
        done += count;
    }
}

void ResilientForwardPass::beginDecoding(const DecodeRun& run) {
    assert(!m_decoding && !run.history.empty());
    m_tokens.assign(run.history.begin(), run.history.end() - 1);
    withDevice([&run](ForwardPass& pass) { pass.beginDecoding(run); });
    m_tokens.push_back(run.history.back());
    m_decoding = true;
    m_sampling = run.sampling;
    m_nextStep = run.firstStep;
    m_left = run.maxTokens;
}

std::span<const TokenId> ResilientForwardPass::nextTokens(std::span<const TokenId> draft) {
    assert(m_decoding);
    const bool unused = stepsInFlight();
    const std::uint32_t losses = m_losses;
    try {
        const std::span<const TokenId> tokens = withDevice([&](ForwardPass& pass) {
            // The caller reckons with a draft that goes unused; a new forward pass, with nothing in flight, would try
            // it.
            return pass.nextTokens(unused && m_losses != losses ? std::span<const TokenId>() : draft);
        });
        m_tokens.insert(m_tokens.end(), tokens.begin(), tokens.end());
        m_nextStep += tokens.size();
        m_left -= static_cast<std::uint32_t>(tokens.size());
        return tokens;
    } catch (const Error&) {
        m_decoding = false;
        m_tokens.pop_back();
        throw;
    }
}

void ResilientForwardPass::endDecoding() {
    assert(m_decoding);
    m_decoding = false;
    m_tokens.pop_back();
    if (!m_inner) {
        return;
    }
    try {
        m_inner->endDecoding();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::DeviceLost) {
            throw;
        }
        lose(error);
    }
}

std::optional<double> ResilientForwardPass::measureKernels() {
    return withDevice([](ForwardPass& pass) { return pass.measureKernels(); });
}

double ResilientForwardPass::measureReadBandwidth() {
    return withDevice([](ForwardPass& pass) { return pass.measureReadBandwidth(); });
}

}  // namespace alcove::engine
