// Reads a buffer once, as fast as the device can: the upper bound for reading weights. The exclusive
// or of everything is written so that no read can be left out.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "interface.h"

layout(local_size_x = ALCOVE_PROBE_INVOCATIONS) in;
// 1: an invocation reads a run of its own, which is fastest where loads are made lane by lane (software drivers).
// 0: neighbouring invocations read neighbouring words, which is fastest on graphics processors.
layout(constant_id = 0) const uint kOwnRun = 0;

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
    const uint group = gl_WorkGroupID.x * push.wordsPerInvocation * ALCOVE_PROBE_INVOCATIONS;
    const uint start = group + gl_LocalInvocationIndex * (kOwnRun == 1 ? push.wordsPerInvocation : 1);
    const uint step = kOwnRun == 1 ? 1 : ALCOVE_PROBE_INVOCATIONS;
    uvec4 mixed = uvec4(0);
    for (uint i = 0; i < push.wordsPerInvocation; i += ALCOVE_PROBE_UNROLLED) {
        [[unroll]] for (uint j = 0; j < ALCOVE_PROBE_UNROLLED; ++j) {
            mixed ^= words[start + (i + j) * step];
        }
    }
    results[gl_GlobalInvocationID.x] = mixed.x ^ mixed.y ^ mixed.z ^ mixed.w;
}
