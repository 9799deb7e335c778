#include "engine/files/streamed_json.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace alcove::engine {

namespace {

using nlohmann::json;

constexpr int kNoByte = -1;
constexpr std::size_t kChunk = std::size_t{64} << 10U;
constexpr std::size_t kLongestEscape = 12;  // \ud83d\ude00
constexpr std::size_t kMostBlanks = 64;     // that the parser sees one after another; it keeps them
constexpr std::size_t kLongestNumber = 4096;

bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The bytes of a source on their way to the parser, which keeps a text, a number or blanks however long they are, and
// refuses texts that end within a character.
class TamedBytes {
public:
    TamedBytes(ByteSource& source, std::size_t longestText) : m_source(source), m_longestText(longestText) {
        m_buffer.resize(kChunk);
        settle();
    }

    [[nodiscard]] int current() const { return m_current; }
    void advance() {
        step();
        settle();
    }

    [[nodiscard]] std::uint64_t byte() const { return m_byte; }
    [[nodiscard]] std::uint64_t line() const { return m_line; }
    // Whether the text that was read last lost its end; asked once for each text.
    [[nodiscard]] bool takeCut() { return std::exchange(m_cut, false); }

    // From now on a line's end is the end of the bytes, until nextLine().
    void endAtLines() { m_lines = true; }
    [[nodiscard]] bool endsAtLines() const { return m_lines; }
    [[nodiscard]] bool atLineStart() const { return m_lineStart; }
    // To the beginning of the next line, or the end; a text or a number that is open ends here.
    void nextLine() {
        forgetOpen();
        while (m_at < m_end || refill()) {
            const bool ended = m_buffer[m_at] == '\n';
            step();
            if (ended) {
                break;
            }
        }
        settle();
    }
    void forgetOpen() {
        m_inText = false;
        m_escape = 0;
        m_dropping = false;
        m_tooLong = false;
        m_blanks = 0;
        m_run = 0;
    }
    // The next byte that is not blank, over line ends.
    int skipBlanks() {
        const bool lines = std::exchange(m_lines, false);
        settle();
        while (m_current != kNoByte && isBlank(static_cast<char>(m_current))) {
            advance();
        }
        m_lines = lines;
        return m_current;
    }

private:
    bool refill() {
        if (m_ended) {
            return m_at < m_end;
        }
        std::copy(m_buffer.begin() + static_cast<std::ptrdiff_t>(m_at),
                  m_buffer.begin() + static_cast<std::ptrdiff_t>(m_end), m_buffer.begin());
        m_end -= m_at;
        m_at = 0;
        while (m_end < kLongestEscape && !m_ended) {
            const std::size_t count = m_source.read(m_buffer.data() + m_end, m_buffer.size() - m_end);
            m_ended = count == 0;
            m_end += count;
        }
        return m_at < m_end;
    }

    void step() {
        if (m_at < m_end) {
            m_lineStart = m_buffer[m_at] == '\n';
            m_line += m_lineStart ? 1 : 0;
            ++m_at;
            ++m_byte;
        }
    }

    // Passes over what the parser shall not see.
    void settle() {
        while (true) {
            if (m_end - m_at < kLongestEscape && !m_ended) {
                refill();
            }
            if (m_at == m_end || m_tooLong || (m_lines && m_buffer[m_at] == '\n')) {
                m_current = kNoByte;
                return;
            }
            if (m_inText ? seenInText() : seenOutside()) {
                m_current = static_cast<unsigned char>(m_buffer[m_at]);
                return;
            }
            step();
        }
    }

    bool seenInText() {
        constexpr unsigned kContinuationMask = 0xC0;
        constexpr unsigned kContinuation = 0x80;
        const char c = m_buffer[m_at];
        if (m_escape > 0) {
            --m_escape;
            return !m_dropping;
        }
        if (c == '"') {
            m_inText = false;
            m_dropping = false;
            m_run = 0;
            return true;
        }
        const bool begins = (static_cast<unsigned char>(c) & kContinuationMask) != kContinuation;
        if (!m_dropping && m_run >= m_longestText && begins) {
            m_dropping = true;
            m_cut = true;
        }
        if (c == '\\') {
            m_escape = escapeLength() - 1;
        }
        ++m_run;
        return !m_dropping;
    }

    bool seenOutside() {
        const char c = m_buffer[m_at];
        if (isBlank(c)) {
            m_run = 0;
            return ++m_blanks <= kMostBlanks;
        }
        m_blanks = 0;
        if (c == '"') {
            m_inText = true;
            m_cut = false;
            m_run = 0;
            return true;
        }
        const bool structure = c == ',' || c == ':' || c == '{' || c == '}' || c == '[' || c == ']';
        m_run = structure ? 0 : m_run + 1;
        m_tooLong = m_run > kLongestNumber;
        return !m_tooLong;
    }

    [[nodiscard]] std::optional<unsigned> unitAt(std::size_t at) const {
        constexpr std::size_t kLength = 6;
        constexpr int kHexadecimal = 16;
        if (at + kLength > m_end || m_buffer[at] != '\\' || m_buffer[at + 1] != 'u') {
            return std::nullopt;
        }
        unsigned unit = 0;
        const char* const first = m_buffer.data() + at + 2;
        const auto [last, error] = std::from_chars(first, first + 4, unit, kHexadecimal);
        return error == std::errc() && last == first + 4 ? std::optional(unit) : std::nullopt;
    }

    // Of the escape that begins here, after making it whole where it is half a character.
    std::size_t escapeLength() {
        constexpr unsigned kHigh = 0xD800;
        constexpr unsigned kLow = 0xDC00;
        constexpr unsigned kBehind = 0xE000;
        const std::optional<unsigned> unit = unitAt(m_at);
        if (!unit || *unit < kHigh || *unit >= kBehind) {
            return 2;
        }
        const std::optional<unsigned> second = unitAt(m_at + 6);
        if (*unit < kLow && second && *second >= kLow && *second < kBehind) {
            return kLongestEscape;
        }
        std::memcpy(m_buffer.data() + m_at + 2, "fffd", 4);
        return 6;
    }

    ByteSource& m_source;
    std::size_t m_longestText;
    std::vector<char> m_buffer;
    std::size_t m_at = 0;
    std::size_t m_end = 0;
    bool m_ended = false;
    std::uint64_t m_byte = 0;
    std::uint64_t m_line = 1;
    int m_current = kNoByte;
    bool m_lineStart = true;
    bool m_lines = false;
    bool m_inText = false;
    std::size_t m_escape = 0;  // bytes that still belong to an escape
    std::size_t m_run = 0;     // bytes of the text, or of the number
    std::size_t m_blanks = 0;
    bool m_dropping = false;
    bool m_cut = false;
    bool m_tooLong = false;
};

// What the parser reads from.
class TamedIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = char;

    explicit TamedIterator(TamedBytes* bytes) : m_bytes(bytes) {}
    char operator*() const { return static_cast<char>(m_bytes->current()); }
    TamedIterator& operator++() {
        m_bytes->advance();
        return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(const TamedIterator& other) const { return ended() == other.ended(); }
    bool operator!=(const TamedIterator& other) const { return !(*this == other); }

private:
    [[nodiscard]] bool ended() const { return m_bytes == nullptr || m_bytes->current() == kNoByte; }

    TamedBytes* m_bytes;
};

// Builds items out of the parser's events.
class Items {
public:
    Items(TamedBytes& bytes, const ItemLimits& limits, std::string_view listKey,
          const std::vector<std::string_view>& ignored, const ItemReader& reader)
        : m_bytes(bytes), m_limits(limits), m_listKey(listKey), m_ignored(ignored), m_reader(reader) {}

    void beginRoot() {
        m_depth = 0;
        m_open.clear();
        m_list = List::None;
        m_problem.reset();
        m_item.reset();
        m_rest.reset();
        m_ignoring = 0;
    }
    [[nodiscard]] const std::optional<Sentence>& problem() const { return m_problem; }
    [[nodiscard]] std::uint64_t count() const { return m_index; }

    // The events, by the parser's names. False ends the parsing.
    // NOLINTBEGIN(readability-identifier-naming)
    bool null() { return scalar(json()); }
    bool boolean(bool value) { return scalar(json(value)); }
    bool number_integer(json::number_integer_t value) { return scalar(json(value)); }
    bool number_unsigned(json::number_unsigned_t value) { return scalar(json(value)); }
    bool number_float(json::number_float_t value, const std::string& /*text*/) { return scalar(json(value)); }
    bool string(std::string& value) {
        const bool cut = m_bytes.takeCut();
        m_size = value.size();
        const bool goesOn = scalar(json(std::move(value)));
        if (m_item) {
            m_item->cut = m_item->cut || (cut && m_kept);
        }
        return goesOn;
    }
    bool binary(json::binary_t& /*value*/) { return false; }
    bool start_object(std::size_t /*count*/) { return open(json::object()); }
    bool start_array(std::size_t /*count*/) { return open(json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& value) {
        m_size = value.size();
        m_key = std::move(value);
        return true;
    }
    template <class Exception>
    bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const Exception& error) {
        constexpr int kOutOfRange = 406;
        m_problem = error.id == kOutOfRange ? ALCOVE_TEXT("engine", "its JSON holds a number that is out of range")
                    : m_bytes.current() == kNoByte ? ALCOVE_TEXT("engine", "its JSON ends early")
                                                   : ALCOVE_TEXT("engine", "its JSON is malformed");
        return false;
    }
    // NOLINTEND(readability-identifier-naming)

private:
    enum class List { None, Array, Member };  // what the items are elements of

    struct Building {
        JsonItem item;
        std::size_t bytes = 0;
        std::size_t values = 0;
        bool cut = false;
        bool tooLarge = false;
    };

    [[nodiscard]] std::size_t itemDepth() const { return m_list == List::Array ? 1 : m_list == List::Member ? 2 : 0; }

    Building building(bool outermost) {
        return {.item = {.value = JsonDocument(json()),
                         .place = {.byte = m_bytes.byte(), .line = m_bytes.line(), .index = m_index++},
                         .outermost = outermost}};
    }

    bool scalar(json value) {
        if (m_depth == 0) {
            m_problem = ALCOVE_TEXT("engine", "it is neither an array nor an object of JSON");
            return false;
        }
        if (m_list != List::None && m_depth == itemDepth()) {  // an item of its own
            m_item = building(false);
            m_kept = add(std::move(value)) != nullptr;
            hand();
        } else {
            m_kept = ignored() ? false : add(std::move(value)) != nullptr;
        }
        m_size = 0;
        return true;
    }

    bool open(json value) {
        if (m_depth >= m_limits.depth) {
            m_problem = ALCOVE_TEXT("engine", "its JSON is nested too deeply");
            return false;
        }
        const bool array = value.is_array();
        ++m_depth;
        if (m_depth == 1) {
            if (array) {
                m_list = List::Array;
            } else {
                m_item = building(true);
                m_open.push_back(add(std::move(value)));
            }
            return true;
        }
        if (m_list == List::None && m_depth == 2 && array && m_key == m_listKey) {
            m_rest = std::move(m_item);
            m_item.reset();
            m_open.clear();
            m_list = List::Member;
            return true;
        }
        if (m_list != List::None && m_depth == itemDepth() + 1) {
            m_item = building(false);
            m_open.clear();
            m_open.push_back(add(std::move(value)));
            return true;
        }
        if (m_ignoring > 0 || ignored()) {
            ++m_ignoring;
            return true;
        }
        m_open.push_back(add(std::move(value)));
        return true;
    }

    bool close() {
        --m_depth;
        if (m_ignoring > 0) {
            --m_ignoring;
            return true;
        }
        if (m_list == List::Array && m_depth == 0) {
            return true;
        }
        if (m_list == List::Member && m_depth == 1) {  // back in the object that holds the list
            m_item = std::move(m_rest);
            m_rest.reset();
            m_list = List::None;
            m_open.clear();
            if (m_item) {
                m_open.push_back(m_item->tooLarge ? nullptr : &m_item->item.value.edit());
            }
            return true;
        }
        if (!m_open.empty()) {
            m_open.pop_back();
        }
        if (m_depth == itemDepth()) {
            hand();
        }
        return true;
    }

    [[nodiscard]] bool ignored() const {
        return m_ignoring > 0 || (!m_open.empty() && m_open.back() != nullptr && m_open.back()->is_object() &&
                                  std::find(m_ignored.begin(), m_ignored.end(), m_key) != m_ignored.end());
    }

    // Where it was put; null: the item has become too large.
    json* add(json value) {
        if (!m_item || m_item->tooLarge) {
            return nullptr;
        }
        const bool member = !m_open.empty() && m_open.back() != nullptr && m_open.back()->is_object();
        m_item->values += member ? 2 : 1;
        m_item->bytes += m_size + (member ? m_key.size() : 0);
        m_size = 0;
        if (m_item->values > m_limits.values || m_item->bytes > m_limits.bytes) {
            m_item->tooLarge = true;
            m_item->item.value = JsonDocument(json());
            std::fill(m_open.begin(), m_open.end(), nullptr);
            return nullptr;
        }
        if (m_open.empty()) {
            json& root = m_item->item.value.edit();
            root = std::move(value);
            return &root;
        }
        json& parent = *m_open.back();
        if (member) {
            json& place = parent[m_key];
            place = std::move(value);
            return &place;
        }
        parent.push_back(std::move(value));
        return &parent.back();
    }

    void hand() {
        Building built = std::move(*m_item);
        m_item.reset();
        m_open.clear();
        built.item.cut = built.cut;
        if (built.tooLarge) {
            m_reader.passedOver(built.item.place, ALCOVE_TEXT("engine", "it is too large to be read"), false);
        } else {
            m_reader.found(std::move(built.item));
        }
    }

    TamedBytes& m_bytes;
    const ItemLimits& m_limits;
    std::string_view m_listKey;
    const std::vector<std::string_view>& m_ignored;
    const ItemReader& m_reader;
    std::size_t m_depth = 0;
    std::size_t m_ignoring = 0;  // arrays and objects that are open below an ignored key, with that one
    List m_list = List::None;
    std::vector<json*> m_open;  // of the item; null where it has become too large
    std::optional<Building> m_item;
    std::optional<Building> m_rest;  // the object around the list
    std::string m_key;
    std::size_t m_size = 0;  // of the text that comes
    bool m_kept = false;
    std::uint64_t m_index = 0;
    std::optional<Sentence> m_problem;
};

}  // namespace

void readItems(ByteSource& source, const ItemLimits& limits, std::string_view listKey,
               const std::vector<std::string_view>& ignored, const ItemReader& reader) {
    TamedBytes bytes(source, limits.text);
    Items items(bytes, limits, listKey, ignored, reader);
    bool first = true;
    while (bytes.skipBlanks() != kNoByte) {
        if (!first) {
            bytes.endAtLines();
        }
        const ItemPlace place{.byte = bytes.byte(), .line = bytes.line(), .index = items.count()};
        const bool object = bytes.current() == '{';
        items.beginRoot();
        const bool whole =
            json::sax_parse(TamedIterator(&bytes), TamedIterator(nullptr), &items, json::input_format_t::json, false);
        if (!whole) {
            reader.passedOver({.byte = bytes.byte(), .line = bytes.line(), .index = items.count()},
                              items.problem().value_or(ALCOVE_TEXT("engine", "its JSON is malformed")), true);
            // Lines may go on behind a damaged first one; what spans lines does not.
            const bool ofOneLine =
                bytes.line() == place.line || (bytes.line() == place.line + 1 && bytes.atLineStart());
            if (first && !(object && ofOneLine)) {
                return;
            }
            if (!first || bytes.line() == place.line) {
                bytes.nextLine();
            } else {
                bytes.forgetOpen();
            }
        }
        first = false;
    }
}

}  // namespace alcove::engine
