// The steps of one exchange, and what leads from one to the next.
#pragma once

#include <optional>

namespace alcove {

enum class ExchangeStep {
    Idle,      // no reply is asked for, or it has ended
    Waiting,   // a reply is asked for and cannot begin yet: no checkpoint is ready, or another reply is being made
    Reading,   // the engine reads the prompt
    Writing,   // the engine has made at least one token of the reply
    Stopping,  // the engine was asked to stop and has not stopped yet
};

enum class ExchangeEvent {
    Ask,    // a person wants a reply
    Begin,  // the request is given to the engine
    Token,  // the engine made one
    Stop,   // a person wants no more of it
    End,    // the engine has finished or failed, or the reply could not begin
};

// The step that `event` leads to; none: it cannot happen in `step`.
[[nodiscard]] std::optional<ExchangeStep> nextStep(ExchangeStep step, ExchangeEvent event);

class ExchangeState {
public:
    [[nodiscard]] ExchangeStep step() const { return m_step; }
    // The engine has the request and has not ended it.
    [[nodiscard]] bool running() const;
    // False, and nothing changes, if `event` cannot happen now.
    bool apply(ExchangeEvent event);

private:
    ExchangeStep m_step = ExchangeStep::Idle;
};

}  // namespace alcove
