// The stack machine that a pickle of protocol 2 is a program for, cut down to the opcodes state dicts use.
//
// The stack and the opcodes are in pickle_machine.cpp. What globals, storages and calls mean, from closed lists, is in
// pickle.cpp. Everything it keeps is bounded by fixed limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/sentence.h"
#include "engine/checkpoint/pickle.h"

namespace alcove::engine {

// Globals a state dict may name. A storage type stands for its dtype.
enum class PickleGlobal { OrderedDict, TensorType, RebuildTensor, RebuildParameter, RebuildFromType, F32, F16, BF16 };

// Values refer to objects in the machine's own lists, so that a pickle with circular references makes no cycles of
// ownership and nothing here is recursive. Strings are views of the pickle.
struct PickleNone {};
struct PickleTuple {
    std::size_t index;
};
struct PickleDict {
    std::size_t index;
};
struct PickleStorage {
    std::size_t index;
};
struct PickleTensor {
    std::size_t index;
};
using PickleValue = std::variant<PickleNone, bool, std::int64_t, std::string_view, PickleGlobal, PickleTuple,
                                 PickleDict, PickleStorage, PickleTensor>;
using PickleValues = std::vector<PickleValue>;
using PickleItems = std::vector<std::pair<PickleValue, PickleValue>>;

class PickleMachine {
public:
    // `pickle` and `file` (for sentences) must outlive the machine.
    PickleMachine(std::span<const std::byte> pickle, const std::filesystem::path& file);

    // As readStateDict(); once.
    std::vector<PickledTensor> readStateDict();

private:
    struct Storage {
        std::string_view key;
        DType dtype = DType::F32;
        std::uint64_t size = 0;  // in elements
    };

    // Runs the whole program and returns the one value it leaves. Throws Error{FileDamaged, Unsupported}.
    PickleValue run();

    // Throws Error{FileDamaged}; `detail` completes "its pickle …".
    [[noreturn]] void damaged(const Sentence& detail) const;
    void countObject();  // throws when there are too many
    [[nodiscard]] PickleDict makeDict();

    // The value as a T; `what` completes the sentence if it is something else.
    template <typename T>
    T expect(const PickleValue& value, TranslatableText what) const {
        const T* found = std::get_if<T>(&value);
        if (found == nullptr) {
            damaged({ALCOVE_TEXT("engine", "holds something else where %1 belongs"), what});
        }
        return *found;
    }
    [[nodiscard]] const PickleValues& expectTuple(const PickleValue& value, TranslatableText what) const {
        return m_tuples[expect<PickleTuple>(value, what).index];
    }
    [[nodiscard]] const PickleItems& expectDict(const PickleValue& value, TranslatableText what) const {
        return m_dicts[expect<PickleDict>(value, what).index];
    }

    // What a name means; throws for any outside the closed list.
    [[nodiscard]] PickleGlobal global(std::string_view module, std::string_view member) const;
    // What a persistent id means.
    PickleStorage storage(const PickleValues& id);
    // The outcome of calling a global; looks at nothing outside the machine.
    PickleValue call(PickleGlobal function, const PickleValues& arguments);
    PickleTensor rebuildTensor(const PickleValues& arguments);
    PickleValue rebuildFromType(const PickleValues& arguments);
    [[nodiscard]] std::uint64_t expectCount(const PickleValue& value) const;
    [[nodiscard]] std::vector<std::uint64_t> expectCounts(const PickleValue& value) const;

    bool step();  // false at the end of the program
    std::string_view take(std::size_t length);
    std::uint64_t number(std::size_t length);
    std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
    std::string_view line();
    void push(PickleValue value);
    PickleValue pop();
    PickleValues popToMark();
    PickleValues popMany(std::size_t count);
    void pushTuple(PickleValues values);
    void pushLong(std::size_t length);
    void pushText(std::uint64_t length);
    void mark();
    void memoize(std::uint64_t index);
    void recall(std::uint64_t index);
    void reduce();
    PickleItems& topDict();
    void setItems(const PickleValues& items);

    std::string_view m_text;
    const std::filesystem::path& m_file;
    std::size_t m_position = 0;
    std::size_t m_objects = 0;
    PickleValues m_stack;
    std::vector<std::size_t> m_marks;  // stack sizes at which the marks were set
    std::vector<std::optional<PickleValue>> m_memo;
    std::vector<PickleValues> m_tuples;
    std::vector<PickleItems> m_dicts;
    std::vector<Storage> m_storages;
    std::vector<PickledTensor> m_tensors;
};

}  // namespace alcove::engine
