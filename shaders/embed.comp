// X[token] = E[id of token]: one invocation copies one block of eight elements, widened to f32.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "interface.h"
#include "common/weights.glsl"

layout(local_size_x = ALCOVE_ELEMENTWISE_INVOCATIONS) in;
ALCOVE_STATE_BLOCK
layout(set = 0, binding = 1, std430) writeonly buffer Output {
    vec4 x[];  // [n, h]
};
layout(push_constant) uniform Push {
    EmbedPush push;
};

void main() {
    const uint block = gl_GlobalInvocationID.x;
    const uint token = gl_WorkGroupID.y;
    const uint row = state.tokens[token / 4][token % 4] - push.firstRow;
    // A token that another part of the matrix holds wraps to a large number and is left to that part.
    if (block >= push.blocks || row >= push.rows) {
        return;
    }
    const Block values = weightBlock(row * push.blocks + block);
    x[2 * (token * push.blocks + block)] = values.low;
    x[2 * (token * push.blocks + block) + 1] = values.high;
}
