// Y = scale · X · Wᵗ for tiles of weights and a few tokens, followed by an epilogue: the next step of the model.
//
// A lane owns four rows of a tile, so that each activation it has serves four weights, and neighbouring lanes read
// neighbouring words. Work groups of more than eight invocations split the columns; their sums are added in a fixed
// order. The order of additions for one row and token does not depend on how many tokens are computed together:
// verifying a draft gives bit-identical results to decoding.
//
// Quantised weights are multiplied by eight-bit activations (BYTES). Two weights w0, w1 (0 to 15) and two activations a0, a1
// are multiplied at once: (w0 + w1·2¹⁶) · (a1 + a0·2¹⁶) = w0·a1 + (w0·a0 + w1·a1)·2¹⁶ modulo 2³². Sixteen columns
// keep both halves within 16 bits: |Σ w0·a1| ≤ 8·15·127 and |Σ w0·a0 + w1·a1| ≤ 16·15·127.
//
// RMSNorm's factor commutes with the product: X comes multiplied by the norm's weights, with the sums of squares of
// its blocks beside it, and the factor is applied to the sums here.
//
//   STORE     Y [n, rows]
//   ROPE      rows are heads of queries, keys and values. Queries, rotated, go to Q [n, heads, headBlocks · 32];
//             keys, rotated, and values into the cache at their positions.
//   RESIDUAL  x += Y; z = γ ⊙ x for the next norm, with its sums of squares
//   SWIGLU    rows are of gate and up in turn: silu(gate) · up (Shazeer, arXiv 2002.05202)
//
// Work groups are numbered by tokens first, then by tiles: those that need the same tile run together, and it is read
// from memory once for a whole chunk of a prompt.
//
// STORE and RESIDUAL have the matrix' rows in their order, 4·lane to 4·lane + 3 of a tile with lane `lane`. ROPE and
// SWIGLU need two rows together, dimensions i and i + hd/2 of a head, or row i of gate and of up. So that one lane has
// both, a tile holds sixteen such pairs: of a lane's four rows the first two are the first halves of pairs 2·lane and
// 2·lane + 1, the last two their second halves. Heads of values are not rotated, and in order.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "interface.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint kInvocations = 8;
layout(constant_id = 1) const uint kTiles = 1;       // of a work group; SWIGLU: 2
layout(constant_id = 2) const uint kTokens = 1;      // tokens of a work group
layout(constant_id = 3) const uint kByteOutput = 0;  // z and SWIGLU's output are eight-bit activations
layout(constant_id = 4) const uint kByteCache = 0;   // keys and values are bytes with a scale for each block

const uint kSplit = kInvocations / ALCOVE_LANES;
const uint kRows = 4;  // of a tile and lane

uint lane;
uint split;

#include "common/lanes.glsl"
#include "common/words.glsl"
#include "common/bytes.glsl"
#include "common/state.glsl"

layout(push_constant) uniform Push {
    ProjectPush push;
};
INPUT_WORDS(0, weights);
INPUT_WORDS(1, inputs);
INPUT_WORDS(2, squares);

#include "common/products.glsl"
#include "common/epilogues.glsl"
#include "common/norm_factor.glsl"

shared float partialSums[kSplit == 1 ? 1 : kInvocations * kRows * kTokens];

// sums = the whole products of a tile, in every invocation.
void computeSums(uint tile) {
    [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) {
        sums[i] = 0.0;
    }
    addProducts(tile);
    if (kSplit > 1) {
        [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) {
            partialSums[i * kInvocations + gl_LocalInvocationIndex] = sums[i];
        }
        barrier();
        // All splits add up the same sums, so that they stay together in what follows; the first one stores.
        [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) {
            float sum = 0.0;
            [[unroll]] for (uint other = 0; other < kSplit; ++other) {
                sum += partialSums[i * kInvocations + other * ALCOVE_LANES + lane];
            }
            sums[i] = sum;
        }
        barrier();  // before the next tile overwrites them
    }
}

void main() {
    lane = gl_LocalInvocationIndex % ALCOVE_LANES;
    split = gl_LocalInvocationIndex / ALCOVE_LANES;
    // One tile after the other: with the sums of two at once, registers overflow.
    vec4 rows[kTiles * kTokens];
    [[unroll]] for (uint t = 0; t < kTiles; ++t) {
        computeSums(gl_WorkGroupID.y * kTiles + t);
        [[unroll]] for (uint c = 0; c < kTokens; ++c) {
            rows[c * kTiles + t] =
                vec4(sums[c], sums[kTokens + c], sums[2 * kTokens + c], sums[3 * kTokens + c]);
        }
    }
    const uint tile = push.firstTile + gl_WorkGroupID.y * kTiles;
    [[unroll]] for (uint c = 0; c < kTokens; ++c) {
        const float factor = normFactor(c);
        vec4 result[kTiles];
        [[unroll]] for (uint t = 0; t < kTiles; ++t) {
            result[t] = factor * rows[c * kTiles + t];
        }
        const uint token = gl_WorkGroupID.x * kTokens + c;
        finish(tile, token, token < push.tokens && split == 0, result);
    }
}
