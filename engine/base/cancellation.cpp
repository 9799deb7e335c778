#include "engine/base/cancellation.h"

#include "engine/base/error.h"

namespace alcove::engine {

void Cancellation::check(TranslatableText sentence) const {
    if (requested()) {
        throw Error(ErrorCode::Cancelled, sentence);
    }
}

}  // namespace alcove::engine
