// softmax(q · Kᵗ / √hd) · V for one head and a few tokens, in a subgroup's registers alone.
//
// Online softmax (Milakov and Gimelshein, arXiv 1805.02867): positions are taken eight at a time, one for each lane;
// the running maximum only grows, and what was summed before is scaled down when it does. Keys and values are read
// once for all tokens of the work group. For the scores a lane owns a position; for the values it owns a word.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "interface.h"
#define LEAN

layout(local_size_x = ALCOVE_LANES) in;
layout(constant_id = 0) const uint kHeadBlocks = 2;
layout(constant_id = 1) const uint kTokens = 1;      // tokens of a work group
layout(constant_id = 2) const uint kByteOutput = 0;  // eight-bit activations; headDim is a multiple of 32 then
layout(constant_id = 3) const uint kByteCache = 0;

#include "common/lanes.glsl"
#include "common/words.glsl"
#include "common/bytes.glsl"
#include "common/state.glsl"

layout(push_constant) uniform Push {
    AttentionPush push;
};
INPUT_WORDS(0, queries);  // [n, heads, headBlocks · 32], rotated
INPUT_WORDS(1, keys);
INPUT_WORDS(2, values);
layout(set = 0, binding = 3, std430) writeonly buffer Output {
    uint y[];  // [n, heads · hd], floats or eight-bit activations
};
STATE_BUFFER(4);

#include "common/cache.glsl"
#include "common/cache_words.glsl"

const uint kWords = kHeadBlocks * kBlockWords;                           // of a position
const uint kLaneWords = (kWords + ALCOVE_LANES - 1) / ALCOVE_LANES;      // that a lane owns
const uint kLanesOfWord = ALCOVE_LANES / kBlockWords;                    // whose query elements are in a word of keys
const float kLowest = -3.0e38;

float scaleAtIndex(uvec4 word, uint index) {
    return uintBitsToFloat(word[index % 4]);
}

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const uint head = gl_WorkGroupID.x;
    const uint kvHead = head / push.headsPerKvHead;
    const uint firstToken = gl_WorkGroupID.y * kTokens;
    const uint lastToken = min(firstToken + kTokens, push.tokens) - 1;
    const uint positions = state.position + lastToken + 1;

    vec4 query[kTokens * kHeadBlocks];
    float maximum[kTokens];
    float weight[kTokens];
    vec4 result[kTokens * kLaneWords * kCacheFours];
    [[unroll]] for (uint c = 0; c < kTokens; ++c) {
        maximum[c] = kLowest;
        weight[c] = 0.0;
        const uint row = min(firstToken + c, lastToken) * push.queryPitch + head * kHeadBlocks * ALCOVE_LANES + lane;
        [[unroll]] for (uint b = 0; b < kHeadBlocks; ++b) {
            query[c * kHeadBlocks + b] = push.scale * uintBitsToFloat(WORD(queries, row + b * ALCOVE_LANES));
        }
        [[unroll]] for (uint i = 0; i < kLaneWords * kCacheFours; ++i) {
            result[c * kLaneWords * kCacheFours + i] = vec4(0.0);
        }
    }

    for (uint start = 0; start < positions; start += ALCOVE_LANES) {
        const uint position = start + lane;
        float scores[kTokens];
        [[unroll]] for (uint c = 0; c < kTokens; ++c) {
            scores[c] = 0.0;
        }
        [[unroll]] for (uint b = 0; b < kHeadBlocks; ++b) {
            float products[kTokens];
            [[unroll]] for (uint c = 0; c < kTokens; ++c) {
                products[c] = 0.0;
            }
            [[unroll]] for (uint w = 0; w < kBlockWords; ++w) {
                const uvec4 word = WORD(keys, keyWordAt(kvHead, b * kBlockWords + w, position));
                [[unroll]] for (uint part = 0; part < kCacheFours; ++part) {
                    const vec4 key = cacheFour(word, part);
                    [[unroll]] for (uint c = 0; c < kTokens; ++c) {
                        const vec4 own = query[c * kHeadBlocks + b];
                        const uint from = w * kLanesOfWord + part;
                        products[c] += subgroupShuffle(own.x, from) * key.x;
                        products[c] += subgroupShuffle(own.y, from) * key.y;
                        products[c] += subgroupShuffle(own.z, from) * key.z;
                        products[c] += subgroupShuffle(own.w, from) * key.w;
                    }
                }
            }
            float scale = 1.0;
            if (kByteCache == 1) {
                const uint index = cacheScaleAt(kvHead, b, position);
                scale = scaleAtIndex(WORD(keys, index / 4), index);
            }
            [[unroll]] for (uint c = 0; c < kTokens; ++c) {
                scores[c] += scale * products[c];
            }
        }
        [[unroll]] for (uint c = 0; c < kTokens; ++c) {
            const bool seen = position <= state.position + firstToken + c;
            const float score = seen ? scores[c] : kLowest;
            const float newMaximum = max(maximum[c], laneMax(score));
            const float shrink = exp(maximum[c] - newMaximum);
            maximum[c] = newMaximum;
            scores[c] = seen ? exp(score - newMaximum) : 0.0;
            weight[c] = weight[c] * shrink + scores[c];
            [[unroll]] for (uint i = 0; i < kLaneWords * kCacheFours; ++i) {
                result[c * kLaneWords * kCacheFours + i] *= shrink;
            }
        }
        [[unroll]] for (uint j = 0; j < ALCOVE_LANES; ++j) {
            [[unroll]] for (uint v = 0; v < kLaneWords; ++v) {
                const uint w = min(v * ALCOVE_LANES + lane, kWords - 1);
                const uvec4 word = WORD(values, valueWordAt(kvHead, w, start + j));
                float scale = 1.0;
                if (kByteCache == 1) {
                    const uint index = cacheScaleAt(kvHead, w / kBlockWords, start + j);
                    scale = scaleAtIndex(WORD(values, index / 4), index);
                }
                [[unroll]] for (uint c = 0; c < kTokens; ++c) {
                    const float share = scale * subgroupShuffle(scores[c], j);
                    [[unroll]] for (uint part = 0; part < kCacheFours; ++part) {
                        result[(c * kLaneWords + v) * kCacheFours + part] += share * cacheFour(word, part);
                    }
                }
            }
        }
    }

    [[unroll]] for (uint c = 0; c < kTokens; ++c) {
        const float total = laneSum(weight[c]);
        const uint token = firstToken + c;
        const bool stores = token <= lastToken;
        [[unroll]] for (uint b = 0; b < kHeadBlocks; ++b) {
            // Words of this block, 4 · lane to 4 · lane + 3 of it for each lane.
            const uint from = (b * kBlockWords + lane / kCacheFours) % ALCOVE_LANES;
            const uint wanted = lane % kCacheFours;
            vec4 four = vec4(0.0);
            [[unroll]] for (uint part = 0; part < kCacheFours; ++part) {
                const vec4 own = result[(c * kLaneWords + b * kBlockWords / ALCOVE_LANES) * kCacheFours + part];
                const vec4 other = vec4(subgroupShuffle(own.x, from), subgroupShuffle(own.y, from),
                                        subgroupShuffle(own.z, from), subgroupShuffle(own.w, from));
                four = part == wanted ? other : four;
            }
            four /= total;
            if (kByteOutput == 1) {
                STORE_BYTES(y, token * push.outputPitch, head * kHeadBlocks + b, lane, stores, four);
            } else {
                const uint dimension = b * ALCOVE_BLOCK + 4 * lane;
                [[unroll]] for (uint r = 0; r < 4; ++r) {
                    if (stores && dimension + r < push.headDim) {
                        y[token * push.outputPitch + head * push.headDim + dimension + r] = floatBitsToUint(four[r]);
                    }
                }
            }
        }
    }
}
