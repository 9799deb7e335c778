// Which tokens of a slice the repetition penalty applies to. Expects the buffers History and DecodeStates, and `push`.

shared uint penalisedBits[ALCOVE_SAMPLE_SLICE / 32];  // a bit for each token of the slice

// Token `index` of all that came before the draw of a row: the history, then the inputs up to the row's own.
uint tokenAt(uint index) {
    const uint past = state.historyLength - 1;
    return index < past ? history[min(index, push.historyWords - 1)] : state.tokens[min(index - past, ALCOVE_MAX_STEP_TOKENS - 1)];
}

bool hasPenalty() {
    return state.penalty != 1.0 && state.window != 0;
}

// By the whole work group.
void markPenalised(uint lane, uint row, uint first) {
    if (lane < ALCOVE_SAMPLE_SLICE / 32) {
        penalisedBits[lane] = 0;
    }
    barrier();
    if (hasPenalty()) {
        const uint length = state.historyLength + row;
        for (uint i = length - min(length, state.window) + lane; i < length; i += ALCOVE_SAMPLE_INVOCATIONS) {
            const uint offset = tokenAt(i) - first;
            if (offset < ALCOVE_SAMPLE_SLICE) {
                atomicOr(penalisedBits[offset / 32], 1u << (offset % 32));
            }
        }
    }
    barrier();
}

bool isPenalised(uint offset) {
    return ((penalisedBits[offset / 32] >> (offset % 32)) & 1u) != 0;
}
