#include "engine/checkpoint/pickle_machine.h"

#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

// Far above what state dicts need, far below what would exhaust memory.
constexpr std::size_t kMaxStack = 1 << 16;
constexpr std::size_t kMaxMarks = 64;
constexpr std::size_t kMaxMemo = 1 << 20;
constexpr std::size_t kMaxObjects = 1 << 19;
constexpr std::size_t kMaxString = 4096;
constexpr std::size_t kMaxGlobal = 256;
constexpr std::uint8_t kProtocol = 2;

}  // namespace

PickleMachine::PickleMachine(std::span<const std::byte> pickle, const std::filesystem::path& file)
    : m_text(reinterpret_cast<const char*>(pickle.data()), pickle.size()), m_file(file) {
}

PickleValue PickleMachine::run() {
    if (byte() != 0x80 || byte() != kProtocol) {
        failUnsupported(m_file, ALCOVE_TEXT("engine", "its pickle is not of protocol 2, which torch.save writes"));
    }
    while (step()) {
    }
    if (m_position != m_text.size() || m_stack.size() != 1 || !m_marks.empty()) {
        damaged(ALCOVE_TEXT("engine", "does not end as it should"));
    }
    return m_stack.front();
}

void PickleMachine::damaged(const Sentence& detail) const {
    failDamaged(m_file, ALCOVE_TEXT("engine", "its pickle %1 (at byte %2)"), detail, m_position);
}

std::string_view PickleMachine::take(std::size_t length) {
    if (length > m_text.size() - m_position) {
        damaged(ALCOVE_TEXT("engine", "is cut off"));
    }
    m_position += length;
    return m_text.substr(m_position - length, length);
}

std::uint64_t PickleMachine::number(std::size_t length) {
    const std::string_view bytes = take(length);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < length; ++i) {
        value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return value;
}

std::string_view PickleMachine::line() {
    const std::size_t end = m_text.substr(m_position, kMaxGlobal).find('\n');
    if (end == std::string_view::npos) {
        damaged(ALCOVE_TEXT("engine", "holds a global without an end"));
    }
    return take(end + 1).substr(0, end);
}

void PickleMachine::push(PickleValue value) {
    if (m_stack.size() >= kMaxStack) {
        damaged(ALCOVE_TEXT("engine", "needs too large a stack"));
    }
    m_stack.push_back(value);
}

// Values above the innermost mark are all that may be touched.
PickleValue PickleMachine::pop() {
    if (m_stack.size() <= (m_marks.empty() ? 0 : m_marks.back())) {
        damaged(ALCOVE_TEXT("engine", "takes more from its stack than it holds"));
    }
    const PickleValue value = m_stack.back();
    m_stack.pop_back();
    return value;
}

PickleValues PickleMachine::popToMark() {
    if (m_marks.empty()) {
        damaged(ALCOVE_TEXT("engine", "lacks a mark"));
    }
    const auto first = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
    PickleValues values(first, m_stack.end());
    m_stack.erase(first, m_stack.end());
    m_marks.pop_back();
    return values;
}

PickleValues PickleMachine::popMany(std::size_t count) {
    PickleValues values(count);
    for (std::size_t i = count; i-- > 0;) {
        values[i] = pop();
    }
    return values;
}

void PickleMachine::countObject() {
    if (++m_objects > kMaxObjects) {
        damaged(ALCOVE_TEXT("engine", "holds too many objects"));
    }
}

void PickleMachine::pushTuple(PickleValues values) {
    countObject();
    m_tuples.push_back(std::move(values));
    push(PickleTuple{m_tuples.size() - 1});
}

PickleDict PickleMachine::makeDict() {
    countObject();
    m_dicts.emplace_back();
    return {m_dicts.size() - 1};
}

void PickleMachine::mark() {
    if (m_marks.size() >= kMaxMarks) {
        damaged(ALCOVE_TEXT("engine", "is nested too deeply"));
    }
    m_marks.push_back(m_stack.size());
}

void PickleMachine::pushText(std::uint64_t length) {
    if (length > kMaxString) {
        damaged(ALCOVE_TEXT("engine", "holds too long a text"));
    }
    push(take(length));
}

// A little-endian two's-complement number of `length` bytes.
void PickleMachine::pushLong(std::size_t length) {
    if (length > 8) {
        damaged(ALCOVE_TEXT("engine", "holds too large a number"));
    }
    std::uint64_t value = number(length);
    if (length > 0 && length < 8 && ((value >> (8 * length - 1)) & 1) != 0) {
        value |= ~std::uint64_t{0} << (8 * length);
    }
    push(static_cast<std::int64_t>(value));
}

void PickleMachine::memoize(std::uint64_t index) {
    if (index >= kMaxMemo) {
        damaged(ALCOVE_TEXT("engine", "needs too large a memo"));
    }
    const PickleValue value = pop();
    push(value);
    if (index >= m_memo.size()) {
        m_memo.resize(index + 1);
    }
    m_memo[index] = value;
}

void PickleMachine::recall(std::uint64_t index) {
    if (index >= m_memo.size() || !m_memo[index]) {
        damaged(ALCOVE_TEXT("engine", "recalls what it never stored"));
    }
    push(*m_memo[index]);
}

void PickleMachine::reduce() {
    const PickleValues arguments = expectTuple(pop(), ALCOVE_TEXT("engine", "a list of arguments"));
    push(call(expect<PickleGlobal>(pop(), ALCOVE_TEXT("engine", "a function")), arguments));
}

// The dictionary on top of the stack, which stays there.
PickleItems& PickleMachine::topDict() {
    const PickleValue value = pop();
    push(value);
    return m_dicts[expect<PickleDict>(value, ALCOVE_TEXT("engine", "a dictionary")).index];
}

void PickleMachine::setItems(const PickleValues& items) {
    if (items.size() % 2 != 0) {
        damaged(ALCOVE_TEXT("engine", "sets a key without a value"));
    }
    PickleItems& dict = topDict();
    for (std::size_t i = 0; i < items.size(); i += 2) {
        countObject();
        dict.emplace_back(items[i], items[i + 1]);
    }
}

bool PickleMachine::step() {
    const std::uint8_t opcode = byte();
    switch (opcode) {
        case '.':  // STOP
            return false;
        case '(':  // MARK
            mark();
            break;
        case 'N':  // NONE
            push(PickleNone{});
            break;
        case 0x88:  // NEWTRUE
        case 0x89:  // NEWFALSE
            push(opcode == 0x88);
            break;
        case 'K':  // BININT1
            push(static_cast<std::int64_t>(number(1)));
            break;
        case 'M':  // BININT2
            push(static_cast<std::int64_t>(number(2)));
            break;
        case 'J':  // BININT
            push(std::int64_t{static_cast<std::int32_t>(number(4))});
            break;
        case 0x8A:  // LONG1
            pushLong(byte());
            break;
        case 'X':  // BINUNICODE
            pushText(number(4));
            break;
        case ')':  // EMPTY_TUPLE
            pushTuple({});
            break;
        case 0x85:  // TUPLE1
        case 0x86:  // TUPLE2
        case 0x87:  // TUPLE3
            pushTuple(popMany(opcode - 0x84U));
            break;
        case 't':  // TUPLE
            pushTuple(popToMark());
            break;
        case '}':  // EMPTY_DICT
            push(makeDict());
            break;
        case 's':  // SETITEM
            setItems(popMany(2));
            break;
        case 'u':  // SETITEMS
            setItems(popToMark());
            break;
        case 'q':  // BINPUT
            memoize(number(1));
            break;
        case 'r':  // LONG_BINPUT
            memoize(number(4));
            break;
        case 'h':  // BINGET
            recall(number(1));
            break;
        case 'j':  // LONG_BINGET
            recall(number(4));
            break;
        case 'c': {  // GLOBAL
            const std::string_view module = line();
            push(global(module, line()));
            break;
        }
        case 'Q':  // BINPERSID
            push(storage(expectTuple(pop(), ALCOVE_TEXT("engine", "a storage"))));
            break;
        case 'R':  // REDUCE
            reduce();
            break;
        case 'b':  // BUILD: attributes of the dictionary (_metadata), which hold no weights
            expect<PickleDict>(pop(), ALCOVE_TEXT("engine", "a dictionary of attributes"));
            topDict();
            break;
        default:
            failUnsupported(
                m_file,
                ALCOVE_TEXT("engine", "its pickle uses the operation %1 (at byte %2), which weights do not need"),
                opcode, m_position - 1);
    }
    return true;
}

}  // namespace alcove::engine
