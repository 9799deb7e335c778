// SwiftShader takes many times as long as lavapipe. Where one code runs on many cases, it runs on a few of them there.
#pragma once

#include <QtGlobal>

namespace alcove::tests {

[[nodiscard]] inline bool onSlowDriver() {
    return qgetenv("ALCOVE_TEST_DRIVER") == "swiftshader";
}

}  // namespace alcove::tests
