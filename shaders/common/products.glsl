// sums[row · kTokens + token] += Σ W · X over this invocation's share of the columns.
//
// Expects one of WEIGHTS_F32, WEIGHTS_F16, WEIGHTS_BF16, WEIGHTS_Q8_0, WEIGHTS_Q4_0; with BYTES (the last two only)
// X are eight-bit activations, and with DOT too the device multiplies four of them at once. Every loop with a
// constant count is unrolled: sums stay in registers.
#include "operands.glsl"

// Over the blocks of a group. Unrolled, a block's number becomes a constant lane to shuffle from; without shuffles it
// only makes compilers load many blocks ahead, until registers overflow.
#ifdef LEAN
#define OVER_BLOCKS [[unroll]]
#else
#define OVER_BLOCKS [[dont_unroll]]
#endif

float sums[kRows * kTokens];

// Where word `word` of the lane's r-th row of a tile is.
uint weightAt(uint tile, uint word, uint r) {
    return wordAt(tile, word, r * ALCOVE_LANES + lane);
}

#if defined(DOT)
#extension GL_EXT_spirv_intrinsics : require
// OpSDot of SPV_KHR_integer_dot_product, which this version of GLSL has no function for: the sum of the products of four signed bytes
// each. `format` 0 is PackedVectorFormat4x8Bit.
spirv_instruction(extensions = ["SPV_KHR_integer_dot_product"], capabilities = [6018, 6019], id = 4450)
int signedDot(uint a, uint b, spirv_literal int format);
#endif

#if defined(BYTES)
// Eight blocks of activations of one token.
struct ByteGroup {
#ifdef LEAN
    uvec4 low;   // this lane's words of blocks 0 to 3
    uvec4 high;  // and of blocks 4 to 7
    vec2 scale;  // of block `lane`
#else
    uint start;
#endif
};

ByteGroup byteGroup(uint start) {
#ifdef LEAN
    const uvec4 pairs = WORD(inputs, start + 16 + lane / 2);
    return ByteGroup(WORD(inputs, start + lane), WORD(inputs, start + 8 + lane),
                     uintBitsToFloat(lane % 2 == 0 ? pairs.xy : pairs.zw));
#else
    return ByteGroup(start);
#endif
}

// (scale, scale · sum) of block j.
vec2 scaleOf(ByteGroup group, uint j) {
#ifdef LEAN
    return vec2(subgroupShuffle(group.scale.x, j), subgroupShuffle(group.scale.y, j));
#else
    const uvec4 pairs = WORD(inputs, group.start + 16 + j / 2);
    return uintBitsToFloat(j % 2 == 0 ? pairs.xy : pairs.zw);
#endif
}

// Word i (0 to 7, four activations) of block j.
#ifdef LEAN
#define BYTE_WORD(low, high, j, i) subgroupShuffle((j) < 4 ? (low)[(i) % 4] : (high)[(i) % 4], (j) % 4 * 2 + (i) / 4)
#endif

void addProducts(uint tile) {
    const uint scaleWord = push.groups * ALCOVE_GROUP_BLOCKS * BLOCK_WORDS;
    for (uint g = split; g < push.groups; g += kSplit) {
        uvec4 scales[kRows];
        [[unroll]] for (uint r = 0; r < kRows; ++r) {
            scales[r] = WORD(weights, weightAt(tile, scaleWord + g, r));
        }
        ByteGroup group[kTokens];
#if defined(LEAN) && defined(WEIGHTS_Q4_0)
        // Pairs of activations (bytes 0 and 2, 1 and 3 of each word), made once for all lanes.
        ivec4 even[2 * kTokens];
        ivec4 odd[2 * kTokens];
#endif
        [[unroll]] for (uint c = 0; c < kTokens; ++c) {
            group[c] = byteGroup(inputStart(c) + g * ALCOVE_GROUP_ACTIVATION_WORDS);
#if defined(LEAN) && defined(WEIGHTS_Q4_0)
            const ivec4 low = ivec4(group[c].low);
            const ivec4 high = ivec4(group[c].high);
            even[2 * c] = (low << 8 >> 24) + (low << 24 >> 8);
            odd[2 * c] = (low >> 24) + (low << 16 >> 24 << 16);
            even[2 * c + 1] = (high << 8 >> 24) + (high << 24 >> 8);
            odd[2 * c + 1] = (high >> 24) + (high << 16 >> 24 << 16);
#endif
        }
        OVER_BLOCKS for (uint j = 0; j < ALCOVE_GROUP_BLOCKS; ++j) {
            const uint word = (g * ALCOVE_GROUP_BLOCKS + j) * BLOCK_WORDS;
            int dots[kRows * kTokens];
            [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) {
                dots[i] = 0;
            }
#if defined(WEIGHTS_Q4_0)
            uvec4 nibbles[kRows];
            [[unroll]] for (uint r = 0; r < kRows; ++r) {
                nibbles[r] = WORD(weights, weightAt(tile, word, r));
            }
#if defined(DOT)
            [[unroll]] for (uint part = 0; part < 2; ++part) {
                [[unroll]] for (uint c = 0; c < kTokens; ++c) {
                    const uvec4 bytes = WORD(inputs, group[c].start + 2 * j + part);
                    [[unroll]] for (uint r = 0; r < kRows; ++r) {
                        const uvec4 four = nibbles[r] >> (4 * part) & 0x0f0f0f0fu;
                        [[unroll]] for (uint i = 0; i < 4; ++i) {
                            dots[r * kTokens + c] += signedDot(four[i], bytes[i], 0);
                        }
                    }
                }
            }
#else
            [[unroll]] for (uint part = 0; part < 2; ++part) {
                int halves[kRows * kTokens];
                [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) {
                    halves[i] = 0x8000;  // rounds the upper half when the lower one is cut off
                }
                [[unroll]] for (uint i = 0; i < 4; ++i) {
                    int e[kTokens];
                    int o[kTokens];
                    [[unroll]] for (uint c = 0; c < kTokens; ++c) {
#ifdef LEAN
                        const uint from = j % 4 * 2 + part;
                        e[c] = subgroupShuffle(even[2 * c + j / 4][i], from);
                        o[c] = subgroupShuffle(odd[2 * c + j / 4][i], from);
#else
                        const int bytes = int(WORD(inputs, group[c].start + 2 * j + part)[i]);
                        e[c] = (bytes << 8 >> 24) + (bytes << 24 >> 8);
                        o[c] = (bytes >> 24) + (bytes << 16 >> 24 << 16);
#endif
                    }
                    [[unroll]] for (uint r = 0; r < kRows; ++r) {
                        const uint four = nibbles[r][i] >> (4 * part);
                        const int evenWeights = int(four & 0x000f000fu);
                        const int oddWeights = int(four >> 8 & 0x000f000fu);
                        [[unroll]] for (uint c = 0; c < kTokens; ++c) {
                            halves[r * kTokens + c] += evenWeights * e[c] + oddWeights * o[c];
                        }
                    }
                }
                [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) {
                    dots[i] += halves[i] >> 16;
                }
            }
#endif
            const float offset = 8.0;  // nibbles stand for −8 to 7
#else
            [[unroll]] for (uint part = 0; part < 2; ++part) {
                uvec4 bytes[kRows];
                [[unroll]] for (uint r = 0; r < kRows; ++r) {
                    bytes[r] = WORD(weights, weightAt(tile, word + part, r));
                }
#if defined(DOT)
                [[unroll]] for (uint c = 0; c < kTokens; ++c) {
                    const uvec4 four = WORD(inputs, group[c].start + 2 * j + part);
                    [[unroll]] for (uint r = 0; r < kRows; ++r) {
                        [[unroll]] for (uint i = 0; i < 4; ++i) {
                            dots[r * kTokens + c] += signedDot(bytes[r][i], four[i], 0);
                        }
                    }
                }
#else
                [[unroll]] for (uint i = 0; i < 4; ++i) {
                    ivec4 a[kTokens];
                    [[unroll]] for (uint c = 0; c < kTokens; ++c) {
#ifdef LEAN
                        const uint from = j % 4 * 2 + part;
                        const int four = int(subgroupShuffle((j < 4 ? group[c].low : group[c].high)[i], from));
#else
                        const int four = int(WORD(inputs, group[c].start + 2 * j + part)[i]);
#endif
                        a[c] = ivec4(four << 24, four << 16, four << 8, four) >> 24;
                    }
                    [[unroll]] for (uint r = 0; r < kRows; ++r) {
                        const int four = int(bytes[r][i]);
                        const ivec4 w = ivec4(four << 24, four << 16, four << 8, four) >> 24;
                        [[unroll]] for (uint c = 0; c < kTokens; ++c) {
                            dots[r * kTokens + c] += w.x * a[c].x + w.y * a[c].y + w.z * a[c].z + w.w * a[c].w;
                        }
                    }
                }
#endif
            }
            const float offset = 0.0;
#endif
            [[unroll]] for (uint c = 0; c < kTokens; ++c) {
                const vec2 scale = scaleOf(group[c], j);
                [[unroll]] for (uint r = 0; r < kRows; ++r) {
                    const float product = float(dots[r * kTokens + c]) * scale.x - offset * scale.y;
                    sums[r * kTokens + c] += half16(scales[r], j) * product;
                }
            }
        }
    }
}

#else

// Eight columns of a row, from column 8 · part of the block that begins at `word`.
void weightsOf(uint tile, uint word, uint part, uint r, out vec4 low, out vec4 high) {
#if defined(WEIGHTS_F32)
    low = uintBitsToFloat(WORD(weights, weightAt(tile, word + 2 * part, r)));
    high = uintBitsToFloat(WORD(weights, weightAt(tile, word + 2 * part + 1, r)));
#elif defined(WEIGHTS_F16)
    const uvec4 words = WORD(weights, weightAt(tile, word + part, r));
    low = vec4(unpackHalf2x16(words.x), unpackHalf2x16(words.y));
    high = vec4(unpackHalf2x16(words.z), unpackHalf2x16(words.w));
#elif defined(WEIGHTS_BF16)
    const uvec4 words = WORD(weights, weightAt(tile, word + part, r));
    const uvec4 even = words << 16;
    const uvec4 odd = words & 0xffff0000u;
    low = uintBitsToFloat(uvec4(even.x, odd.x, even.y, odd.y));
    high = uintBitsToFloat(uvec4(even.z, odd.z, even.w, odd.w));
#elif defined(WEIGHTS_Q8_0)
    const uvec4 words = WORD(weights, weightAt(tile, word + part / 2, r));
    const ivec2 eight = ivec2(part % 2 == 0 ? words.xy : words.zw);
    low = vec4(ivec4(eight.x << 24, eight.x << 16, eight.x << 8, eight.x) >> 24);
    high = vec4(ivec4(eight.y << 24, eight.y << 16, eight.y << 8, eight.y) >> 24);
#else
    const uvec4 words = WORD(weights, weightAt(tile, word, r));
    const uvec2 eight = (part % 2 == 0 ? words.xy : words.zw) >> (part / 2 * 4);
    low = vec4(uvec4(eight.x, eight.x >> 8, eight.x >> 16, eight.x >> 24) & 15u) - 8.0;
    high = vec4(uvec4(eight.y, eight.y >> 8, eight.y >> 16, eight.y >> 24) & 15u) - 8.0;
#endif
}

#if defined(QUANTISED)
float products[kRows * kTokens];  // of one block, before its scale
#else
#define products sums
#endif

// products += the weights at `word` · the activations of block `number`.
void addBlock(uint tile, uint word, uint number) {
#ifdef LEAN
    vec4 block[kTokens];
    [[unroll]] for (uint c = 0; c < kTokens; ++c) {
        block[c] = uintBitsToFloat(WORD(inputs, inputStart(c) + number * 8 + lane));
    }
#define ACTIVATION(c, part, i) subgroupShuffle(block[c][(i) % 4], (part) * 2 + (i) / 4)
#else
    vec4 eight[2 * kTokens];
#define ACTIVATION(c, part, i) eight[2 * (c) + (i) / 4][(i) % 4]
#endif
    OVER_BLOCKS for (uint part = 0; part < 4; ++part) {
#ifndef LEAN
        [[unroll]] for (uint i = 0; i < 2 * kTokens; ++i) {
            eight[i] = uintBitsToFloat(WORD(inputs, inputStart(i / 2) + number * 8 + part * 2 + i % 2));
        }
#endif
        vec4 low[kRows];
        vec4 high[kRows];
        [[unroll]] for (uint r = 0; r < kRows; ++r) {
            weightsOf(tile, word, part, r, low[r], high[r]);
        }
        [[unroll]] for (uint i = 0; i < 8; ++i) {
            [[unroll]] for (uint c = 0; c < kTokens; ++c) {
                const float a = ACTIVATION(c, part, i);
                [[unroll]] for (uint r = 0; r < kRows; ++r) {
                    products[r * kTokens + c] += (i < 4 ? low[r][i % 4] : high[r][i % 4]) * a;
                }
            }
        }
    }
}

void addProducts(uint tile) {
#if defined(QUANTISED)
    const uint scaleWord = push.groups * ALCOVE_GROUP_BLOCKS * BLOCK_WORDS;
    for (uint g = split; g < push.groups; g += kSplit) {
        uvec4 scales[kRows];
        [[unroll]] for (uint r = 0; r < kRows; ++r) {
            scales[r] = WORD(weights, weightAt(tile, scaleWord + g, r));
        }
        OVER_BLOCKS for (uint j = 0; j < ALCOVE_GROUP_BLOCKS; ++j) {
            const uint number = g * ALCOVE_GROUP_BLOCKS + j;
            [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) {
                products[i] = 0.0;
            }
            // Rows of floats end before the last group may: there the weights are zeros, and any block serves.
            addBlock(tile, number * BLOCK_WORDS, min(number, push.inputPitch / ALCOVE_LANES - 1));
            [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) {
                sums[i] += half16(scales[i / kTokens], j) * products[i];
            }
        }
    }
#else
    for (uint number = split; number < push.groups; number += kSplit) {
        addBlock(tile, number * BLOCK_WORDS, number);
    }
#endif
}
#endif
