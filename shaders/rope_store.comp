// Rotates queries in place, and keys on their way into the cache; copies values into the cache.
//
// Rotary embedding (Su et al., arXiv 2104.09864) in the Hugging Face layout: element i of a head is rotated
// against element i + hd/2. One invocation does one such pair of one head of one token. Angles come as a table
// of cosines and sines made on the host, because Vulkan promises little of sin() and cos().
#version 450
#extension GL_GOOGLE_include_directive : require
#include "interface.h"

layout(local_size_x = ALCOVE_ELEMENTWISE_INVOCATIONS) in;
ALCOVE_STATE_BLOCK
layout(set = 0, binding = 0, std430) buffer QueryKeyValue {
    float qkv[];  // [n, (heads + 2 · kvHeads) · hd]
};
layout(set = 0, binding = 1, std430) readonly buffer Angles {
    vec2 angles[];  // [context, hd / 2], cosine and sine
};
layout(set = 0, binding = 2, std430) writeonly buffer Keys {
    float keys[];  // [kvHeads, context, hd]
};
layout(set = 0, binding = 3, std430) writeonly buffer Values {
    float values[];  // [kvHeads, context, hd]
};
layout(push_constant) uniform Push {
    RopePush push;
};

void main() {
    const uint halfDim = push.headDim / 2;
    const uint token = gl_WorkGroupID.y;
    const uint slot = gl_GlobalInvocationID.x / halfDim;  // queries, then keys, then values of this part
    const uint i = gl_GlobalInvocationID.x % halfDim;
    if (slot >= push.queryHeads + 2 * push.kvHeads) {
        return;
    }
    const uint position = state.position + token;
    const vec2 angle = angles[position * halfDim + i];
    const uint row = token * push.pitch;

    if (slot < push.queryHeads) {
        const uint at = row + (push.firstQueryHead + slot) * push.headDim + i;
        const vec2 pair = vec2(qkv[at], qkv[at + halfDim]);
        qkv[at] = pair.x * angle.x - pair.y * angle.y;
        qkv[at + halfDim] = pair.y * angle.x + pair.x * angle.y;
        return;
    }
    const bool isKey = slot < push.queryHeads + push.kvHeads;
    const uint head = slot - push.queryHeads - (isKey ? 0 : push.kvHeads);  // within this part
    const uint source = push.totalQueryHeads + (isKey ? 0 : push.totalKvHeads) + push.firstKvHead + head;
    const uint from = row + source * push.headDim + i;
    const uint to = (head * push.contextSize + position) * push.cachePitch + i;
    const vec2 pair = vec2(qkv[from], qkv[from + halfDim]);
    if (isKey) {
        keys[to] = pair.x * angle.x - pair.y * angle.y;
        keys[to + halfDim] = pair.y * angle.x + pair.x * angle.y;
    } else {
        values[to] = pair.x;
        values[to + halfDim] = pair.y;
    }
}
