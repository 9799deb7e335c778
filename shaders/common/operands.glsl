// Where a projection's operands lie (interface.h). Expects weights, inputs, kTokens and one of WEIGHTS_….

#if defined(WEIGHTS_Q8_0) || defined(WEIGHTS_Q4_0)
#define QUANTISED
#endif
#if defined(WEIGHTS_F32)
#define BLOCK_WORDS 8
#elif defined(WEIGHTS_Q8_0)
#define BLOCK_WORDS 2
#elif defined(WEIGHTS_Q4_0)
#define BLOCK_WORDS 1
#else
#define BLOCK_WORDS 4
#endif

// Where word `word` of the row in place `place` of tile `tile` of this buffer is. Row 4 · lane + r is in place
// r · ALCOVE_LANES + lane.
uint wordAt(uint tile, uint word, uint place) {
    return tile * push.tileWords + word * ALCOVE_TILE_ROWS + place;
}

// Tokens beyond the last read that again; their sums are never stored.
uint inputStart(uint index) {
    return (push.firstToken + min(gl_WorkGroupID.x * kTokens + index, push.tokens - 1)) * push.inputPitch;
}

#if defined(QUANTISED)
float half16(uvec4 words, uint index) {
    const vec2 pair = unpackHalf2x16(words[index / 2]);
    return index % 2 == 0 ? pair.x : pair.y;
}
#endif
