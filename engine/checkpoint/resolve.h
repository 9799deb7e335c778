// From named tensors and a declared configuration to a checked model.
#pragma once

#include "engine/base/cancellation.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/config_reader.h"
#include "engine/checkpoint/tensor_table.h"

namespace alcove::engine {

struct ResolvedModel {
    ModelConfig config;
    ModelWeights weights;
    Sharing sharing = Sharing::None;
};

// Every tensor is found by name, every shape checked against the others, and the config against the shapes. Throws
// Error{FileDamaged} naming the missing tensor, or both figures of a contradiction; Error{Unsupported} for biases and
// tensors of other architectures; Error{Cancelled}.
[[nodiscard]] ResolvedModel resolveModel(const TensorTable& table, const DeclaredConfig& declared,
                                         const Cancellation& cancel = {});

}  // namespace alcove::engine
