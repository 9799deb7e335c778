#include "tests/rig/forward_pass_fixture.h"

#include <algorithm>
#include <stdexcept>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace alcove::tests {

using engine::ForwardPass;
using engine::TokenId;

void addFixtures() {
    QTest::addColumn<QString>("folder");
    const QDir fixtures(QStringLiteral(ALCOVE_FIXTURES));
    for (const QString& name : fixtures.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        if (fixtures.exists(name + QStringLiteral("/expected.json"))) {
            QTest::addRow("%s", qPrintable(name)) << fixtures.filePath(name);
        }
    }
}

Expected readExpected(const QString& folder) {
    QFile file(folder + QStringLiteral("/expected.json"));
    if (!file.open(QIODevice::ReadOnly)) {
        throw std::runtime_error("no expected.json");
    }
    const QJsonObject object = QJsonDocument::fromJson(file.readAll()).object();
    Expected expected;
    for (const QJsonValue& value : object[QStringLiteral("tokens")].toArray()) {
        expected.tokens.push_back(value.toInt());
    }
    for (const QJsonValue& value : object[QStringLiteral("logits_last")].toArray()) {
        expected.logits.push_back(value.toDouble());
    }
    for (const QJsonValue& value : object[QStringLiteral("greedy_next_24")].toArray()) {
        expected.greedy.push_back(value.toInt());
    }
    return expected;
}

std::vector<float> evaluate(ForwardPass& pass, std::span<const TokenId> tokens, std::size_t vocab, std::size_t chunk,
                            std::uint32_t position) {
    std::vector<float> logits(vocab);
    chunk = std::min<std::size_t>(chunk, pass.chunkSize());
    for (std::size_t at = 0; at < tokens.size(); at += chunk) {
        const std::size_t n = std::min(chunk, tokens.size() - at);
        const bool last = at + n == tokens.size();
        pass.evaluate(tokens.subspan(at, n), position + static_cast<std::uint32_t>(at),
                      last ? std::span(logits) : std::span<float>());
    }
    return logits;
}

std::vector<float> evaluateRows(ForwardPass& pass, std::span<const TokenId> tokens, std::size_t vocab,
                                std::size_t chunk) {
    std::vector<float> logits(tokens.size() * vocab);
    chunk = std::min<std::size_t>(chunk, pass.chunkSize());
    for (std::size_t at = 0; at < tokens.size(); at += chunk) {
        const std::size_t n = std::min(chunk, tokens.size() - at);
        pass.evaluate(tokens.subspan(at, n), static_cast<std::uint32_t>(at),
                      std::span(logits).subspan(at * vocab, n * vocab));
    }
    return logits;
}

std::vector<TokenId> greedily(ForwardPass& pass, std::vector<float> logits, std::uint32_t position, std::size_t count) {
    std::vector<TokenId> greedy;
    for (std::size_t i = 0; i < count; ++i) {
        const auto token = static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());
        greedy.push_back(token);
        pass.evaluate(std::span(&token, 1), position++, logits);
    }
    return greedy;
}

std::vector<TokenId> someTokens(std::size_t count, std::uint32_t vocab) {
    std::vector<TokenId> tokens;
    for (std::size_t i = 0; i < count; ++i) {
        tokens.push_back(static_cast<TokenId>((i * 7919 + 1) % vocab));
    }
    return tokens;
}

}  // namespace alcove::tests
