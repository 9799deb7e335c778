// Reads a buffer once, as fast as the device can, to know what the weights could at best be read at. The exclusive
// or of everything is written so that no read can be left out.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "interface.h"

layout(local_size_x = ALCOVE_PROBE_INVOCATIONS) in;
layout(set = 0, binding = 0, std430) readonly buffer Input {
    uvec4 words[];
};
layout(set = 0, binding = 1, std430) writeonly buffer Output {
    uint results[];
};
layout(push_constant) uniform Push {
    ProbePush push;
};

void main() {
    const uint id = gl_GlobalInvocationID.x;
    uvec4 mixed = uvec4(0);
    for (uint i = 0; i < push.wordsPerInvocation; ++i) {
        mixed ^= words[i * push.invocations + id];
    }
    results[id] = mixed.x ^ mixed.y ^ mixed.z ^ mixed.w;
}
