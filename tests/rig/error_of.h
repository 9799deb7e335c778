// The Error that something throws.
#pragma once

#include "engine/base/error.h"

namespace alcove::tests {

// Runs `action` and returns the Error it must throw.
template <class Action>
engine::Error errorOf(Action action) {
    try {
        action();
    } catch (const engine::Error& error) {
        return error;
    }
    return engine::Error(engine::ErrorCode::InvalidRequest, engine::Sentence::verbatim("nothing was thrown"));
}

}  // namespace alcove::tests
