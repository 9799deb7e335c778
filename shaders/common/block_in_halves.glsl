// One block of 32 columns of a work group's weights and activations in shared memory, as 16-bit floats. Expects
// `factors`, those of the norm for each token.
//
// fetchBlock() loads a block's words into registers, layBlock() unpacks them into shared memory. The next block is
// fetched before the one in shared memory is multiplied, so that the loads overlap with the arithmetic.

const uint kRows = kTiles * ALCOVE_TILE_ROWS;

// 32 halves of a row or token are four words. A fifth, unused one makes rows start in different banks of the shared
// memory, so that lanes reading the same word of different rows do not wait for each other.
const uint kRowWords = 5;

// Rows in the order of their places in the tile (interface.h), so that neighbouring lanes write neighbouring rows.
shared uvec4 weightHalves[kRows * kRowWords];
shared uvec4 inputHalves[kTokens * kRowWords];

// Words of shared memory that an invocation fills. The i-th of them has number i · kInvocations +
// gl_LocalInvocationIndex among the work group's. Weights are numbered by places first (columns 0 to 7 of all rows, then
// columns 8 to 15 of all rows, …), activations by columns first (the four words of token 0, then of token 1, …).
const uint kWeightWords = kRows * 4 / kInvocations;
const uint kInputWords = kTokens * 4 / kInvocations;

// Where an invocation's words begin, what it holds of a block, and the scales of its group.
uint weightStarts[kWeightWords];
uint inputStarts[kInputWords];
float inputFactors[kInputWords];
uvec4 heldWeights[kWeightWords];
#ifdef QUANTISED
uvec4 heldScales[kWeightWords];
#endif
#ifdef BYTES
uvec2 heldInputs[kInputWords];
float byteScales[kInputWords];
#else
vec4 heldInputs[2 * kInputWords];
#endif

const float kLargestHalf = 65504.0;

uint numberOf(uint i) {
    return i * kInvocations + gl_LocalInvocationIndex;
}

uvec4 halves(vec4 low, vec4 high) {
    return uvec4(packHalf2x16(low.xy), packHalf2x16(low.zw), packHalf2x16(high.xy), packHalf2x16(high.zw));
}

#if defined(BYTES) || defined(WEIGHTS_Q8_0)
vec4 signedBytes(uint four) {
    return vec4(ivec4(four << 24, four << 16, four << 8, four) >> 24);
}
#endif

void beginBlocks() {
    [[unroll]] for (uint i = 0; i < kWeightWords; ++i) {
        const uint row = numberOf(i) % kRows;
        weightStarts[i] = wordAt(gl_WorkGroupID.y * kTiles + row / ALCOVE_TILE_ROWS, 0, row % ALCOVE_TILE_ROWS);
    }
    [[unroll]] for (uint i = 0; i < kInputWords; ++i) {
        inputStarts[i] = inputStart(numberOf(i) / 4);
        inputFactors[i] = factors[numberOf(i) / 4];
    }
}

void fetchWeights(uint block) {
    [[unroll]] for (uint i = 0; i < kWeightWords; ++i) {
        const uint part = numberOf(i) / kRows;
        const uint word = block * BLOCK_WORDS + part * BLOCK_WORDS / 4;
        heldWeights[i] = WORD(weights, weightStarts[i] + word * ALCOVE_TILE_ROWS);
    }
#ifdef QUANTISED
    if (block % ALCOVE_GROUP_BLOCKS == 0) {
        const uint word = push.groups * ALCOVE_GROUP_BLOCKS * BLOCK_WORDS + block / ALCOVE_GROUP_BLOCKS;
        [[unroll]] for (uint i = 0; i < kWeightWords; ++i) {
            heldScales[i] = WORD(weights, weightStarts[i] + word * ALCOVE_TILE_ROWS);
        }
    }
#endif
}

void fetchInputs(uint block) {
    [[unroll]] for (uint i = 0; i < kInputWords; ++i) {
        const uint part = numberOf(i) % 4;
#ifdef BYTES
        const uint group = inputStarts[i] + block / ALCOVE_GROUP_BLOCKS * ALCOVE_GROUP_ACTIVATION_WORDS;
        const uvec4 words = WORD(inputs, group + block % ALCOVE_GROUP_BLOCKS * 2 + part / 2);
        heldInputs[i] = part % 2 == 0 ? words.xy : words.zw;
        const uvec4 pairs = WORD(inputs, group + 16 + block % ALCOVE_GROUP_BLOCKS / 2);
        byteScales[i] = uintBitsToFloat(block % 2 == 0 ? pairs.x : pairs.z);
#else
        // Rows of floats end before the last group may: there the weights are zeros, and any block serves.
        const uint at = inputStarts[i] + min(block, push.inputPitch / ALCOVE_LANES - 1) * 8 + part * 2;
        heldInputs[2 * i] = uintBitsToFloat(WORD(inputs, at));
        heldInputs[2 * i + 1] = uintBitsToFloat(WORD(inputs, at + 1));
#endif
    }
}

void fetchBlock(uint block) {
    fetchWeights(block);
    fetchInputs(block);
}

// Of the i-th word of weights, its eight columns.
uvec4 weightHalvesOf(uint i, uint block) {
#if defined(WEIGHTS_F16)
    return heldWeights[i];
#else
    const uint part = numberOf(i) / kRows;
    const uvec4 words = heldWeights[i];
    const uvec2 eight = part % 2 == 0 ? words.xy : words.zw;
    const float scale = half16(heldScales[i], block % ALCOVE_GROUP_BLOCKS);
#if defined(WEIGHTS_Q8_0)
    return halves(scale * signedBytes(eight.x), scale * signedBytes(eight.y));
#else
    const uvec2 nibbles = eight >> (part / 2 * 4) & 0x0f0f0f0fu;
    const vec4 low = vec4(uvec4(nibbles.x, nibbles.x >> 8, nibbles.x >> 16, nibbles.x >> 24) & 0xffu);
    const vec4 high = vec4(uvec4(nibbles.y, nibbles.y >> 8, nibbles.y >> 16, nibbles.y >> 24) & 0xffu);
    return halves(scale * (low - 8.0), scale * (high - 8.0));
#endif
#endif
}

uvec4 inputHalvesOf(uint i) {
#ifdef BYTES
    const float scale = inputFactors[i] * byteScales[i];
    const vec4 low = scale * signedBytes(heldInputs[i].x);
    const vec4 high = scale * signedBytes(heldInputs[i].y);
#else
    const vec4 low = inputFactors[i] * heldInputs[2 * i];
    const vec4 high = inputFactors[i] * heldInputs[2 * i + 1];
#endif
    const vec4 limit = vec4(kLargestHalf);
    return halves(clamp(low, -limit, limit), clamp(high, -limit, limit));
}

void layBlock(uint block) {
    [[unroll]] for (uint i = 0; i < kWeightWords; ++i) {
        const uint row = numberOf(i) % kRows;
        weightHalves[row * kRowWords + numberOf(i) / kRows] = weightHalvesOf(i, block);
    }
    [[unroll]] for (uint i = 0; i < kInputWords; ++i) {
        inputHalves[numberOf(i) / 4 * kRowWords + numberOf(i) % 4] = inputHalvesOf(i);
    }
}
