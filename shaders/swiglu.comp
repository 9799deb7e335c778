// y = silu(gate) · up (Shazeer, arXiv 2002.05202), one invocation per element.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "interface.h"

layout(local_size_x = ALCOVE_ELEMENTWISE_INVOCATIONS) in;
layout(set = 0, binding = 0, std430) readonly buffer GateUp {
    float gateUp[];  // [n, 2 · f]
};
layout(set = 0, binding = 1, std430) writeonly buffer Output {
    float y[];  // [n, f]
};
layout(push_constant) uniform Push {
    SwigluPush push;
};

void main() {
    const uint i = gl_GlobalInvocationID.x;
    const uint token = gl_WorkGroupID.y;
    if (i >= push.size) {
        return;
    }
    const float gate = gateUp[token * push.inputPitch + i];
    const float up = gateUp[token * push.inputPitch + push.size + i];
    y[token * push.outputPitch + i] = gate / (1.0 + exp(-gate)) * up;
}
