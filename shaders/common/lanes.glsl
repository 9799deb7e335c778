// Sums and maxima over the ALCOVE_LANES lanes of a tile, and values of one lane for all of them.
//
// LEAN needs subgroups of exactly ALCOVE_LANES or a multiple, and shuffles. Otherwise it goes through shared memory:
// then every invocation of the work group must call these together.
#ifdef LEAN
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_shuffle : require

float laneSum(float value) {
    value += subgroupShuffleXor(value, 1);
    value += subgroupShuffleXor(value, 2);
    return value + subgroupShuffleXor(value, 4);
}

int laneSum(int value) {
    value += subgroupShuffleXor(value, 1);
    value += subgroupShuffleXor(value, 2);
    return value + subgroupShuffleXor(value, 4);
}

float laneMax(float value) {
    value = max(value, subgroupShuffleXor(value, 1));
    value = max(value, subgroupShuffleXor(value, 2));
    return max(value, subgroupShuffleXor(value, 4));
}
#else
shared float laneScratch[gl_WorkGroupSize.x];

float laneSum(float value) {
    laneScratch[gl_LocalInvocationIndex] = value;
    barrier();
    const uint first = gl_LocalInvocationIndex / ALCOVE_LANES * ALCOVE_LANES;
    // In the order of the shuffles, so that both give the same bits.
    const float sum = ((laneScratch[first] + laneScratch[first + 1]) + (laneScratch[first + 2] + laneScratch[first + 3])) +
                      ((laneScratch[first + 4] + laneScratch[first + 5]) + (laneScratch[first + 6] + laneScratch[first + 7]));
    barrier();
    return sum;
}

int laneSum(int value) {
    // Sums of 32 bytes are far below 2^24: exact as floats.
    return int(laneSum(float(value)));
}

float laneMax(float value) {
    laneScratch[gl_LocalInvocationIndex] = value;
    barrier();
    const uint first = gl_LocalInvocationIndex / ALCOVE_LANES * ALCOVE_LANES;
    float highest = laneScratch[first];
    for (uint i = 1; i < ALCOVE_LANES; ++i) {
        highest = max(highest, laneScratch[first + i]);
    }
    barrier();
    return highest;
}
#endif
