// Floats to eight-bit activations, where the producer could not do it: one work group makes one block.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "interface.h"

layout(local_size_x = ALCOVE_LANES) in;

#include "common/lanes.glsl"
#include "common/words.glsl"
#include "common/bytes.glsl"

layout(push_constant) uniform Push {
    QuantizePush push;
};
INPUT_WORDS(0, inputs);  // [n, blocks · 32] floats
layout(set = 0, binding = 1, std430) writeonly buffer Output {
    uint outputs[];
};

void main() {
    const uint lane = gl_LocalInvocationIndex;
    const uint block = gl_WorkGroupID.x;
    const uint token = gl_WorkGroupID.y;
    const vec4 four = uintBitsToFloat(WORD(inputs, token * push.inputPitch + block * ALCOVE_LANES + lane));
    STORE_BYTES(outputs, token * push.outputPitch, block, lane, true, four);
}
