// The sums of a work group, in registers: each invocation has the rows of its lane and kShare tokens.

float sums[kTiles * 4 * kShare];

void clearSums() {
    [[unroll]] for (uint i = 0; i < kTiles * 4 * kShare; ++i) {
        sums[i] = 0.0;
    }
}

// sums += the products of the block that lies in shared memory.
void addProducts() {
    [[unroll]] for (uint part = 0; part < 4; ++part) {
        uvec4 tokens[kShare];
        [[unroll]] for (uint i = 0; i < kShare; ++i) {
            tokens[i] = inputHalves[(split + i * kSplit) * kRowWords + part];
        }
        [[unroll]] for (uint r = 0; r < kTiles * 4; ++r) {
            const uvec4 row = weightHalves[(r * ALCOVE_LANES + lane) * kRowWords + part];
            [[unroll]] for (uint i = 0; i < kShare; ++i) {
                [[unroll]] for (uint pair = 0; pair < 4; ++pair) {
                    const vec2 w = unpackHalf2x16(row[pair]);
                    const vec2 a = unpackHalf2x16(tokens[i][pair]);
                    sums[r * kShare + i] += w.x * a.x;
                    sums[r * kShare + i] += w.y * a.y;
                }
            }
        }
    }
}

void leaveSums() {
}

// Rows 4 · lane to 4 · lane + 3 of tile t, for the invocation's i-th token.
vec4 sumsOf(uint t, uint i) {
    return vec4(sums[(4 * t) * kShare + i], sums[(4 * t + 1) * kShare + i], sums[(4 * t + 2) * kShare + i],
                sums[(4 * t + 3) * kShare + i]);
}
