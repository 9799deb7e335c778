// Compiles the kernels once for each vector unit and picks one set when the program runs.
#include "engine/cpu/kernels.h"

#define HWY_WANT_AVX3_DL 1   // AVX-512 with VNNI
#define HWY_BROKEN_EMU128 0  // the portable set, for what has not even SSE4, takes arrays of lanes; HWY_SCALAR does not
// Vectors whose length is unknown to the compiler cannot lie in arrays; such processors have NEON as well. SSSE3 alone
// is only in processors too old for Alcove's drivers.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_SSSE3)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/kernels.cpp"  // NOLINT: Highway's idiom
#include <hwy/foreach_target.h>                      // before highway.h
#include <hwy/highway.h>

#include "engine/cpu/attention-inl.h"
#include "engine/cpu/product-inl.h"
#include "engine/cpu/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace alcove::engine::cpu::HWY_NAMESPACE {

Kernels kernels() {
    return {.target = hwy::TargetName(HWY_TARGET),
            .product = product,
            .rmsNorm = rmsNorm,
            .quantize = quantize,
            .swiglu = swiglu,
            .rotate = rotate,
            .store = store,
            .attend = attend,
            .readAll = readAll};
}

}  // namespace alcove::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace alcove::engine::cpu {

HWY_EXPORT(kernels);

Kernels chosenKernels() {
    return HWY_DYNAMIC_DISPATCH(kernels)();
}

std::vector<std::int64_t> kernelTargets() {
    return hwy::SupportedAndGeneratedTargets();
}

void chooseKernelTarget(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace alcove::engine::cpu
#endif
