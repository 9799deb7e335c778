// One block of 32 columns of a work group's weights and activations in shared memory, as 16-bit floats. Expects
// factors, the norm's for each token.

// A row has four words of eight halves; a fifth keeps the lanes' rows in different banks of the memory.
const uint kRowWords = 5;

// Rows in the order of their words (wordAt), so that neighbouring lanes write neighbouring rows.
shared uvec4 weightHalves[kTiles * ALCOVE_TILE_ROWS * kRowWords];
shared uvec4 inputHalves[kColumns * kRowWords];

const float kLargestHalf = 65504.0;

uvec4 halves(vec4 low, vec4 high) {
    return uvec4(packHalf2x16(low.xy), packHalf2x16(low.zw), packHalf2x16(high.xy), packHalf2x16(high.zw));
}

#if defined(BYTES) || defined(WEIGHTS_Q8_0)
vec4 signedBytes(uint four) {
    return vec4(ivec4(four << 24, four << 16, four << 8, four) >> 24);
}
#endif

// Columns 8 · part to 8 · part + 7 of the block.
uvec4 weightWord(uint tile, uint block, uint place, uint part) {
#if defined(WEIGHTS_F16)
    return WORD(weights, wordAt(tile, block * BLOCK_WORDS + part, place));
#else
    const uint scaleWord = push.groups * ALCOVE_GROUP_BLOCKS * BLOCK_WORDS + block / ALCOVE_GROUP_BLOCKS;
    const float scale = half16(WORD(weights, wordAt(tile, scaleWord, place)), block % ALCOVE_GROUP_BLOCKS);
#if defined(WEIGHTS_Q8_0)
    const uvec4 words = WORD(weights, wordAt(tile, block * BLOCK_WORDS + part / 2, place));
    const uvec2 eight = part % 2 == 0 ? words.xy : words.zw;
    return halves(scale * signedBytes(eight.x), scale * signedBytes(eight.y));
#else
    const uvec4 words = WORD(weights, wordAt(tile, block, place));
    const uvec2 eight = (part % 2 == 0 ? words.xy : words.zw) >> (part / 2 * 4);
    const vec4 low = vec4(uvec4(eight.x, eight.x >> 8, eight.x >> 16, eight.x >> 24) & 15u) - 8.0;
    const vec4 high = vec4(uvec4(eight.y, eight.y >> 8, eight.y >> 16, eight.y >> 24) & 15u) - 8.0;
    return halves(scale * low, scale * high);
#endif
#endif
}

uvec4 inputWord(uint column, uint block, uint part) {
    const uint start = inputStart(column);
#if defined(BYTES)
    const uint group = start + block / ALCOVE_GROUP_BLOCKS * ALCOVE_GROUP_ACTIVATION_WORDS;
    const uint j = block % ALCOVE_GROUP_BLOCKS;
    const uvec4 words = WORD(inputs, group + 2 * j + part / 2);
    const uvec4 pairs = WORD(inputs, group + 16 + j / 2);
    const float scale = factors[column] * uintBitsToFloat(j % 2 == 0 ? pairs.x : pairs.z);
    const uvec2 eight = part % 2 == 0 ? words.xy : words.zw;
    const vec4 low = scale * signedBytes(eight.x);
    const vec4 high = scale * signedBytes(eight.y);
#else
    // Rows of floats end before the last group may: there the weights are zeros, and any block serves.
    const uint at = start + min(block, push.inputPitch / ALCOVE_LANES - 1) * 8 + part * 2;
    const vec4 low = factors[column] * uintBitsToFloat(WORD(inputs, at));
    const vec4 high = factors[column] * uintBitsToFloat(WORD(inputs, at + 1));
#endif
    const vec4 limit = vec4(kLargestHalf);
    return halves(clamp(low, -limit, limit), clamp(high, -limit, limit));
}

void layWeights(uint block) {
    [[unroll]] for (uint first = 0; first < kTiles * ALCOVE_TILE_ROWS * 4; first += kInvocations) {
        const uint i = first + gl_LocalInvocationIndex;
        const uint row = i % (kTiles * ALCOVE_TILE_ROWS);
        const uint part = i / (kTiles * ALCOVE_TILE_ROWS);
        const uint tile = gl_WorkGroupID.y * kTiles + row / ALCOVE_TILE_ROWS;
        weightHalves[row * kRowWords + part] = weightWord(tile, block, row % ALCOVE_TILE_ROWS, part);
    }
}

void layActivations(uint block) {
    [[unroll]] for (uint first = 0; first < kColumns * 4; first += kInvocations) {
        const uint i = first + gl_LocalInvocationIndex;
        inputHalves[i / 4 * kRowWords + i % 4] = inputWord(i / 4, block, i % 4);
    }
}
