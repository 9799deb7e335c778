// Activations of eight bits: a block of 32 values becomes signed bytes with one scale.

// The four values of this lane of a block; `magnitude` is the largest absolute value of the whole block.
ivec4 toBytes(vec4 values, float magnitude) {
    const float inverse = magnitude > 0.0 ? 127.0 / magnitude : 0.0;
    return ivec4(roundEven(values * inverse));
}

uint packedBytes(ivec4 bytes) {
    const uvec4 low = uvec4(bytes) & 0xffu;
    return low.x | low.y << 8 | low.z << 16 | low.w << 24;
}

// Where, in units of 4 bytes, the lane's four bytes of a block are (bytesAt), and the block's pair (scale, scale · sum)
// (scaleAt), in the row that starts at word `rowStart`. The layout is that of interface.h.
uint bytesAt(uint rowStart, uint block, uint lane) {
    const uint group = rowStart + block / ALCOVE_GROUP_BLOCKS * ALCOVE_GROUP_ACTIVATION_WORDS;
    return group * 4 + block % ALCOVE_GROUP_BLOCKS * 8 + lane;
}

uint scaleAt(uint rowStart, uint block) {
    const uint group = rowStart + block / ALCOVE_GROUP_BLOCKS * ALCOVE_GROUP_ACTIVATION_WORDS;
    return group * 4 + 64 + block % ALCOVE_GROUP_BLOCKS * 2;
}

// Stores the lane's four values of a block as bytes with the block's scale. A macro, because a buffer cannot be
// handed to a function; every lane must take part, and those for which `stores` is false store nothing.
#define STORE_BYTES(buffer, rowStart, block, lane, stores, values)                                         \
    {                                                                                                      \
        const vec4 sizes = abs(values);                                                                    \
        const float magnitude = laneMax(max(max(sizes.x, sizes.y), max(sizes.z, sizes.w)));                \
        const ivec4 bytes = toBytes(values, magnitude);                                                    \
        const int sum = laneSum(bytes.x + bytes.y + bytes.z + bytes.w);                                    \
        if (stores) {                                                                                      \
            buffer[bytesAt(rowStart, block, lane)] = packedBytes(bytes);                                   \
            if (lane < 2) {                                                                                \
                const float scale = magnitude / 127.0;                                                     \
                buffer[scaleAt(rowStart, block) + lane] = floatBitsToUint(lane == 0 ? scale : scale * float(sum)); \
            }                                                                                              \
        }                                                                                                  \
    }
