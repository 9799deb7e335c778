// Weights of any storage type, read as blocks of eight floats. Expects one of WEIGHTS_F32, WEIGHTS_F16,
// WEIGHTS_BF16. Needs no 16-bit feature: pairs are taken apart from 32-bit words.

layout(set = 0, binding = 0, std430) readonly buffer Weights {
    uvec4 weightWords[];
};

struct Block {
    vec4 low;
    vec4 high;
};

Block weightBlock(uint index) {
#if defined(WEIGHTS_F32)
    return Block(uintBitsToFloat(weightWords[2 * index]), uintBitsToFloat(weightWords[2 * index + 1]));
#elif defined(WEIGHTS_F16)
    const uvec4 words = weightWords[index];
    return Block(vec4(unpackHalf2x16(words.x), unpackHalf2x16(words.y)),
                 vec4(unpackHalf2x16(words.z), unpackHalf2x16(words.w)));
#elif defined(WEIGHTS_BF16)
    const uvec4 words = weightWords[index];
    const uvec4 even = words << 16;
    const uvec4 odd = words & 0xffff0000u;
    return Block(uintBitsToFloat(uvec4(even.x, odd.x, even.y, odd.y)),
                 uintBitsToFloat(uvec4(even.z, odd.z, even.w, odd.w)));
#endif
}
