// Arithmetic of the sampling kernels. All of it is in integers, or in additions and products of floats that every
// device rounds alike, so that equal logits give equal tokens everywhere.
//
// Numbers of 64 bits are uvec2: x the high, y the low word. A weight is exp((logit - highest) / temperature) in units
// of 2^-40; sums of up to 2^23 of them fit. Tokens of less than one unit are never drawn.

#include "interface.h"

uvec2 add64(uvec2 a, uvec2 b) {
    uint carry;
    const uint low = uaddCarry(a.y, b.y, carry);
    return uvec2(a.x + b.x + carry, low);
}

bool less64(uvec2 a, uvec2 b) {
    return a.x < b.x || (a.x == b.x && a.y < b.y);
}

uvec2 min64(uvec2 a, uvec2 b) {
    return less64(b, a) ? b : a;
}

// a * b / 2^64 rounded down; `exact` says whether nothing was lost.
uvec2 multiplyHigh64(uvec2 a, uvec2 b, out bool exact) {
    uint lowHigh, lowLow, crossHigh, crossLow, otherHigh, otherLow, highHigh, highLow;
    umulExtended(a.y, b.y, lowHigh, lowLow);
    umulExtended(a.x, b.y, crossHigh, crossLow);
    umulExtended(a.y, b.x, otherHigh, otherLow);
    umulExtended(a.x, b.x, highHigh, highLow);
    uint carryOne, carryTwo;
    uint middle = uaddCarry(lowHigh, crossLow, carryOne);
    middle = uaddCarry(middle, otherLow, carryTwo);
    exact = middle == 0 && lowLow == 0;
    uvec2 result = add64(uvec2(highHigh, highLow), uvec2(0, crossHigh));
    result = add64(result, uvec2(0, otherHigh));
    return add64(result, uvec2(0, carryOne + carryTwo));
}

// A float from 0 to 1 in units of 2^-40, rounded down.
uvec2 fixed40(float value) {
    precise const float scaled = value * 256.0;
    const uint whole = uint(scaled);
    precise const float rest = (scaled - float(whole)) * 4294967296.0;
    return uvec2(whole, uint(rest));
}

// ---- Order of the logits ----
//
// A logit after the repetition penalty, as a number that is greater the greater the logit is, exactly: quotients and
// products have more bits than a float. Sign, 9 bits of exponent, 54 of fraction; negative ones inverted. Zero means
// a logit of -inf.

#define NO_KEY uvec2(0)
#define EXPONENT_BIAS 128

bool isBad(uint bits) {  // NaN or +inf
    return (bits & 0x7fffffffu) > 0x7f800000u || bits == 0x7f800000u;
}

// 24 bits of significand, of which the first is set, and the exponent that a float with it has; neither for zero.
uint significand(uint bits, out int exponent) {
    const uint fraction = bits & 0x7fffffu;
    exponent = int((bits >> 23) & 255u);
    if (exponent != 0) {
        return fraction | 0x800000u;
    }
    const int shift = 23 - findMSB(fraction);
    exponent = 1 - shift;
    return fraction << shift;
}

// The next `count` bits of remainder / divisor, both below 2^25.
uint quotientBits(inout uint remainder, uint divisor, int count) {
    uint result = 0;
    for (int i = 0; i < count; ++i) {
        remainder <<= 1;
        result <<= 1;
        if (remainder >= divisor) {
            remainder -= divisor;
            result |= 1u;
        }
    }
    return result;
}

uvec2 orderKey(uint bits, bool penalised, uint penaltyBits) {
    if (bits == 0xff800000u) {
        return NO_KEY;
    }
    if ((bits & 0x7fffffffu) == 0) {
        return uvec2(0x80000000u, 0);
    }
    const bool negative = (bits >> 31) != 0;
    int exponent;
    uint first = significand(bits, exponent);  // then the first 24 bits of the result
    uint rest = 0;                             // its next 31
    if (penalised) {
        int penaltyExponent;
        const uint penalty = significand(penaltyBits, penaltyExponent);
        if (negative) {
            uint high, low;
            umulExtended(first << 8, penalty << 8, high, low);
            exponent += penaltyExponent - 126;
            if ((high >> 31) == 0) {
                high = (high << 1) | (low >> 31);
                low <<= 1;
                --exponent;
            }
            first = high >> 8;
            rest = ((high & 255u) << 23) | (low >> 9);
        } else {
            exponent -= penaltyExponent - 127;
            if (first < penalty) {
                first <<= 1;
                --exponent;
            }
            uint remainder = first - penalty;
            first = 0x800000u | quotientBits(remainder, penalty, 23);
            rest = quotientBits(remainder, penalty, 31);
        }
    }
    const uint fraction = first & 0x7fffffu;
    const uvec2 magnitude = uvec2((uint(exponent + EXPONENT_BIAS) << 22) | (fraction >> 1), (fraction << 31) | rest);
    return negative ? uvec2(~magnitude.x & 0x7fffffffu, ~magnitude.y) : uvec2(magnitude.x | 0x80000000u, magnitude.y);
}

// The logit of a key as the sum of two floats. Beyond the range of floats it is their limit.
vec2 logitOf(uvec2 key) {
    const bool negative = (key.x >> 31) == 0;
    const uvec2 magnitude = negative ? uvec2(~key.x & 0x7fffffffu, ~key.y) : uvec2(key.x & 0x7fffffffu, key.y);
    const int exponent = int(magnitude.x >> 22) - EXPONENT_BIAS;
    if (exponent < 1) {
        return vec2(0.0);
    }
    if (exponent > 254) {
        return vec2(negative ? -3.0e38 : 3.0e38, 0.0);
    }
    const uint fraction = ((magnitude.x & 0x3fffffu) << 1) | (magnitude.y >> 31);
    const uint sign = negative ? 0x80000000u : 0u;
    const float high = uintBitsToFloat(sign | (uint(exponent) << 23) | fraction);
    // 31 more bits, in units of 2^(exponent - 127 - 54).
    const float rest = float(magnitude.y & 0x7fffffffu);
    if (exponent < 60) {
        return vec2(high, 0.0);
    }
    const float unit = uintBitsToFloat(sign | (uint(exponent - 54) << 23));
    return vec2(high, rest * unit);
}

// The weight of a logit that has `key`, where `highest` is that of the greatest and perNat = log2(e) / temperature.
uvec2 weightOf(uvec2 key, vec2 highest, float perNat) {
    const vec2 logit = logitOf(key);
    precise const float high = highest.x - logit.x;
    precise const float low = highest.y - logit.y;
    precise const float difference = high + low;
    if (!(difference > 0.0)) {
        return uvec2(256, 0);
    }
    precise const float octaves = difference * perNat;
    if (!(octaves < 41.0)) {
        return uvec2(0);
    }
    const uint whole = uint(octaves);
    precise const float f = octaves - float(whole);
    // 2^-f, the first terms of its series: the eleventh is below 2^-27.
    precise float power = 1.0178086e-7 * -f + 1.3215487e-6;
    power = 1.5252734e-5 + -f * power;
    power = 1.5403530e-4 + -f * power;
    power = 1.3333558e-3 + -f * power;
    power = 9.6181291e-3 + -f * power;
    power = 5.5504109e-2 + -f * power;
    power = 2.4022651e-1 + -f * power;
    power = 6.9314718e-1 + -f * power;
    power = 1.0 + -f * power;
    const uint bits = uint(power * 2147483648.0);  // at most 2^31
    const uvec2 weight = uvec2(bits >> 23, bits << 9);
    if (whole == 0) {
        return weight;
    }
    if (whole < 32) {
        return uvec2(weight.x >> whole, (weight.y >> whole) | (weight.x << (32 - whole)));
    }
    return uvec2(0, weight.x >> (whole - 32));
}

// ---- Memory of the kernels, of one row ----

// Word 0 of the head is the length of the list. The part of a slice: 0 and 1 the greatest key, 2 the lowest token that
// has it, 3 whether a logit is bad, 4 and 5 the sum of all weights, where top-k is off. An entry of the list is a token,
// and whether the repetition penalty applies to it.
#define PENALISED 0x80000000u

uint partAt(uint slice) {
    return ALCOVE_SAMPLE_HEAD_WORDS + slice * ALCOVE_SAMPLE_PART_WORDS;
}

uint listAt(uint slices) {
    return partAt(slices);
}
