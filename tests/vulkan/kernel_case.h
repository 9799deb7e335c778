// How a kernel that is tested was made, and its error bound against the reference in double precision.
#pragma once

#include <algorithm>

#include <QTest>

#include "tests/rig/verify_close.h"
#include "tests/vulkan/kernel_fixture.h"

namespace alcove::tests {

inline constexpr float kEpsilon = 1e-5F;    // of RMSNorm
inline constexpr double kByteBound = 5e-4;  // on the normalised error of outputs of eight bits

struct KernelCase {
    KernelFixture::Shape shape;
    engine::DType dtype;
    engine::vulkan::ActivationType type;
};

[[nodiscard]] inline double productBound(engine::vulkan::ActivationType type) {
    return type == engine::vulkan::ActivationType::Bytes ? kByteBound : reference::kProductBound;
}

[[nodiscard]] inline reference::Table someRows(const reference::Table& table, std::size_t from, std::size_t count) {
    reference::Table result(count, table.columns);
    std::copy_n(table.values.begin() + static_cast<std::ptrdiff_t>(from * table.columns), count * table.columns,
                result.values.begin());
    return result;
}

}  // namespace alcove::tests

Q_DECLARE_METATYPE(alcove::tests::KernelCase)
