// Adds the words of a uniform texel buffer to a counter in a state that the shader may write, and tells the width of
// its subgroups.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require

#include "interface.h"

layout(local_size_x = 128) in;

layout(set = 0, binding = 0) uniform utextureBuffer words;
layout(set = 0, binding = 1) buffer Result {
    uint result[];
};
layout(set = 0, binding = 2) buffer Counter {
    uint counter;
};
layout(push_constant) uniform Push {
    uint count;
};

void main() {
    if (gl_LocalInvocationIndex != 0) {
        return;
    }
    uint sum = counter;
    for (uint i = 0; i < count; ++i) {
        const uvec4 word = texelFetch(words, int(i));
        sum += word.x + word.y + word.z + word.w;
    }
    counter = sum;
    result[0] = sum;
    result[1] = gl_SubgroupSize;
}
