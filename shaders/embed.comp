// x = E[token], and what the first norm needs of it: one work group copies one block of one token.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "interface.h"

layout(local_size_x = ALCOVE_LANES) in;
layout(constant_id = 0) const uint kByteOutput = 0;  // z are eight-bit activations

uint lane;

#include "common/lanes.glsl"
#include "common/words.glsl"
#include "common/bytes.glsl"
#include "common/state.glsl"

layout(push_constant) uniform Push {
    EmbedPush push;
};
INPUT_WORDS(0, weights);
INPUT_WORDS(1, gammas);
layout(set = 0, binding = 2, std430) writeonly buffer Residual {
    vec4 x[];  // [n, h]
};
layout(set = 0, binding = 3, std430) writeonly buffer Next {
    uint z[];  // [n, h], floats or eight-bit activations
};
layout(set = 0, binding = 4, std430) writeonly buffer NextSquares {
    float nextSquares[];  // [n, blocks]
};
STATE_BUFFER(5);

#include "common/next_norm.glsl"

// Columns 4 · lane to 4 · lane + 3 of a block of a row.
vec4 fourOf(uint row, uint block) {
    const uint within = row % ALCOVE_TILE_ROWS;
    const uint position = within % 4 * ALCOVE_LANES + within / 4;
    const uint start = row / ALCOVE_TILE_ROWS * push.tileWords + position;
#if defined(WEIGHTS_F32)
    return uintBitsToFloat(WORD(weights, start + (block * 8 + lane) * ALCOVE_TILE_ROWS));
#elif defined(WEIGHTS_F16) || defined(WEIGHTS_BF16)
    const uvec4 words = WORD(weights, start + (block * 4 + lane / 2) * ALCOVE_TILE_ROWS);
    const uvec2 four = lane % 2 == 0 ? words.xy : words.zw;
#if defined(WEIGHTS_F16)
    return vec4(unpackHalf2x16(four.x), unpackHalf2x16(four.y));
#else
    return uintBitsToFloat(uvec4(four.x << 16, four.x & 0xffff0000u, four.y << 16, four.y & 0xffff0000u));
#endif
#else
#if defined(WEIGHTS_Q8_0)
    const uint blockWords = 2;
    const int four = int(WORD(weights, start + (block * 2 + lane / 4) * ALCOVE_TILE_ROWS)[lane % 4]);
    const vec4 values = vec4(ivec4(four << 24, four << 16, four << 8, four) >> 24);
#else
    const uint blockWords = 1;
    const uint four = WORD(weights, start + block * ALCOVE_TILE_ROWS)[lane % 4] >> (lane / 4 * 4);
    const vec4 values = vec4(uvec4(four, four >> 8, four >> 16, four >> 24) & 15u) - 8.0;
#endif
    const uint groups = (push.blockCount + ALCOVE_GROUP_BLOCKS - 1) / ALCOVE_GROUP_BLOCKS;
    const uint scaleWord = groups * ALCOVE_GROUP_BLOCKS * blockWords + block / ALCOVE_GROUP_BLOCKS;
    const uint pair = WORD(weights, start + scaleWord * ALCOVE_TILE_ROWS)[block % ALCOVE_GROUP_BLOCKS / 2];
    return values * (block % 2 == 0 ? unpackHalf2x16(pair).x : unpackHalf2x16(pair).y);
#endif
}

void main() {
    lane = gl_LocalInvocationIndex;
    const uint block = gl_WorkGroupID.x;
    const uint token = gl_WorkGroupID.y;
    const uint row = state.tokens[token] - push.firstRow;
    // A token that another part of the matrix holds wraps to a large number and is left to that part.
    const bool ours = row < push.rows;
    const vec4 four = fourOf(ours ? row : 0, block);
    if (ours) {
        x[token * (push.pitch / 4) + block * ALCOVE_LANES + lane] = four;
    }
    storeForNorm(block, token, ours, four,
                 uintBitsToFloat(WORD(gammas, push.gammaStart + block * ALCOVE_LANES + lane)), push.activationPitch,
                 push.squaresPitch);
}
