#include "app/exchange/exchange_state.h"

namespace alcove {

std::optional<ExchangeStep> nextStep(ExchangeStep step, ExchangeEvent event) {
    using Step = ExchangeStep;
    using Event = ExchangeEvent;
    switch (step) {
        case Step::Idle:
            return event == Event::Ask ? std::optional(Step::Waiting) : std::nullopt;
        case Step::Waiting:
            return event == Event::Begin                         ? std::optional(Step::Reading)
                   : event == Event::Stop || event == Event::End ? std::optional(Step::Idle)
                                                                 : std::nullopt;
        case Step::Reading:
        case Step::Writing:
            return event == Event::Token  ? std::optional(Step::Writing)
                   : event == Event::Stop ? std::optional(Step::Stopping)
                   : event == Event::End  ? std::optional(Step::Idle)
                                          : std::nullopt;
        case Step::Stopping:  // tokens that were on their way still arrive
            return event == Event::Token || event == Event::Stop ? std::optional(Step::Stopping)
                   : event == Event::End                         ? std::optional(Step::Idle)
                                                                 : std::nullopt;
    }
    return std::nullopt;
}

bool ExchangeState::running() const {
    return m_step == ExchangeStep::Reading || m_step == ExchangeStep::Writing || m_step == ExchangeStep::Stopping;
}

bool ExchangeState::apply(ExchangeEvent event) {
    const std::optional<ExchangeStep> next = nextStep(m_step, event);
    m_step = next.value_or(m_step);
    return next.has_value();
}

}  // namespace alcove
