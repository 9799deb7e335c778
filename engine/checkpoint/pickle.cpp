#include "engine/checkpoint/pickle.h"

#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "engine/checkpoint/pickle_machine.h"
#include "engine/checkpoint/tensor_shape.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

struct NamedGlobal {
    std::string_view name;
    PickleGlobal global;
};

constexpr std::string_view kStorageTag = "storage";

constexpr std::array<NamedGlobal, 8> kGlobals = {{
    {"collections.OrderedDict", PickleGlobal::OrderedDict},
    {"torch.Tensor", PickleGlobal::TensorType},
    {"torch._utils._rebuild_tensor_v2", PickleGlobal::RebuildTensor},
    {"torch._utils._rebuild_parameter", PickleGlobal::RebuildParameter},
    {"torch._tensor._rebuild_from_type_v2", PickleGlobal::RebuildFromType},
    {"torch.FloatStorage", PickleGlobal::F32},
    {"torch.HalfStorage", PickleGlobal::F16},
    {"torch.BFloat16Storage", PickleGlobal::BF16},
}};

}  // namespace

std::vector<PickledTensor> PickleMachine::readStateDict() {
    const PickleItems& dict = expectDict(run(), ALCOVE_TEXT("engine", "a dictionary of tensors"));
    std::set<std::string_view> names;
    std::vector<PickledTensor> tensors;
    for (const auto& [key, value] : dict) {
        const auto name = expect<std::string_view>(key, ALCOVE_TEXT("engine", "the name of a tensor"));
        const PickleTensor* tensor = std::get_if<PickleTensor>(&value);
        if (tensor == nullptr) {
            failUnsupported(m_file,
                            ALCOVE_TEXT("engine", "it holds %1, which is no tensor, so it is no plain file of weights"),
                            shown(name));
        }
        if (!names.insert(name).second) {
            damaged({ALCOVE_TEXT("engine", "names %1 twice"), shown(name)});
        }
        tensors.push_back(m_tensors[tensor->index]);
        tensors.back().name = name;
    }
    return tensors;
}

PickleGlobal PickleMachine::global(std::string_view module, std::string_view member) const {
    const std::string name = std::string(module) + "." + std::string(member);
    for (const NamedGlobal& known : kGlobals) {
        if (known.name == name) {
            return known.global;
        }
    }
    if (module == "torch" && member.ends_with("Storage")) {
        failUnsupported(m_file,
                        ALCOVE_TEXT("engine",
                                    "it holds tensors stored as %1, and Alcove reads FloatStorage (F32), "
                                    "HalfStorage (F16) and BFloat16Storage"),
                        shown(member));
    }
    failUnsupported(m_file,
                    ALCOVE_TEXT("engine",
                                "its pickle asks for %1, which weights do not need, so nothing of it was run; get "
                                "the model from a source you trust, best as safetensors"),
                    shown(name));
}

// ('storage', type, key, location, element count)
PickleStorage PickleMachine::storage(const PickleValues& id) {
    if (id.size() != 5 || expect<std::string_view>(id[0], ALCOVE_TEXT("engine", "the word storage")) != kStorageTag) {
        damaged(ALCOVE_TEXT("engine", "refers to something other than a storage"));
    }
    Storage found = {expect<std::string_view>(id[2], ALCOVE_TEXT("engine", "a key")), DType::F32, expectCount(id[4])};
    switch (expect<PickleGlobal>(id[1], ALCOVE_TEXT("engine", "a storage type"))) {
        case PickleGlobal::F32:
            break;
        case PickleGlobal::F16:
            found.dtype = DType::F16;
            break;
        case PickleGlobal::BF16:
            found.dtype = DType::BF16;
            break;
        default:
            damaged(ALCOVE_TEXT("engine", "gives a storage a type that is none"));
    }
    countObject();
    m_storages.push_back(found);
    return {m_storages.size() - 1};
}

PickleValue PickleMachine::call(PickleGlobal function, const PickleValues& arguments) {
    switch (function) {
        case PickleGlobal::OrderedDict:
            if (!arguments.empty()) {
                damaged(ALCOVE_TEXT("engine", "makes a dictionary from arguments"));
            }
            return makeDict();
        case PickleGlobal::RebuildTensor:
            return rebuildTensor(arguments);
        case PickleGlobal::RebuildParameter:  // (tensor, requires_grad, hooks)
            if (arguments.size() != 3) {
                damaged(ALCOVE_TEXT("engine", "rebuilds a parameter from the wrong number of arguments"));
            }
            return expect<PickleTensor>(arguments[0], ALCOVE_TEXT("engine", "a tensor"));
        case PickleGlobal::RebuildFromType:
            return rebuildFromType(arguments);
        default:
            damaged(ALCOVE_TEXT("engine", "calls what is no function"));
    }
}

// (storage, offset, size, stride, requires_grad, hooks[, metadata])
PickleTensor PickleMachine::rebuildTensor(const PickleValues& arguments) {
    if (arguments.size() != 6 && arguments.size() != 7) {
        damaged(ALCOVE_TEXT("engine", "rebuilds a tensor from the wrong number of arguments"));
    }
    const Storage& source = m_storages[expect<PickleStorage>(arguments[0], ALCOVE_TEXT("engine", "a storage")).index];
    PickledTensor tensor;
    tensor.storageKey = source.key;
    tensor.dtype = source.dtype;
    tensor.storageSize = source.size;
    tensor.offset = expectCount(arguments[1]);
    tensor.shape = expectCounts(arguments[2]);
    tensor.strides = expectCounts(arguments[3]);
    if (tensor.strides.size() != tensor.shape.size()) {
        damaged(ALCOVE_TEXT("engine", "gives a tensor other strides than dimensions"));
    }
    countObject();
    m_tensors.push_back(std::move(tensor));
    return {m_tensors.size() - 1};
}

// (function, type, arguments, state). The state (attributes set on a tensor in Python) carries no weights and is
// left alone.
PickleValue PickleMachine::rebuildFromType(const PickleValues& arguments) {
    if (arguments.size() != 4 ||
        expect<PickleGlobal>(arguments[1], ALCOVE_TEXT("engine", "a type")) != PickleGlobal::TensorType) {
        damaged(ALCOVE_TEXT("engine", "rebuilds a tensor of an unknown type"));
    }
    const auto inner = expect<PickleGlobal>(arguments[0], ALCOVE_TEXT("engine", "a function"));
    if (inner != PickleGlobal::RebuildTensor && inner != PickleGlobal::RebuildParameter) {
        damaged(ALCOVE_TEXT("engine", "rebuilds a tensor in an unknown way"));
    }
    return call(inner, expectTuple(arguments[2], ALCOVE_TEXT("engine", "a list of arguments")));
}

std::uint64_t PickleMachine::expectCount(const PickleValue& value) const {
    const auto found = expect<std::int64_t>(value, ALCOVE_TEXT("engine", "a number"));
    if (found < 0) {
        damaged(ALCOVE_TEXT("engine", "holds a negative size"));
    }
    return static_cast<std::uint64_t>(found);
}

std::vector<std::uint64_t> PickleMachine::expectCounts(const PickleValue& value) const {
    const PickleValues& tuple = expectTuple(value, ALCOVE_TEXT("engine", "a list of sizes"));
    if (tuple.size() > kMaxRank) {
        damaged(ALCOVE_TEXT("engine", "holds a tensor of too many dimensions"));
    }
    std::vector<std::uint64_t> counts;
    for (const PickleValue& element : tuple) {
        counts.push_back(expectCount(element));
    }
    return counts;
}

std::vector<PickledTensor> readStateDict(std::span<const std::byte> pickle, const std::filesystem::path& file) {
    return PickleMachine(pickle, file).readStateDict();
}

}  // namespace alcove::engine
