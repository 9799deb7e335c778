#include "engine/checkpoint/pickle.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/checkpoint/sentence.h"
#include "engine/checkpoint/tensor_shape.h"

namespace alcove::engine {

namespace {

// Far above what state dicts need, far below what could hurt.
constexpr std::size_t kMaxStack = 1 << 16;
constexpr std::size_t kMaxMarks = 64;
constexpr std::size_t kMaxMemo = 1 << 20;
constexpr std::size_t kMaxObjects = 1 << 19;
constexpr std::size_t kMaxString = 4096;
constexpr std::size_t kMaxGlobal = 256;
constexpr std::uint8_t kProtocol = 2;

// The globals of torch.save's state dicts. A storage type stands for its dtype.
enum class Global { OrderedDict, TensorType, RebuildTensor, RebuildParameter, RebuildFromType, F32, F16, BF16 };

struct NamedGlobal {
    std::string_view name;
    Global global;
};

constexpr std::array<NamedGlobal, 8> kGlobals = {{
    {"collections.OrderedDict", Global::OrderedDict},
    {"torch.Tensor", Global::TensorType},
    {"torch._utils._rebuild_tensor_v2", Global::RebuildTensor},
    {"torch._utils._rebuild_parameter", Global::RebuildParameter},
    {"torch._tensor._rebuild_from_type_v2", Global::RebuildFromType},
    {"torch.FloatStorage", Global::F32},
    {"torch.HalfStorage", Global::F16},
    {"torch.BFloat16Storage", Global::BF16},
}};

// Values refer to objects in the machine's own lists, so that a pickle that ties knots makes no cycles of ownership
// and nothing here is recursive. Strings are windows onto the pickle.
struct None {};
struct TupleRef {
    std::size_t index;
};
struct DictRef {
    std::size_t index;
};
struct StorageRef {
    std::size_t index;
};
struct TensorRef {
    std::size_t index;
};
using Value =
    std::variant<None, bool, std::int64_t, std::string_view, Global, TupleRef, DictRef, StorageRef, TensorRef>;
using Tuple = std::vector<Value>;
using Dict = std::vector<std::pair<Value, Value>>;

struct Storage {
    std::string_view key;
    DType dtype;
    std::uint64_t size;
};

class Machine {
public:
    Machine(std::span<const std::byte> pickle, const std::filesystem::path& file)
        : m_text(reinterpret_cast<const char*>(pickle.data()), pickle.size()), m_file(file) {}

    std::vector<PickledTensor> run() {
        if (byte() != 0x80 || byte() != kProtocol) {
            failUnsupported(m_file, "its pickle is not of protocol 2, which torch.save writes");
        }
        while (step()) {
        }
        if (m_position != m_text.size() || m_stack.size() != 1 || !m_marks.empty()) {
            damaged("does not end as it should");
        }
        return stateDict();
    }

private:
    [[noreturn]] void damaged(const std::string& detail) const {
        failDamaged(m_file, "its pickle " + detail + " (at byte " + std::to_string(m_position) + ")");
    }

    std::string_view take(std::size_t length) {
        if (length > m_text.size() - m_position) {
            damaged("is cut off");
        }
        m_position += length;
        return m_text.substr(m_position - length, length);
    }

    std::uint64_t number(std::size_t length) {
        const std::string_view bytes = take(length);
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < length; ++i) {
            value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
        }
        return value;
    }

    std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }

    std::string_view line() {
        const std::size_t end = m_text.substr(m_position, kMaxGlobal).find('\n');
        if (end == std::string_view::npos) {
            damaged("holds a global without an end");
        }
        return take(end + 1).substr(0, end);
    }

    void push(Value value) {
        if (m_stack.size() >= kMaxStack) {
            damaged("needs too large a stack");
        }
        m_stack.push_back(value);
    }

    // Values above the innermost mark are all that may be touched.
    Value pop() {
        if (m_stack.size() <= (m_marks.empty() ? 0 : m_marks.back())) {
            damaged("takes more from its stack than it holds");
        }
        const Value value = m_stack.back();
        m_stack.pop_back();
        return value;
    }

    Tuple popToMark() {
        if (m_marks.empty()) {
            damaged("lacks a mark");
        }
        const auto first = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
        Tuple values(first, m_stack.end());
        m_stack.erase(first, m_stack.end());
        m_marks.pop_back();
        return values;
    }

    Tuple popMany(std::size_t count) {
        Tuple values(count);
        for (std::size_t i = count; i-- > 0;) {
            values[i] = pop();
        }
        return values;
    }

    void countObject() {
        if (++m_objects > kMaxObjects) {
            damaged("holds too many objects");
        }
    }

    void pushTuple(Tuple values) {
        countObject();
        m_tuples.push_back(std::move(values));
        push(TupleRef{m_tuples.size() - 1});
    }

    void pushDict() {
        countObject();
        m_dicts.emplace_back();
        push(DictRef{m_dicts.size() - 1});
    }

    template <typename T>
    T expect(const Value& value, const char* what) const {
        const T* found = std::get_if<T>(&value);
        if (found == nullptr) {
            damaged(std::string("holds something else where ") + what + " belongs");
        }
        return *found;
    }

    std::uint64_t expectCount(const Value& value) const {
        const auto found = expect<std::int64_t>(value, "a number");
        if (found < 0) {
            damaged("holds a negative size");
        }
        return static_cast<std::uint64_t>(found);
    }

    std::vector<std::uint64_t> expectCounts(const Value& value) const {
        const Tuple& tuple = m_tuples[expect<TupleRef>(value, "a list of sizes").index];
        if (tuple.size() > kMaxRank) {
            damaged("holds a tensor of too many dimensions");
        }
        std::vector<std::uint64_t> counts;
        for (const Value& element : tuple) {
            counts.push_back(expectCount(element));
        }
        return counts;
    }

    void pushGlobal() {
        const std::string_view module = line();
        const std::string_view member = line();
        const std::string name = std::string(module) + "." + std::string(member);
        for (const NamedGlobal& known : kGlobals) {
            if (known.name == name) {
                push(known.global);
                return;
            }
        }
        if (module == "torch" && member.ends_with("Storage")) {
            failUnsupported(m_file, "it holds tensors stored as " + shown(member) +
                                        ", and Alcove reads FloatStorage (F32), HalfStorage (F16) and BFloat16Storage");
        }
        failUnsupported(m_file,
                        "its pickle asks for " + shown(name) +
                            ", which weights do not need, so nothing of it was run; get the model from a source "
                            "you trust, best as safetensors");
    }

    void memoize(std::uint64_t index) {
        if (index >= kMaxMemo) {
            damaged("needs too large a memo");
        }
        const Value value = pop();
        push(value);
        if (index >= m_memo.size()) {
            m_memo.resize(index + 1);
        }
        m_memo[index] = value;
    }

    void recall(std::uint64_t index) {
        if (index >= m_memo.size() || !m_memo[index]) {
            damaged("recalls what it never stored");
        }
        push(*m_memo[index]);
    }

    // ('storage', type, key, location, element count)
    void pushStorage() {
        const Tuple& id = m_tuples[expect<TupleRef>(pop(), "a storage").index];
        if (id.size() != 5 || expect<std::string_view>(id[0], "the word storage") != "storage") {
            damaged("refers to something other than a storage");
        }
        Storage storage = {expect<std::string_view>(id[2], "a key"), DType::F32, expectCount(id[4])};
        switch (expect<Global>(id[1], "a storage type")) {
            case Global::F32:
                break;
            case Global::F16:
                storage.dtype = DType::F16;
                break;
            case Global::BF16:
                storage.dtype = DType::BF16;
                break;
            default:
                damaged("gives a storage a type that is none");
        }
        countObject();
        m_storages.push_back(storage);
        push(StorageRef{m_storages.size() - 1});
    }

    // (storage, offset, size, stride, requires_grad, hooks[, metadata])
    void rebuildTensor(const Tuple& arguments) {
        if (arguments.size() != 6 && arguments.size() != 7) {
            damaged("rebuilds a tensor from the wrong number of arguments");
        }
        const Storage& storage = m_storages[expect<StorageRef>(arguments[0], "a storage").index];
        PickledTensor tensor;
        tensor.storageKey = storage.key;
        tensor.dtype = storage.dtype;
        tensor.storageSize = storage.size;
        tensor.offset = expectCount(arguments[1]);
        tensor.shape = expectCounts(arguments[2]);
        tensor.strides = expectCounts(arguments[3]);
        if (tensor.strides.size() != tensor.shape.size()) {
            damaged("gives a tensor other strides than dimensions");
        }
        countObject();
        m_tensors.push_back(std::move(tensor));
        push(TensorRef{m_tensors.size() - 1});
    }

    void call(Global function, const Tuple& arguments) {
        switch (function) {
            case Global::OrderedDict:
                if (!arguments.empty()) {
                    damaged("makes a dictionary from arguments");
                }
                pushDict();
                return;
            case Global::RebuildTensor:
                rebuildTensor(arguments);
                return;
            case Global::RebuildParameter:  // (tensor, requires_grad, hooks)
                if (arguments.size() != 3) {
                    damaged("rebuilds a parameter from the wrong number of arguments");
                }
                push(expect<TensorRef>(arguments[0], "a tensor"));
                return;
            case Global::RebuildFromType:  // (function, type, arguments, state)
                rebuildFromType(arguments);
                return;
            default:
                damaged("calls what is no function");
        }
    }

    // The state (attributes set on a tensor in Python) carries no weights and is left alone.
    void rebuildFromType(const Tuple& arguments) {
        if (arguments.size() != 4 || expect<Global>(arguments[1], "a type") != Global::TensorType) {
            damaged("rebuilds a tensor of an unknown type");
        }
        const auto inner = expect<Global>(arguments[0], "a function");
        if (inner != Global::RebuildTensor && inner != Global::RebuildParameter) {
            damaged("rebuilds a tensor in an unknown way");
        }
        const Tuple innerArguments = m_tuples[expect<TupleRef>(arguments[2], "a list of arguments").index];
        call(inner, innerArguments);
    }

    void reduce() {
        const Tuple arguments = m_tuples[expect<TupleRef>(pop(), "a list of arguments").index];
        call(expect<Global>(pop(), "a function"), arguments);
    }

    // The dictionary on top of the stack, which stays there.
    Dict& topDict() {
        const Value value = pop();
        push(value);
        return m_dicts[expect<DictRef>(value, "a dictionary").index];
    }

    void setItems(const Tuple& items) {
        if (items.size() % 2 != 0) {
            damaged("sets a key without a value");
        }
        Dict& dict = topDict();
        for (std::size_t i = 0; i < items.size(); i += 2) {
            countObject();
            dict.emplace_back(items[i], items[i + 1]);
        }
    }

    // False at the end of the program.
    bool step() {
        const std::uint8_t opcode = byte();
        switch (opcode) {
            case '.':  // STOP
                return false;
            case '(':  // MARK
                if (m_marks.size() >= kMaxMarks) {
                    damaged("is nested too deeply");
                }
                m_marks.push_back(m_stack.size());
                break;
            case 'N':  // NONE
                push(None{});
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
            case 'X': {  // BINUNICODE
                const std::uint64_t length = number(4);
                if (length > kMaxString) {
                    damaged("holds too long a text");
                }
                push(take(length));
                break;
            }
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
                pushDict();
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
            case 'c':  // GLOBAL
                pushGlobal();
                break;
            case 'Q':  // BINPERSID
                pushStorage();
                break;
            case 'R':  // REDUCE
                reduce();
                break;
            case 'b':  // BUILD: attributes of the dictionary (_metadata), which hold no weights
                expect<DictRef>(pop(), "a dictionary of attributes");
                topDict();
                break;
            default:
                failUnsupported(m_file, "its pickle uses the operation " + std::to_string(opcode) + " (at byte " +
                                            std::to_string(m_position - 1) + "), which weights do not need");
        }
        return true;
    }

    // A little-endian two's-complement number of `length` bytes.
    void pushLong(std::size_t length) {
        if (length > 8) {
            damaged("holds too large a number");
        }
        std::uint64_t value = number(length);
        if (length > 0 && length < 8 && ((value >> (8 * length - 1)) & 1) != 0) {
            value |= ~std::uint64_t{0} << (8 * length);
        }
        push(static_cast<std::int64_t>(value));
    }

    std::vector<PickledTensor> stateDict() {
        const Dict& dict = m_dicts[expect<DictRef>(m_stack.front(), "a dictionary of tensors").index];
        std::set<std::string_view> names;
        std::vector<PickledTensor> tensors;
        for (const auto& [key, value] : dict) {
            const auto name = expect<std::string_view>(key, "the name of a tensor");
            const TensorRef* tensor = std::get_if<TensorRef>(&value);
            if (tensor == nullptr) {
                failUnsupported(m_file,
                                "it holds " + shown(name) + ", which is no tensor, so it is no plain file of weights");
            }
            if (!names.insert(name).second) {
                damaged("names " + shown(name) + " twice");
            }
            tensors.push_back(m_tensors[tensor->index]);
            tensors.back().name = name;
        }
        return tensors;
    }

    std::string_view m_text;
    const std::filesystem::path& m_file;
    std::size_t m_position = 0;
    std::size_t m_objects = 0;
    std::vector<Value> m_stack;
    std::vector<std::size_t> m_marks;  // heights of the stack
    std::vector<std::optional<Value>> m_memo;
    std::vector<Tuple> m_tuples;
    std::vector<Dict> m_dicts;
    std::vector<Storage> m_storages;
    std::vector<PickledTensor> m_tensors;
};

}  // namespace

std::vector<PickledTensor> readStateDict(std::span<const std::byte> pickle, const std::filesystem::path& file) {
    return Machine(pickle, file).run();
}

}  // namespace alcove::engine
