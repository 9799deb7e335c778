// softmax(q · Kᵗ / √hd) · V over all positions up to the token's own, one work group per head and token.
//
// Online softmax (Milakov and Gimelshein, arXiv 1805.02867): positions are taken in tiles of one per invocation;
// the running maximum only grows, and what was summed before is scaled down when it does. For the scores an
// invocation owns a position; for the values it owns four dimensions, and the groups that fit side by side share
// out the positions of the tile.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "interface.h"

#define TILE ALCOVE_ATTENTION_INVOCATIONS
#define MAXIMA 8

layout(local_size_x = ALCOVE_ATTENTION_INVOCATIONS) in;
ALCOVE_STATE_BLOCK
layout(set = 0, binding = 0, std430) readonly buffer Queries {
    float qkv[];  // [n, (heads + 2 · kvHeads) · hd], rotated
};
layout(set = 0, binding = 1, std430) readonly buffer Keys {
    vec4 keys[];  // [kvHeads, context, hd], zero beyond hd
};
layout(set = 0, binding = 2, std430) readonly buffer Values {
    vec4 values[];  // [kvHeads, context, hd]
};
layout(set = 0, binding = 3, std430) writeonly buffer Output {
    float y[];  // [n, heads · hd]
};
layout(push_constant) uniform Push {
    AttentionPush push;
};

shared vec4 query[ALCOVE_MAX_HEAD_DIM / 4];
shared float scores[TILE];
shared float maxima[MAXIMA];
shared vec4 partialOutputs[TILE];
shared float partialWeights[TILE];

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const uint token = gl_WorkGroupID.y;
    const uint head = push.firstQueryHead + gl_WorkGroupID.x;
    const uint kvHead = gl_WorkGroupID.x / push.headsPerKvHead;  // within this part of the cache
    const uint fours = push.cachePitch / 4;                      // of a head
    const uint cacheStart = kvHead * push.contextSize * fours;
    const uint positions = state.position + token + 1;

    if (lane < fours) {
        const uint from = token * push.pitch + head * push.headDim + 4 * lane;
        const uint left = push.headDim - 4 * lane;  // 2 in the last four of a head_dim such as 6
        query[lane] = push.scale * vec4(qkv[from], qkv[from + 1], left > 2 ? vec2(qkv[from + 2], qkv[from + 3]) : vec2(0));
    }
    barrier();

    const uint groups = TILE / fours;
    const uint group = lane / fours;
    const uint four = lane % fours;
    float maximum = -3.0e38;
    float weight = 0.0;
    vec4 result = vec4(0.0);
    for (uint start = 0; start < positions; start += TILE) {
        const uint count = min(TILE, positions - start);
        float score = -3.0e38;
        if (lane < count) {
            const uint key = cacheStart + (start + lane) * fours;
            score = 0.0;
            for (uint i = 0; i < fours; ++i) {
                score += dot(query[i], keys[key + i]);
            }
        }
        scores[lane] = score;
        barrier();
        if (lane < MAXIMA) {
            float highest = scores[lane];
            for (uint i = lane + MAXIMA; i < TILE; i += MAXIMA) {
                highest = max(highest, scores[i]);
            }
            maxima[lane] = highest;
        }
        barrier();
        float newMaximum = maximum;
        for (uint i = 0; i < MAXIMA; ++i) {
            newMaximum = max(newMaximum, maxima[i]);
        }
        const float shrink = exp(maximum - newMaximum);
        maximum = newMaximum;
        scores[lane] = exp(score - maximum);
        barrier();
        weight *= shrink;
        result *= shrink;
        if (group < groups) {
            for (uint i = group; i < count; i += groups) {
                weight += scores[i];
                result += scores[i] * values[cacheStart + (start + i) * fours + four];
            }
        }
        barrier();  // before the next tile overwrites the scores
    }

    partialOutputs[lane] = result;
    partialWeights[lane] = weight;
    barrier();
    if (lane < fours) {
        for (uint i = 1; i < groups; ++i) {
            result += partialOutputs[i * fours + lane];
            weight += partialWeights[i * fours + lane];
        }
        result /= weight;
        const uint to = token * push.outputPitch + head * push.headDim + 4 * lane;
        y[to] = result.x;
        y[to + 1] = result.y;
        if (push.headDim - 4 * lane > 2) {
            y[to + 2] = result.z;
            y[to + 3] = result.w;
        }
    }
}
