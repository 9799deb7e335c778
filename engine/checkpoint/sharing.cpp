#include "engine/checkpoint/sharing.h"

#include <algorithm>
#include <array>
#include <map>

#include "engine/checkpoint/equal_tensors.h"

namespace alcove::engine {

namespace {

// One of the three projections through all layers.
struct Column {
    std::vector<TensorView> present;
    std::vector<std::size_t> groupOfLayer;  // index into `present` of the copy to keep
    std::optional<std::size_t> missingLayer;
    bool copies = false;   // equal tensors in different places
    bool omitted = false;  // a layer has no name of its own
};

Column readColumn(std::span<const NamedFeedForward> layers, const TensorView* NamedFeedForward::*projection) {
    Column column;
    std::optional<std::size_t> firstAbsent;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        if (const TensorView* tensor = layers[layer].*projection; tensor != nullptr) {
            column.present.push_back(*tensor);
        } else if (!firstAbsent) {
            firstAbsent = layer;
        }
    }
    const std::vector<std::size_t> groups = groupByContent(column.present);
    const bool allEqual = std::all_of(groups.begin(), groups.end(), [](std::size_t group) { return group == 0; });
    if (firstAbsent && (groups.empty() || !allEqual)) {
        column.missingLayer = firstAbsent;
        return column;
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
        column.copies = column.copies || !sameStorage(column.present[i], column.present[groups[i]]);
    }
    column.omitted = firstAbsent.has_value();
    std::size_t next = 0;
    for (const NamedFeedForward& layer : layers) {
        column.groupOfLayer.push_back(layer.*projection != nullptr ? groups[next++] : 0);
    }
    return column;
}

Sharing describe(std::size_t blocks, std::size_t layers, std::span<const Column> columns) {
    if (blocks == layers) {
        return Sharing::None;
    }
    if (blocks > 1) {
        return Sharing::Mixed;
    }
    if (std::any_of(columns.begin(), columns.end(), [](const Column& column) { return column.copies; })) {
        return Sharing::EqualContent;
    }
    const bool omitted =
        std::any_of(columns.begin(), columns.end(), [](const Column& column) { return column.omitted; });
    return omitted ? Sharing::SingleName : Sharing::SameStorage;
}

}  // namespace

FeedForwards shareFeedForwards(std::span<const NamedFeedForward> layers) {
    const std::array<Column, 3> columns = {readColumn(layers, &NamedFeedForward::gate),
                                           readColumn(layers, &NamedFeedForward::up),
                                           readColumn(layers, &NamedFeedForward::down)};
    FeedForwards result;
    constexpr std::array<Projection, 3> kProjections = {Projection::Gate, Projection::Up, Projection::Down};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].missingLayer) {
            result.missing = {*columns[i].missingLayer, kProjections[i]};
            return result;
        }
    }
    const auto& [gate, up, down] = columns;
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
    result.sharing = describe(result.blocks.size(), layers.size(), columns);
    return result;
}

}  // namespace alcove::engine
