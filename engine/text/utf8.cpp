#include "engine/text/utf8.h"

#include <algorithm>
#include <cassert>

namespace alcove::engine {

namespace {

// What may follow a lead byte: how many bytes, and the range of the first of them. The rest are 80..BF.
struct Lead {
    std::size_t length;
    unsigned char first;
    unsigned char last;
};

Lead leadOf(unsigned char byte) {
    if (byte < 0x80) {
        return {1, 0, 0};
    }
    if (byte >= 0xC2 && byte <= 0xDF) {
        return {2, 0x80, 0xBF};
    }
    if (byte >= 0xE0 && byte <= 0xEF) {
        const unsigned char first = byte == 0xE0 ? 0xA0 : 0x80;  // E0 80..9F would be overlong
        const unsigned char last = byte == 0xED ? 0x9F : 0xBF;   // ED A0..BF would be surrogates
        return {3, first, last};
    }
    if (byte >= 0xF0 && byte <= 0xF4) {
        const unsigned char first = byte == 0xF0 ? 0x90 : 0x80;  // F0 80..8F would be overlong
        const unsigned char last = byte == 0xF4 ? 0x8F : 0xBF;   // F4 90.. would pass U+10FFFF
        return {4, first, last};
    }
    return {0, 0, 0};
}

}  // namespace

Utf8Step scanUtf8(std::string_view bytes) {
    assert(!bytes.empty());
    const Lead lead = leadOf(static_cast<unsigned char>(bytes[0]));
    if (lead.length == 0) {
        return {Utf8Scan::Damaged, 1};
    }
    for (std::size_t i = 1; i < lead.length; ++i) {
        if (i == bytes.size()) {
            return {Utf8Scan::CutOff, i};
        }
        const auto byte = static_cast<unsigned char>(bytes[i]);
        const unsigned char first = i == 1 ? lead.first : 0x80;
        const unsigned char last = i == 1 ? lead.last : 0xBF;
        if (byte < first || byte > last) {
            return {Utf8Scan::Damaged, i};
        }
    }
    return {Utf8Scan::Whole, lead.length};
}

bool isValidUtf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const Utf8Step step = scanUtf8(bytes);
        if (step.kind != Utf8Scan::Whole) {
            return false;
        }
        bytes.remove_prefix(step.length);
    }
    return true;
}

std::string repairUtf8(std::string_view bytes) {
    std::string result;
    result.reserve(bytes.size());
    while (!bytes.empty()) {
        const Utf8Step step = scanUtf8(bytes);
        result += step.kind == Utf8Scan::Whole ? bytes.substr(0, step.length) : kReplacementCharacter;
        bytes.remove_prefix(step.length);
    }
    return result;
}

}  // namespace alcove::engine
