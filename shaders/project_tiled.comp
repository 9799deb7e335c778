// What project.comp computes, for many tokens: a chunk of a prompt.
//
// A work group takes kTiles tiles of 32 rows and kTokens tokens. For one block of columns after the other it lays
// weights and activations into shared memory as 16-bit floats, so that each weight is unpacked once for all its
// tokens, and multiplies there. Sums are of 32 bits.
//
// With MATRIX the products are those of cooperative matrices (GL_KHR_cooperative_matrix), of a shape that the device
// offers: each subgroup takes some of the kM x kN pieces of the work group's sums. Otherwise each invocation takes
// the four rows of its lane and every kSplit-th token.
//
// The largest 16-bit float is 65504; no activation of a model trained in 16 bits is larger. Inputs of a norm are the
// exception, and are multiplied by its factor before they are rounded.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifdef MATRIX
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#endif
#include "interface.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint kInvocations = 128;
layout(constant_id = 1) const uint kTiles = 1;       // of a work group; SWIGLU: 2
layout(constant_id = 2) const uint kTokens = 32;     // tokens of a work group, a multiple of kSplit
layout(constant_id = 3) const uint kByteOutput = 0;  // as in project.comp
layout(constant_id = 4) const uint kByteCache = 0;
#ifdef MATRIX
layout(constant_id = 5) const uint kSubgroupSize = 32;
layout(constant_id = 6) const uint kM = 16;  // rows, tokens and columns of cooperative matrices
layout(constant_id = 7) const uint kN = 16;
layout(constant_id = 8) const uint kK = 16;
#endif

const uint kSplit = kInvocations / ALCOVE_LANES;
const uint kShare = kTokens / kSplit;  // tokens of an invocation, from `split` on, kSplit apart

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

#include "common/operands.glsl"
#include "common/epilogues.glsl"
#include "common/norm_factor.glsl"

shared float factors[kTokens];

#include "common/block_in_halves.glsl"

#ifdef MATRIX
#include "common/matrix_sums.glsl"
#else
#include "common/tiled_sums.glsl"
#endif

void main() {
    lane = gl_LocalInvocationIndex % ALCOVE_LANES;
    split = gl_LocalInvocationIndex / ALCOVE_LANES;
    [[unroll]] for (uint i = 0; i < kShare; ++i) {
        const float factor = normFactor(split + i * kSplit);
        if (lane == 0) {
            factors[split + i * kSplit] = factor;
        }
    }
    barrier();

    beginBlocks();
    clearSums();
#ifdef QUANTISED
    const uint blocks = push.groups * ALCOVE_GROUP_BLOCKS;
#else
    const uint blocks = push.groups;
#endif
    fetchBlock(0);
    [[dont_unroll]] for (uint block = 0; block < blocks; ++block) {
        layBlock(block);
        barrier();
        fetchBlock(min(block + 1, blocks - 1));
        addProducts();
        barrier();  // before the next block overwrites it
    }
    leaveSums();

    const uint tile = push.firstTile + gl_WorkGroupID.y * kTiles;
    [[unroll]] for (uint i = 0; i < kShare; ++i) {
        vec4 result[kTiles];
        [[unroll]] for (uint t = 0; t < kTiles; ++t) {
            result[t] = sumsOf(t, i);
        }
        const uint token = gl_WorkGroupID.x * kTokens + split + i * kSplit;
        finish(tile, token, token < push.tokens, result);
    }
}
