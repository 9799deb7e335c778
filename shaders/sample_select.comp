// Last of three steps from logits to a token: draws from the list that the second step made, writes the token to the
// ring, and takes the state one token further. One work group per row.
//
// A draw needs the listed tokens in order, the likeliest first: the token is the one at which the sum of weights
// passes the target. Instead of sorting, the order's digits are found one after the other: the tokens are counted and
// weighed in a bin for each value of the next digit, and the bin is kept in which the target lies. Top-k and top-p
// only need the sum of weights up to where they cut, found likewise. Sums are of integers: the order in which the
// atomic operations happen does not show.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common/sampling.glsl"
#include "interface.h"

#define BINS 256
#define BINS_PER_LANE (BINS / ALCOVE_SAMPLE_INVOCATIONS)
#define DIGITS 11   // 8 of the key, 3 of the token
#define CACHED 800  // entries of the list that fit into shared memory

layout(local_size_x = ALCOVE_SAMPLE_INVOCATIONS) in;
layout(set = 0, binding = 0, std430) readonly buffer Logits {
    uint logits[];  // [tokens, vocab], the bits of floats
};
layout(set = 0, binding = 1, std430) readonly buffer Memory {
    uint memory[];  // [tokens, rowWords]
};
layout(set = 0, binding = 2, std430) buffer DecodeStates {
    DecodeState state;
};
layout(set = 0, binding = 3, std430) writeonly buffer Ring {
    uint ring[];
};
layout(push_constant) uniform Push {
    SamplePush push;
};

struct Prefix {     // of the tokens in order
    uint count;     // how many they are
    uvec2 weights;  // their sum
    uint token;     // the last of them
};

shared uint cachedEntries[3 * CACHED];  // as sortKey, without the gaps that a uvec3 leaves
shared uint binCounts[BINS];
shared uint binHighs[BINS];
shared uint binLows[BINS];
shared uint binTokens[BINS];  // one that is in the bin
shared uvec3 laneSums[ALCOVE_SAMPLE_INVOCATIONS];
shared uint chosenBin;
shared uvec3 chosenBefore;  // count and weights of the bins before

uint lane;
uint row;
uint listLength;
vec2 highest;

// What the list is in ascending order of: the likeliest first, of equals the lowest id.
uvec3 sortKey(uint entry) {
    const uint token = entry & ~PENALISED;
    const uvec2 key =
        orderKey(logits[row * push.pitch + token], (entry & PENALISED) != 0, floatBitsToUint(state.penalty));
    return uvec3(~key, token << 8);
}

uvec3 entryAt(uint index) {
    if (listLength <= CACHED) {
        return uvec3(cachedEntries[3 * index], cachedEntries[3 * index + 1], cachedEntries[3 * index + 2]);
    }
    return sortKey(memory[row * push.rowWords + listAt(push.slices) + index]);
}

uvec2 entryWeight(uvec3 entry) {
    return weightOf(~entry.xy, highest, state.perNat);
}

uvec3 addCounts(uvec3 a, uvec3 b) {
    return uvec3(a.x + b.x, add64(a.yz, b.yz));
}

// Of all lanes; every one gets the sum.
uvec3 sumOfLanes(uvec3 mine) {
    laneSums[lane] = mine;
    barrier();
    for (uint stride = ALCOVE_SAMPLE_INVOCATIONS / 2; stride > 0; stride /= 2) {
        if (lane < stride) {
            laneSums[lane] = addCounts(laneSums[lane], laneSums[lane + stride]);
        }
        barrier();
    }
    const uvec3 result = laneSums[0];
    barrier();
    return result;
}

void fillBins(uvec3 digits, uint digit) {
    for (uint i = lane; i < BINS; i += ALCOVE_SAMPLE_INVOCATIONS) {
        binCounts[i] = 0;
        binHighs[i] = 0;
        binLows[i] = 0;
    }
    barrier();
    const uint word = digit / 4;
    const uint shift = 24 - 8 * (digit % 4);
    const uint known = shift == 24 ? 0 : 0xffffffffu << (shift + 8);
    for (uint i = lane; i < listLength; i += ALCOVE_SAMPLE_INVOCATIONS) {
        const uvec3 entry = entryAt(i);
        const bool inside = (word < 1 || entry.x == digits.x) && (word < 2 || entry.y == digits.y) &&
                            ((entry[word] ^ digits[word]) & known) == 0;
        if (inside) {
            const uint bin = (entry[word] >> shift) & 255u;
            const uvec2 weight = entryWeight(entry);
            atomicAdd(binCounts[bin], 1);
            const uint low = atomicAdd(binLows[bin], weight.y);
            atomicAdd(binHighs[bin], weight.x + (low + weight.y < low ? 1u : 0u));
            atomicExchange(binTokens[bin], entry.z >> 8);
        }
    }
    barrier();
}

uvec3 binAt(uint bin) {
    return uvec3(binCounts[bin], binHighs[bin], binLows[bin]);
}

// Does a prefix go beyond the target?
bool passes(uvec3 prefix, uvec2 target, bool byCount) {
    return less64(target, byCount ? uvec2(0, prefix.x) : prefix.yz);
}

// The shortest prefix whose weights (or whose count) exceed `target`; there must be one.
Prefix prefixBeyond(uvec2 target, bool byCount) {
    uvec3 digits = uvec3(0);
    uvec3 before = uvec3(0);
    uint bin = 0;
    for (uint digit = 0; digit < DIGITS; ++digit) {
        fillBins(digits, digit);
        uvec3 mine = uvec3(0);
        for (uint i = 0; i < BINS_PER_LANE; ++i) {
            mine = addCounts(mine, binAt(lane * BINS_PER_LANE + i));
        }
        laneSums[lane] = mine;
        barrier();
        for (uint stride = 1; stride < ALCOVE_SAMPLE_INVOCATIONS; stride *= 2) {
            const uvec3 other = lane >= stride ? laneSums[lane - stride] : uvec3(0);
            barrier();
            laneSums[lane] = addCounts(laneSums[lane], other);
            barrier();
        }
        uvec3 reached = addCounts(before, lane == 0 ? uvec3(0) : laneSums[lane - 1]);
        if (!passes(reached, target, byCount) && passes(addCounts(before, laneSums[lane]), target, byCount)) {
            uint candidate = lane * BINS_PER_LANE;
            while (!passes(addCounts(reached, binAt(candidate)), target, byCount)) {
                reached = addCounts(reached, binAt(candidate++));
            }
            chosenBin = candidate;
            chosenBefore = reached;
        }
        barrier();
        bin = chosenBin;
        before = chosenBefore;
        if (binCounts[bin] == 1) {
            break;
        }
        digits[digit / 4] |= bin << (24 - 8 * (digit % 4));
    }
    const uvec3 through = addCounts(before, binAt(bin));
    const Prefix result = Prefix(through.x, through.yz, binTokens[bin]);
    barrier();  // before the bins are filled anew
    return result;
}

// Philox4x32-10 (Salmon et al., SC 2011), as engine/sampling/philox.h: 53 random bits from the top, in units of 2^-64.
uvec2 randomBits(uint step) {
    uvec4 counter = uvec4(step, 0, 0, 0);
    uvec2 key = uvec2(state.seedLow, state.seedHigh);
    for (int i = 0; i < 10; ++i) {
        uint aHigh, aLow, bHigh, bLow;
        umulExtended(0xD2511F53u, counter.x, aHigh, aLow);
        umulExtended(0xCD9E8D57u, counter.z, bHigh, bLow);
        counter = uvec4(bHigh ^ counter.y ^ key.x, bLow, aHigh ^ counter.w ^ key.y, aLow);
        key += uvec2(0x9E3779B9u, 0xBB67AE85u);
    }
    return uvec2(counter.y, counter.x & ~2047u);
}

uint drawn() {
    listLength = memory[row * push.rowWords];
    if (listLength <= CACHED) {
        for (uint i = lane; i < listLength; i += ALCOVE_SAMPLE_INVOCATIONS) {
            const uvec3 entry = sortKey(memory[row * push.rowWords + listAt(push.slices) + i]);
            cachedEntries[3 * i] = entry.x;
            cachedEntries[3 * i + 1] = entry.y;
            cachedEntries[3 * i + 2] = entry.z;
        }
        barrier();
    }
    // The weights of all that are listed, and of those among them that min-p allows.
    const uvec2 least = fixed40(state.minP);
    uvec2 mine = uvec2(0);
    uvec2 mineLikely = uvec2(0);
    for (uint i = lane; i < listLength; i += ALCOVE_SAMPLE_INVOCATIONS) {
        const uvec2 weight = entryWeight(entryAt(i));
        mine = add64(mine, weight);
        mineLikely = less64(weight, least) ? mineLikely : add64(mineLikely, weight);
    }
    uvec2 total = sumOfLanes(uvec3(0, mine)).yz;
    uvec2 kept = sumOfLanes(uvec3(0, mineLikely)).yz;
    if (state.topK == 0 || state.topK >= state.vocab) {
        // Also of those that are not listed.
        uvec2 sum = uvec2(0);
        for (uint slice = lane; slice < push.slices; slice += ALCOVE_SAMPLE_INVOCATIONS) {
            const uint at = row * push.rowWords + partAt(slice);
            sum = add64(sum, uvec2(memory[at + 4], memory[at + 5]));
        }
        total = sumOfLanes(uvec3(0, sum)).yz;
    } else if (listLength > state.topK) {
        total = prefixBeyond(uvec2(0, state.topK - 1), true).weights;
    }
    kept = min64(kept, total);
    if (state.topP < 1.0) {
        precise const float scaled = state.topP * 4294967296.0;
        const uint high = uint(scaled);
        precise const float rest = (scaled - float(high)) * 4294967296.0;
        bool exact;
        uvec2 target = multiplyHigh64(total, uvec2(high, uint(rest)), exact);
        // The weights must reach the product: exceed the last integer below it.
        if (exact && target != uvec2(0)) {
            target = uvec2(target.x - (target.y == 0 ? 1u : 0u), target.y - 1);
        }
        if (less64(target, kept)) {
            kept = min64(kept, prefixBeyond(target, false).weights);
        }
    }
    bool exact;
    return prefixBeyond(multiplyHigh64(kept, randomBits(state.step + row), exact), false).token;
}

void main() {
    lane = gl_LocalInvocationIndex;
    row = gl_WorkGroupID.x;
    if (row >= state.stepTokens) {
        return;
    }
    // The likeliest of all. laneSums holds keys and tokens.
    uvec3 mine = uvec3(NO_KEY, 0xffffffffu);
    uint bad = 0;
    for (uint slice = lane; slice < push.slices; slice += ALCOVE_SAMPLE_INVOCATIONS) {
        const uint at = row * push.rowWords + partAt(slice);
        const uvec3 part = uvec3(memory[at], memory[at + 1], memory[at + 2]);
        bad |= memory[at + 3];
        // Slices come in order, so that of equals the first stays.
        mine = less64(mine.xy, part.xy) ? part : mine;
    }
    laneSums[lane] = mine;
    binTokens[lane] = bad;
    barrier();
    for (uint stride = ALCOVE_SAMPLE_INVOCATIONS / 2; stride > 0; stride /= 2) {
        if (lane < stride) {
            const uvec3 other = laneSums[lane + stride];
            if (less64(laneSums[lane].xy, other.xy) || (laneSums[lane].xy == other.xy && other.z < laneSums[lane].z)) {
                laneSums[lane] = other;
            }
            binTokens[lane] |= binTokens[lane + stride];
        }
        barrier();
    }
    const uvec3 best = laneSums[0];
    const bool anyBad = binTokens[0] != 0 || best.xy == NO_KEY;
    barrier();

    uint token = ALCOVE_NO_TOKEN;
    if (!anyBad) {
        highest = logitOf(best.xy);
        token = state.temperature == 0.0 ? best.z : drawn();
    }
    barrier();
    if (lane == 0) {
        ring[(state.step + row) % push.ringWords] = token;
        if (push.advance != 0) {
            state.tokens[0] = token == ALCOVE_NO_TOKEN ? 0 : token;
            state.position += 1;
            state.step += 1;
            state.historyLength += 1;
        }
    }
}
