// What a person is told of a failed download.
#pragma once

#include <QString>

#include "app/fetch/messages/failure.h"

namespace alcove {

// A sentence or two: what happened, and what can be done. `what` is the name of the file or repository.
[[nodiscard]] QString failureText(const FetchFailure& failure, const QString& what);

}  // namespace alcove
