#include "engine/checkpoint/sharing.h"

#include <algorithm>
#include <array>
#include <map>

#include "engine/checkpoint/equal_tensors.h"

namespace alcove::engine {

namespace {

// One of the three projections through all layers.
struct ProjectionTensors {
    std::vector<TensorView> present;
    std::vector<std::size_t> groupOfLayer;  // index into `present` of the tensor to keep
    std::optional<std::size_t> missingLayer;
    bool copies = false;   // there are equal tensors in different places
    bool omitted = false;  // a layer has no name of its own
};

ProjectionTensors readProjection(std::span<const NamedFeedForward> layers, const TensorView* NamedFeedForward::*member,
                                 const Cancellation& cancel) {
    ProjectionTensors projection;
    std::optional<std::size_t> firstAbsent;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        if (const TensorView* tensor = layers[layer].*member; tensor != nullptr) {
            projection.present.push_back(*tensor);
        } else if (!firstAbsent) {
            firstAbsent = layer;
        }
    }
    const std::vector<std::size_t> groups = groupByContent(projection.present, cancel);
    const bool allEqual = std::all_of(groups.begin(), groups.end(), [](std::size_t group) { return group == 0; });
    if (firstAbsent && (groups.empty() || !allEqual)) {
        projection.missingLayer = firstAbsent;
        return projection;
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
        projection.copies = projection.copies || !sameStorage(projection.present[i], projection.present[groups[i]]);
    }
    projection.omitted = firstAbsent.has_value();
    std::size_t next = 0;
    for (const NamedFeedForward& layer : layers) {
        projection.groupOfLayer.push_back(layer.*member != nullptr ? groups[next++] : 0);
    }
    return projection;
}

Sharing describe(std::size_t blocks, std::size_t layers, std::span<const ProjectionTensors> projections) {
    if (blocks == layers) {
        return Sharing::None;
    }
    if (blocks > 1) {
        return Sharing::Mixed;
    }
    if (std::any_of(projections.begin(), projections.end(),
                    [](const ProjectionTensors& projection) { return projection.copies; })) {
        return Sharing::EqualContent;
    }
    const bool omitted = std::any_of(projections.begin(), projections.end(),
                                     [](const ProjectionTensors& projection) { return projection.omitted; });
    return omitted ? Sharing::SingleName : Sharing::SameStorage;
}

}  // namespace

FeedForwards shareFeedForwards(std::span<const NamedFeedForward> layers, const Cancellation& cancel) {
    const std::array<ProjectionTensors, 3> projections = {readProjection(layers, &NamedFeedForward::gate, cancel),
                                                          readProjection(layers, &NamedFeedForward::up, cancel),
                                                          readProjection(layers, &NamedFeedForward::down, cancel)};
    FeedForwards result;
    constexpr std::array<Projection, 3> kProjections = {Projection::Gate, Projection::Up, Projection::Down};
    for (std::size_t i = 0; i < projections.size(); ++i) {
        if (projections[i].missingLayer) {
            result.missing = {*projections[i].missingLayer, kProjections[i]};
            return result;
        }
    }
    const auto& [gate, up, down] = projections;
    std::map<std::array<std::size_t, 3>, std::size_t> known;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const std::array<std::size_t, 3> key = {gate.groupOfLayer[layer], up.groupOfLayer[layer],
                                                down.groupOfLayer[layer]};
        const auto [place, added] = known.emplace(key, result.blocks.size());
        if (added) {
            result.blocks.push_back({gate.present[key[0]], up.present[key[1]], down.present[key[2]]});
        }
        result.blockOfLayer.push_back(place->second);
    }
    result.sharing = describe(result.blocks.size(), layers.size(), projections);
    return result;
}

}  // namespace alcove::engine
