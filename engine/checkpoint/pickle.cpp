#include "engine/checkpoint/pickle.h"

#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "engine/checkpoint/pickle_machine.h"
#include "engine/checkpoint/tensor_shape.h"
#include "engine/files/sentence.h"

namespace alcove::engine {

namespace {

struct NamedGlobal {
    std::string_view name;
    PickleGlobal global;
};

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

struct Storage {
    std::string_view key;
    DType dtype;
    std::uint64_t size;
};

// Gives the machine's globals, persistent ids and calls the one meaning they have in a state dict.
class StateDictReader final : private PickleMachine {
public:
    StateDictReader(std::span<const std::byte> pickle, const std::filesystem::path& file)
        : PickleMachine(pickle, file), m_file(file) {}

    std::vector<PickledTensor> read() {
        const PickleItems& dict = expectDict(run(), "a dictionary of tensors");
        std::set<std::string_view> names;
        std::vector<PickledTensor> tensors;
        for (const auto& [key, value] : dict) {
            const auto name = expect<std::string_view>(key, "the name of a tensor");
            const PickleTensor* tensor = std::get_if<PickleTensor>(&value);
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

private:
    PickleGlobal global(std::string_view module, std::string_view member) const override {
        const std::string name = std::string(module) + "." + std::string(member);
        for (const NamedGlobal& known : kGlobals) {
            if (known.name == name) {
                return known.global;
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

    // ('storage', type, key, location, element count)
    PickleStorage storage(const PickleValues& id) override {
        if (id.size() != 5 || expect<std::string_view>(id[0], "the word storage") != "storage") {
            damaged("refers to something other than a storage");
        }
        Storage found = {expect<std::string_view>(id[2], "a key"), DType::F32, expectCount(id[4])};
        switch (expect<PickleGlobal>(id[1], "a storage type")) {
            case PickleGlobal::F32:
                break;
            case PickleGlobal::F16:
                found.dtype = DType::F16;
                break;
            case PickleGlobal::BF16:
                found.dtype = DType::BF16;
                break;
            default:
                damaged("gives a storage a type that is none");
        }
        countObject();
        m_storages.push_back(found);
        return {m_storages.size() - 1};
    }

    PickleValue call(PickleGlobal function, const PickleValues& arguments) override {
        switch (function) {
            case PickleGlobal::OrderedDict:
                if (!arguments.empty()) {
                    damaged("makes a dictionary from arguments");
                }
                return makeDict();
            case PickleGlobal::RebuildTensor:
                return rebuildTensor(arguments);
            case PickleGlobal::RebuildParameter:  // (tensor, requires_grad, hooks)
                if (arguments.size() != 3) {
                    damaged("rebuilds a parameter from the wrong number of arguments");
                }
                return expect<PickleTensor>(arguments[0], "a tensor");
            case PickleGlobal::RebuildFromType:
                return rebuildFromType(arguments);
            default:
                damaged("calls what is no function");
        }
    }

    // (storage, offset, size, stride, requires_grad, hooks[, metadata])
    PickleTensor rebuildTensor(const PickleValues& arguments) {
        if (arguments.size() != 6 && arguments.size() != 7) {
            damaged("rebuilds a tensor from the wrong number of arguments");
        }
        const Storage& source = m_storages[expect<PickleStorage>(arguments[0], "a storage").index];
        PickledTensor tensor;
        tensor.storageKey = source.key;
        tensor.dtype = source.dtype;
        tensor.storageSize = source.size;
        tensor.offset = expectCount(arguments[1]);
        tensor.shape = expectCounts(arguments[2]);
        tensor.strides = expectCounts(arguments[3]);
        if (tensor.strides.size() != tensor.shape.size()) {
            damaged("gives a tensor other strides than dimensions");
        }
        countObject();
        m_tensors.push_back(std::move(tensor));
        return {m_tensors.size() - 1};
    }

    // (function, type, arguments, state). The state (attributes set on a tensor in Python) carries no weights and is
    // left alone.
    PickleValue rebuildFromType(const PickleValues& arguments) {
        if (arguments.size() != 4 || expect<PickleGlobal>(arguments[1], "a type") != PickleGlobal::TensorType) {
            damaged("rebuilds a tensor of an unknown type");
        }
        const auto inner = expect<PickleGlobal>(arguments[0], "a function");
        if (inner != PickleGlobal::RebuildTensor && inner != PickleGlobal::RebuildParameter) {
            damaged("rebuilds a tensor in an unknown way");
        }
        return call(inner, expectTuple(arguments[2], "a list of arguments"));
    }

    std::uint64_t expectCount(const PickleValue& value) const {
        const auto found = expect<std::int64_t>(value, "a number");
        if (found < 0) {
            damaged("holds a negative size");
        }
        return static_cast<std::uint64_t>(found);
    }

    std::vector<std::uint64_t> expectCounts(const PickleValue& value) const {
        const PickleValues& tuple = expectTuple(value, "a list of sizes");
        if (tuple.size() > kMaxRank) {
            damaged("holds a tensor of too many dimensions");
        }
        std::vector<std::uint64_t> counts;
        for (const PickleValue& element : tuple) {
            counts.push_back(expectCount(element));
        }
        return counts;
    }

    const std::filesystem::path& m_file;
    std::vector<Storage> m_storages;
    std::vector<PickledTensor> m_tensors;
};

}  // namespace

std::vector<PickledTensor> readStateDict(std::span<const std::byte> pickle, const std::filesystem::path& file) {
    return StateDictReader(pickle, file).read();
}

}  // namespace alcove::engine
