// First of three steps from logits to a token: the likeliest token of each slice of the vocabulary. One work group
// per slice and row.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common/sampling.glsl"
#include "interface.h"

layout(local_size_x = ALCOVE_SAMPLE_INVOCATIONS) in;
layout(set = 0, binding = 0, std430) readonly buffer Logits {
    uint logits[];  // [tokens, vocab], the bits of floats
};
layout(set = 0, binding = 1, std430) buffer History {
    uint history[];
};
layout(set = 0, binding = 2, std430) buffer Memory {
    uint memory[];  // [tokens, rowWords]
};
layout(set = 0, binding = 3, std430) readonly buffer DecodeStates {
    DecodeState state;
};
layout(push_constant) uniform Push {
    SamplePush push;
};

#include "common/sampling_window.glsl"

shared uvec3 best[ALCOVE_SAMPLE_INVOCATIONS];  // key and token
shared uint anyBad;

// Is a the likelier one?
bool likelier(uvec3 a, uvec3 b) {
    return less64(b.xy, a.xy) || (a.xy == b.xy && a.z < b.z);
}

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const uint slice = gl_WorkGroupID.x;
    const uint row = gl_WorkGroupID.y;
    if (row >= state.stepTokens) {
        return;
    }
    const uint first = slice * ALCOVE_SAMPLE_SLICE;
    const uint count = min(state.vocab - first, ALCOVE_SAMPLE_SLICE);
    if (lane == 0) {
        anyBad = 0;
        if (slice == 0) {
            memory[row * push.rowWords] = 0;  // the length of the list
        }
        if (slice == 0 && row == 0 && state.historyLength <= push.historyWords) {
            history[state.historyLength - 1] = state.tokens[0];  // read by no one in this pass
        }
    }
    markPenalised(lane, row, first);

    uvec3 mine = uvec3(NO_KEY, 0xffffffffu);
    bool bad = false;
    for (uint i = lane; i < count; i += ALCOVE_SAMPLE_INVOCATIONS) {
        const uint bits = logits[row * push.pitch + first + i];
        bad = bad || isBad(bits);
        const uvec3 candidate = uvec3(orderKey(bits, isPenalised(i), floatBitsToUint(state.penalty)), first + i);
        if (likelier(candidate, mine)) {
            mine = candidate;
        }
    }
    best[lane] = mine;
    if (bad) {
        atomicOr(anyBad, 1u);
    }
    barrier();
    for (uint stride = ALCOVE_SAMPLE_INVOCATIONS / 2; stride > 0; stride /= 2) {
        if (lane < stride && likelier(best[lane + stride], best[lane])) {
            best[lane] = best[lane + stride];
        }
        barrier();
    }
    if (lane == 0) {
        const uint to = row * push.rowWords + partAt(slice);
        memory[to] = best[0].x;
        memory[to + 1] = best[0].y;
        memory[to + 2] = best[0].z;
        memory[to + 3] = anyBad;
    }
}
