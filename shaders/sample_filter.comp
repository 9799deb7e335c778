// Second of three steps from logits to a token: lists the tokens that may be drawn, and possibly a few more. One work group
// per slice and row. The list is unordered, and no result depends on its order.
//
// With top-k, a token may be drawn only if it is among the k likeliest of its slice. Without, only if it is likelier
// than min-p and top-p allow: tokens less likely than (1 - p) / vocab are together less than what top-p leaves out.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common/sampling.glsl"
#include "interface.h"

#define BINS 1024
#define BINS_PER_LANE (BINS / ALCOVE_SAMPLE_INVOCATIONS)

layout(local_size_x = ALCOVE_SAMPLE_INVOCATIONS) in;
layout(set = 0, binding = 0, std430) readonly buffer Logits {
    uint logits[];  // [tokens, vocab], the bits of floats
};
layout(set = 0, binding = 1, std430) readonly buffer History {
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

shared uint highs[ALCOVE_SAMPLE_SLICE];  // high words of the keys, or 1 for those that may be drawn
shared uint bins[BINS];
shared uvec2 laneValues[ALCOVE_SAMPLE_INVOCATIONS];
shared uint chosenBin;
shared uint chosenBefore;
shared uint listed;
shared uint listStart;

uvec2 keyAt(uint row, uint first, uint offset) {
    return orderKey(logits[row * push.pitch + first + offset], isPenalised(offset), floatBitsToUint(state.penalty));
}

// Sets chosenBin to the bin that holds the one `wanted`th from above, from 1 on, and chosenBefore to how many are in
// the bins above.
void chooseBin(uint lane, uint wanted) {
    uint mine = 0;
    for (uint i = 0; i < BINS_PER_LANE; ++i) {
        mine += bins[BINS - 1 - (lane * BINS_PER_LANE + i)];
    }
    laneValues[lane].x = mine;
    barrier();
    for (uint stride = 1; stride < ALCOVE_SAMPLE_INVOCATIONS; stride *= 2) {
        const uint other = lane >= stride ? laneValues[lane - stride].x : 0;
        barrier();
        laneValues[lane].x += other;
        barrier();
    }
    uint before = laneValues[lane].x - mine;
    if (before < wanted && wanted <= before + mine) {
        uint bin = BINS - 1 - lane * BINS_PER_LANE;
        while (before + bins[bin] < wanted) {
            before += bins[bin--];
        }
        chosenBin = bin;
        chosenBefore = before;
    }
    barrier();
}

void clearBins(uint lane) {
    for (uint i = lane; i < BINS; i += ALCOVE_SAMPLE_INVOCATIONS) {
        bins[i] = 0;
    }
    barrier();
}

// Leaves a superset of the k likeliest in `highs`: those whose first 20 bits are as great as those of the kth.
void keepTopK(uint lane, uint row, uint first, uint count) {
    for (uint i = lane; i < count; i += ALCOVE_SAMPLE_INVOCATIONS) {
        highs[i] = keyAt(row, first, i).x;
    }
    uint least = 1;
    if (state.topK < count) {
        clearBins(lane);
        for (uint i = lane; i < count; i += ALCOVE_SAMPLE_INVOCATIONS) {
            atomicAdd(bins[highs[i] >> 22], 1);
        }
        barrier();
        chooseBin(lane, state.topK);
        const uint bin = chosenBin;
        const uint wanted = state.topK - chosenBefore;
        clearBins(lane);
        for (uint i = lane; i < count; i += ALCOVE_SAMPLE_INVOCATIONS) {
            if (highs[i] >> 22 == bin) {
                atomicAdd(bins[(highs[i] >> 12) & 1023u], 1);
            }
        }
        barrier();
        chooseBin(lane, wanted);
        least = max((bin << 22) | (chosenBin << 12), 1);
    }
    for (uint i = lane; i < count; i += ALCOVE_SAMPLE_INVOCATIONS) {
        highs[i] = highs[i] >= least ? 1 : 0;
    }
}

// The greatest key of all slices.
uvec2 highestKey(uint lane, uint row) {
    uvec2 mine = NO_KEY;
    for (uint slice = lane; slice < push.slices; slice += ALCOVE_SAMPLE_INVOCATIONS) {
        const uint at = row * push.rowWords + partAt(slice);
        const uvec2 key = uvec2(memory[at], memory[at + 1]);
        mine = less64(mine, key) ? key : mine;
    }
    laneValues[lane] = mine;
    barrier();
    for (uint stride = ALCOVE_SAMPLE_INVOCATIONS / 2; stride > 0; stride /= 2) {
        if (lane < stride && less64(laneValues[lane], laneValues[lane + stride])) {
            laneValues[lane] = laneValues[lane + stride];
        }
        barrier();
    }
    const uvec2 result = laneValues[0];
    barrier();
    return result;
}

// Leaves in `highs` what top-p and min-p may leave, and sums up the weights of all.
void keepLikely(uint lane, uint row, uint slice, uint first, uint count) {
    const vec2 highest = logitOf(highestKey(lane, row));
    // Half of what is allowed, for what rounding may add.
    const float tail = state.topP < 1.0 ? 0.5 * (1.0 - state.topP) / float(state.vocab) : 0.0;
    const uvec2 least = fixed40(max(state.minP, tail));
    uvec2 sum = uvec2(0);
    for (uint i = lane; i < count; i += ALCOVE_SAMPLE_INVOCATIONS) {
        const uvec2 key = keyAt(row, first, i);
        const uvec2 weight = key == NO_KEY ? uvec2(0) : weightOf(key, highest, state.perNat);
        sum = add64(sum, weight);
        highs[i] = weight != uvec2(0) && !less64(weight, least) ? 1 : 0;
    }
    laneValues[lane] = sum;
    barrier();
    for (uint stride = ALCOVE_SAMPLE_INVOCATIONS / 2; stride > 0; stride /= 2) {
        if (lane < stride) {
            laneValues[lane] = add64(laneValues[lane], laneValues[lane + stride]);
        }
        barrier();
    }
    if (lane == 0) {
        const uint at = row * push.rowWords + partAt(slice);
        memory[at + 4] = laneValues[0].x;
        memory[at + 5] = laneValues[0].y;
    }
}

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const uint slice = gl_WorkGroupID.x;
    const uint row = gl_WorkGroupID.y;
    if (row >= state.stepTokens || state.temperature == 0.0) {
        return;
    }
    const uint first = slice * ALCOVE_SAMPLE_SLICE;
    const uint count = min(state.vocab - first, ALCOVE_SAMPLE_SLICE);
    if (lane == 0) {
        listed = 0;
    }
    markPenalised(lane, row, first);
    if (state.topK != 0 && state.topK < state.vocab) {
        keepTopK(lane, row, first, count);
    } else {
        keepLikely(lane, row, slice, first, count);
    }

    uint mine = 0;
    for (uint i = lane; i < count; i += ALCOVE_SAMPLE_INVOCATIONS) {
        mine += highs[i];  // written by this same lane
    }
    uint at = atomicAdd(listed, mine);
    barrier();
    if (lane == 0) {
        listStart = atomicAdd(memory[row * push.rowWords], listed);
    }
    barrier();
    at += row * push.rowWords + listAt(push.slices) + listStart;
    for (uint i = lane; i < count; i += ALCOVE_SAMPLE_INVOCATIONS) {
        if (highs[i] != 0) {
            memory[at++] = (first + i) | (isPenalised(i) ? PENALISED : 0u);
        }
    }
}
