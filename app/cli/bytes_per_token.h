// What one decoded token reads from memory.
#pragma once

#include <cstdint>

#include "engine/checkpoint/checkpoint.h"
#include "engine/model/forward_pass.h"

namespace alcove::cli {

// Bytes that a forward pass reads for one token while `positions` positions are in the KV cache: the
// matrices of every layer in the checkpoint's dtype, the feed-forward block once for each layer even if it is
// shared (it is read again for each layer), all norms in f32, one row of the embedding, the output matrix, and the keys
// and values of `positions` positions. Activations stay in caches and are not counted.
[[nodiscard]] double bytesPerToken(const engine::Checkpoint& checkpoint, const engine::ForwardPass& forwardPass,
                                   double positions);

}  // namespace alcove::cli
