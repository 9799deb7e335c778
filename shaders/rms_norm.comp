// y = x / sqrt(mean(x²) + ε) · γ, one work group per token (Zhang and Sennrich, arXiv 1910.07467).
#version 450
#extension GL_GOOGLE_include_directive : require
#include "interface.h"

layout(local_size_x = ALCOVE_NORM_INVOCATIONS) in;
layout(set = 0, binding = 0, std430) readonly buffer Input {
    float x[];  // [n, h]
};
layout(set = 0, binding = 1, std430) readonly buffer NormWeights {
    float gamma[];  // [norms, h]
};
layout(set = 0, binding = 2, std430) writeonly buffer Output {
    float y[];  // [n, h]
};
layout(push_constant) uniform Push {
    RmsNormPush push;
};

shared float partialSums[ALCOVE_NORM_INVOCATIONS];

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const uint from = (push.firstToken + gl_WorkGroupID.x) * push.pitch;
    const uint to = gl_WorkGroupID.x * push.pitch;

    float sum = 0.0;
    for (uint i = lane; i < push.size; i += ALCOVE_NORM_INVOCATIONS) {
        sum += x[from + i] * x[from + i];
    }
    partialSums[lane] = sum;
    barrier();
    for (uint stride = ALCOVE_NORM_INVOCATIONS / 2; stride > 0; stride /= 2) {
        if (lane < stride) {
            partialSums[lane] += partialSums[lane + stride];
        }
        barrier();
    }
    const float scale = inversesqrt(partialSums[0] / float(push.size) + push.epsilon);
    for (uint i = lane; i < push.size; i += ALCOVE_NORM_INVOCATIONS) {
        y[to + i] = x[from + i] * scale * gamma[push.weightStart + i];
    }
}
