// Y[n, out] (+)= X[n, in] · Wᵗ, for any shape.
//
// An invocation keeps a tile of kRows × kColumns sums in registers, so that each block of weights is used for
// kColumns tokens and each block of activations for kRows rows. kLanes invocations share the tile, each taking
// every kLanes-th block of the row (neighbours then read neighbouring words), and add their sums through shared
// memory at the end. With kLanes = 1 an invocation owns its rows and there is neither shared memory nor barrier.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "interface.h"
#include "common/weights.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint kInvocations = 64;
layout(constant_id = 1) const uint kLanes = 32;   // divides kInvocations
layout(constant_id = 2) const uint kRows = 4;
layout(constant_id = 3) const uint kColumns = 1;

layout(set = 0, binding = 1, std430) readonly buffer Input {
    vec4 x[];  // [n, in]
};
layout(set = 0, binding = 2, std430) buffer Output {
    float y[];  // [n, out]
};
layout(push_constant) uniform Push {
    MatmulPush push;
};

const uint kTile = kRows * kColumns;
shared float partialSums[kLanes == 1 ? 1 : kInvocations * kTile];

void store(uint row, uint token, float sum) {
    if (row < push.rows && token < push.tokens) {
        const uint index = token * push.outputPitch + push.firstOutput + row;
        y[index] = push.accumulate == 1 ? y[index] + sum : sum;
    }
}

void main() {
    const uint lane = gl_LocalInvocationIndex % kLanes;
    const uint group = gl_LocalInvocationIndex / kLanes;
    const uint firstRow = (gl_WorkGroupID.x * (kInvocations / kLanes) + group) * kRows;
    const uint firstToken = gl_WorkGroupID.y * kColumns;

    // Rows and tokens beyond the end read the last one again; their sums are never stored.
    uint rowStart[kRows];
    [[unroll]] for (uint r = 0; r < kRows; ++r) {
        rowStart[r] = min(firstRow + r, push.rows - 1) * push.blocks;
    }
    uint tokenStart[kColumns];
    [[unroll]] for (uint c = 0; c < kColumns; ++c) {
        tokenStart[c] = min(firstToken + c, push.tokens - 1) * push.blocks;
    }

    float sums[kTile];
    [[unroll]] for (uint i = 0; i < kTile; ++i) {
        sums[i] = 0.0;
    }
    for (uint block = lane; block < push.blocks; block += kLanes) {
        vec4 low[kColumns];
        vec4 high[kColumns];
        [[unroll]] for (uint c = 0; c < kColumns; ++c) {
            low[c] = x[2 * (tokenStart[c] + block)];
            high[c] = x[2 * (tokenStart[c] + block) + 1];
        }
        [[unroll]] for (uint r = 0; r < kRows; ++r) {
            const Block weights = weightBlock(rowStart[r] + block);
            [[unroll]] for (uint c = 0; c < kColumns; ++c) {
                sums[r * kColumns + c] += dot(weights.low, low[c]) + dot(weights.high, high[c]);
            }
        }
    }

    if (kLanes == 1) {
        [[unroll]] for (uint r = 0; r < kRows; ++r) {
            [[unroll]] for (uint c = 0; c < kColumns; ++c) {
                store(firstRow + r, firstToken + c, sums[r * kColumns + c]);
            }
        }
        return;
    }
    [[unroll]] for (uint i = 0; i < kTile; ++i) {
        partialSums[i * kInvocations + gl_LocalInvocationIndex] = sums[i];
    }
    barrier();
    // The lanes share out the sums of the tile; each adds up the parts in a fixed order.
    for (uint i = lane; i < kTile; i += kLanes) {
        float sum = 0.0;
        for (uint other = 0; other < kLanes; ++other) {
            sum += partialSums[i * kInvocations + group * kLanes + other];
        }
        store(firstRow + i / kColumns, firstToken + i % kColumns, sum);
    }
}
