// Where keys and values lie (KvCache in engine/vulkan/network/kv_cache.h). Expects contextTiles, headBlocks and kvHeads in
// `push`, and kByteCache: 1, bytes with a scale for each block, 0, halves.
//
// A position of a head is headBlocks blocks of 32 values, each of 4 words as halves or 2 as bytes.
//
//   keys    [kvHeads][contextTiles][words of a position][32 positions]: each lane scores a position of its own, and
//           neighbouring lanes read neighbouring words
//   values  [kvHeads][positions][words of a position]: each lane adds up a word of its own over all positions
//   scales  behind either, where they are bytes: floats [kvHeads][headBlocks][positions]

uint cacheWords() {
    return push.headBlocks * (kByteCache == 1 ? 2 : 4);
}

uint keyWordAt(uint head, uint word, uint position) {
    const uint tile = head * push.contextTiles + position / ALCOVE_KEY_TILE;
    return (tile * cacheWords() + word) * ALCOVE_KEY_TILE + position % ALCOVE_KEY_TILE;
}

uint valueWordAt(uint head, uint word, uint position) {
    return (head * push.contextTiles * ALCOVE_KEY_TILE + position) * cacheWords() + word;
}

// In units of 4 bytes.
uint cacheScaleAt(uint head, uint block, uint position) {
    const uint words = push.kvHeads * push.contextTiles * ALCOVE_KEY_TILE * cacheWords();
    return words * 4 + (head * push.headBlocks + block) * push.contextTiles * ALCOVE_KEY_TILE + position;
}
