// softmax(q · Kᵗ / √hd) · V for one head and one token, through shared memory: needs no subgroups.
//
// Online softmax (Milakov and Gimelshein, arXiv 1805.02867): positions are taken in tiles of one per invocation;
// the running maximum only grows, and what was summed before is scaled down when it does. For the scores an
// invocation owns a position; for the values it owns a word, and the groups that fit side by side share out the
// positions of the tile.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "interface.h"

#define TILE ALCOVE_ATTENTION_INVOCATIONS
#define MAXIMA 8

layout(local_size_x = ALCOVE_ATTENTION_INVOCATIONS) in;
layout(constant_id = 0) const uint kHeadBlocks = 2;
layout(constant_id = 1) const uint kTokens = 1;      // not used: one token a work group
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

const uint kWords = kHeadBlocks * kBlockWords;  // of a position
const uint kFours = kHeadBlocks * 8;            // of a head

shared vec4 query[kFours];
shared float scores[TILE];
shared float maxima[MAXIMA];
shared vec4 partialResults[TILE * kCacheFours];
shared float partialWeights[TILE];
shared vec4 outputs[kFours];

void main() {
    const uint index = gl_LocalInvocationIndex;
    const uint head = gl_WorkGroupID.x;
    const uint token = gl_WorkGroupID.y;
    const uint kvHead = head / push.headsPerKvHead;
    const uint positions = state.position + token + 1;

    if (index < kFours) {
        query[index] = push.scale * uintBitsToFloat(WORD(queries, token * push.queryPitch + head * kFours + index));
    }
    barrier();

    const uint groups = TILE / kWords;
    const uint group = index / kWords;
    const uint ownWord = index % kWords;
    float maximum = -3.0e38;
    float weight = 0.0;
    vec4 result[kCacheFours];
    [[unroll]] for (uint part = 0; part < kCacheFours; ++part) {
        result[part] = vec4(0.0);
    }
    for (uint start = 0; start < positions; start += TILE) {
        const uint count = min(TILE, positions - start);
        float score = -3.0e38;
        if (index < count) {
            score = 0.0;
            for (uint b = 0; b < kHeadBlocks; ++b) {
                float product = 0.0;
                for (uint w = 0; w < kBlockWords; ++w) {
                    const uint at = b * kBlockWords + w;
                    const uvec4 word = WORD(keys, keyWordAt(kvHead, at, start + index));
                    [[unroll]] for (uint part = 0; part < kCacheFours; ++part) {
                        product += dot(query[at * kCacheFours + part], cacheFour(word, part));
                    }
                }
                if (kByteCache == 1) {
                    const uint scale = cacheScaleAt(kvHead, b, start + index);
                    product *= uintBitsToFloat(WORD(keys, scale / 4)[scale % 4]);
                }
                score += product;
            }
        }
        scores[index] = score;
        barrier();
        if (index < MAXIMA) {
            float highest = scores[index];
            for (uint i = index + MAXIMA; i < TILE; i += MAXIMA) {
                highest = max(highest, scores[i]);
            }
            maxima[index] = highest;
        }
        barrier();
        float newMaximum = maximum;
        for (uint i = 0; i < MAXIMA; ++i) {
            newMaximum = max(newMaximum, maxima[i]);
        }
        const float shrink = exp(maximum - newMaximum);
        maximum = newMaximum;
        scores[index] = exp(score - maximum);
        barrier();
        weight *= shrink;
        [[unroll]] for (uint part = 0; part < kCacheFours; ++part) {
            result[part] *= shrink;
        }
        if (group < groups) {
            for (uint i = group; i < count; i += groups) {
                weight += scores[i];
                const uvec4 word = WORD(values, valueWordAt(kvHead, ownWord, start + i));
                float share = scores[i];
                if (kByteCache == 1) {
                    const uint scale = cacheScaleAt(kvHead, ownWord / kBlockWords, start + i);
                    share *= uintBitsToFloat(WORD(values, scale / 4)[scale % 4]);
                }
                [[unroll]] for (uint part = 0; part < kCacheFours; ++part) {
                    result[part] += share * cacheFour(word, part);
                }
            }
        }
        barrier();  // before the next tile overwrites the scores
    }

    [[unroll]] for (uint part = 0; part < kCacheFours; ++part) {
        partialResults[index * kCacheFours + part] = result[part];
    }
    partialWeights[index] = weight;
    barrier();
    if (index < kWords) {
        for (uint i = 1; i < groups; ++i) {
            const uint other = i * kWords + index;
            [[unroll]] for (uint part = 0; part < kCacheFours; ++part) {
                result[part] += partialResults[other * kCacheFours + part];
            }
            weight += partialWeights[other];
        }
        [[unroll]] for (uint part = 0; part < kCacheFours; ++part) {
            outputs[index * kCacheFours + part] = result[part] / weight;
        }
    }
    barrier();
    // Eight invocations a block.
    const uint block = index / ALCOVE_LANES;
    const uint lane = index % ALCOVE_LANES;
    const bool stores = block < kHeadBlocks;
    const vec4 four = outputs[stores ? index : 0];
    if (kByteOutput == 1) {
        STORE_BYTES(y, token * push.outputPitch, head * kHeadBlocks + block, lane, stores, four);
    } else {
        for (uint r = 0; r < 4; ++r) {
            if (stores && 4 * index + r < push.headDim) {
                y[token * push.outputPitch + head * push.headDim + 4 * index + r] = floatBitsToUint(four[r]);
            }
        }
    }
}
