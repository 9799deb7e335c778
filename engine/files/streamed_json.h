// Reads JSON that is larger than memory, item by item: what is held is one item, within limits.
//
// An item is an element of an outermost array, an element of an array that an outermost object has under one chosen
// key, or an outermost object (without that array). Several outermost values may follow one another, as in JSON Lines;
// there a line that is damaged is passed over, where otherwise reading ends at the first damage. What comes before it
// has been handed over by then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "engine/base/sentence.h"
#include "engine/files/bounded_json.h"

namespace alcove::engine {

// Where bytes come from. Throws what it likes, which is thrown on.
class ByteSource {
public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;
    // Up to `most` bytes, > 0; 0: there are no more.
    virtual std::size_t read(char* to, std::size_t most) = 0;
};

struct ItemLimits {
    std::size_t bytes;   // of the texts and keys that an item keeps
    std::size_t values;  // that an item keeps, keys too
    std::size_t depth;   // of nested arrays and objects
    std::size_t text;    // a longer text is cut there
};

struct ItemPlace {
    std::uint64_t byte = 0;   // from the beginning, about
    std::uint64_t line = 1;   // from 1
    std::uint64_t index = 0;  // how many items came before it
};

struct JsonItem {
    JsonDocument value;
    ItemPlace place;
    bool outermost = false;  // an object that stands for itself, or what is left of the one with the array
    bool cut = false;        // a text in it was longer than the limit, and lost its end
};

struct ItemReader {
    std::function<void(JsonItem item)> found;
    // An item larger than the limits (`damaged` false), or what is no JSON. `clause` is without a full stop.
    std::function<void(const ItemPlace& place, const Sentence& clause, bool damaged)> passedOver;
};

// Calls `reader` in the order of the text; what its functions throw is thrown on. Escapes that name half a character
// become U+FFFD. Values under a key of `ignored` are read and not kept. A text cut within ends with whole characters.
void readItems(ByteSource& source, const ItemLimits& limits, std::string_view listKey,
               const std::vector<std::string_view>& ignored, const ItemReader& reader);

}  // namespace alcove::engine
