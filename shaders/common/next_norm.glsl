// What the producers of the residual stream write for the next norm: z = γ ⊙ x and the block's sum of
// squares. Expects z, nextSquares and kByteOutput.

// `four` are the lane's elements 4·lane to 4·lane + 3 of the block.
void storeForNorm(uint block, uint token, bool stores, vec4 four, vec4 gamma, uint pitch, uint squaresPitch) {
    const float squared = laneSum(dot(four, four));
    const vec4 next = gamma * four;
    if (stores && lane == 0) {
        nextSquares[token * squaresPitch + block] = squared;
    }
    if (kByteOutput == 1) {
        STORE_BYTES(z, token * pitch, block, lane, stores, next);
    } else if (stores) {
        const uint at = token * pitch + block * ALCOVE_BLOCK + 4 * lane;
        for (uint r = 0; r < 4; ++r) {
            z[at + r] = floatBitsToUint(next[r]);
        }
    }
}
