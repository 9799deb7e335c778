// The values in a word of the cache: eight halves or sixteen bytes, as kCacheFours times four floats.
const uint kCacheFours = kByteCache == 1 ? 4 : 2;
const uint kBlockWords = kByteCache == 1 ? 2 : 4;  // of 32 values

// Values 4 · part to 4 · part + 3; bytes are still to be multiplied by their block's scale.
vec4 cacheFour(uvec4 word, uint part) {
    if (kByteCache == 1) {
        const int four = int(word[part]);
        return vec4(ivec4(four << 24, four << 16, four << 8, four) >> 24);
    }
    return vec4(unpackHalf2x16(word[2 * part]), unpackHalf2x16(word[2 * part + 1]));
}
