#include "engine/text/sentencepiece_model.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <unordered_set>

#include "engine/error.h"
#include "engine/text/protobuf_reader.h"
#include "engine/text/utf8.h"

namespace alcove::engine {

namespace {

// Field numbers of sentencepiece_model.proto.
constexpr std::uint32_t kModelPieces = 1;
constexpr std::uint32_t kModelTrainer = 2;
constexpr std::uint32_t kModelNormalizer = 3;
constexpr std::uint32_t kModelDenormalizer = 5;
constexpr std::uint32_t kPieceText = 1;
constexpr std::uint32_t kPieceScore = 2;
constexpr std::uint32_t kPieceKind = 3;
constexpr std::uint32_t kTrainerModelType = 3;
constexpr std::uint32_t kTrainerWhitespaceAsSuffix = 24;
constexpr std::uint32_t kTrainerByteFallback = 35;
constexpr std::uint32_t kNormalizerTable = 2;

constexpr std::uint64_t kBpe = 2;
constexpr std::uint32_t kVarint = 0;
constexpr std::uint32_t kBytes = 2;
constexpr std::uint32_t kFourBytes = 5;

// The longest piece of any known vocabulary is far shorter.
constexpr std::size_t kLongestPiece = 4096;

class Reader {
public:
    Reader(std::string_view bytes, const std::string& fileName) : m_bytes(bytes), m_fileName(fileName) {}

    std::vector<VocabularyPiece> read() {
        ProtobufReader reader(m_bytes);
        while (const auto field = reader.next()) {
            const bool known = field->number == kModelPieces || field->number == kModelTrainer ||
                               field->number == kModelNormalizer || field->number == kModelDenormalizer;
            if (known && field->wireType != kBytes) {
                damaged("a field has the wrong type");
            }
            if (field->number == kModelPieces) {
                readPiece(field->bytes);
            } else if (field->number == kModelTrainer) {
                readTrainer(field->bytes);
            } else if (field->number == kModelNormalizer || field->number == kModelDenormalizer) {
                readNormalizer(field->bytes);
            }
        }
        if (reader.damaged()) {
            damaged("the file is cut off or not a SentencePiece model");
        }
        check();
        return std::move(m_pieces);
    }

private:
    [[noreturn]] void damaged(const std::string& what) const {
        throw Error(ErrorCode::FileDamaged, m_fileName + " is damaged: " + what + ".");
    }

    void readPiece(std::string_view bytes) {
        VocabularyPiece piece;
        ProtobufReader reader(bytes);
        const std::string which = "piece " + std::to_string(m_pieces.size());
        while (const auto field = reader.next()) {
            if (field->number == kPieceText && field->wireType == kBytes) {
                piece.text = field->bytes;
            } else if (field->number == kPieceScore && field->wireType == kFourBytes) {
                if (!std::isfinite(std::bit_cast<float>(static_cast<std::uint32_t>(field->value)))) {
                    damaged(which + " has a score that is not a number");
                }
            } else if (field->number == kPieceKind && field->wireType == kVarint) {
                if (field->value < 1 || field->value > 6) {
                    damaged(which + " is of an unknown kind");
                }
                piece.kind = static_cast<PieceKind>(field->value);
            } else if (field->number <= kPieceKind) {
                damaged(which + " has a field of the wrong type");
            }
        }
        if (reader.damaged()) {
            damaged(which + " is cut off");
        }
        if (piece.text.empty() || piece.text.size() > kLongestPiece) {
            damaged(which + " is empty or too long");
        }
        if (!isValidUtf8(piece.text)) {
            damaged(which + " is not valid UTF-8");
        }
        m_pieces.push_back(std::move(piece));
    }

    void readTrainer(std::string_view bytes) {
        ProtobufReader reader(bytes);
        while (const auto field = reader.next()) {
            if (field->number == kTrainerModelType) {
                m_modelType = field->wireType == kVarint ? field->value : 0;
            } else if (field->number == kTrainerByteFallback) {
                m_byteFallback = field->wireType == kVarint && field->value != 0;
            } else if (field->number == kTrainerWhitespaceAsSuffix && field->value != 0) {
                throw Error(ErrorCode::Unsupported, m_fileName +
                                                        " puts spaces after words instead of before them, "
                                                        "which Alcove does not support.");
            }
        }
        if (reader.damaged()) {
            damaged("its training settings are cut off");
        }
    }

    void readNormalizer(std::string_view bytes) const {
        ProtobufReader reader(bytes);
        while (const auto field = reader.next()) {
            if (field->number == kNormalizerTable && (field->wireType != kBytes || !field->bytes.empty())) {
                throw Error(ErrorCode::Unsupported,
                            m_fileName +
                                " rewrites text through a normalisation table, which tokenizers of the LLaMA "
                                "family do not do; Alcove does not support it.");
            }
        }
        if (reader.damaged()) {
            damaged("its normalisation settings are cut off");
        }
    }

    void check() {
        if (m_pieces.empty()) {
            damaged("it holds no pieces");
        }
        if (m_modelType != kBpe) {
            throw Error(ErrorCode::Unsupported,
                        m_fileName +
                            " is not a BPE model; Alcove runs SentencePiece BPE tokenizers, as MobiLlama and "
                            "LLaMA have them.");
        }
        std::unordered_set<std::string_view> seen;
        std::array<bool, 256> bytesSeen = {};
        std::size_t unknowns = 0;
        std::size_t byteCount = 0;
        for (std::size_t id = 0; id < m_pieces.size(); ++id) {
            VocabularyPiece& piece = m_pieces[id];
            const std::string which = "piece " + std::to_string(id);
            if (!seen.insert(piece.text).second) {
                damaged(which + " appears twice");
            }
            if (piece.kind == PieceKind::Unknown) {
                ++unknowns;
            } else if (piece.kind == PieceKind::Byte) {
                piece.byte = byteOf(piece.text, which);
                bytesSeen[piece.byte] = true;
                ++byteCount;
            }
            // A one-character control piece would be chosen for that character wherever it is typed.
            const bool reserved = piece.kind == PieceKind::Unknown || piece.kind == PieceKind::Control;
            if (reserved && scanUtf8(piece.text).length == piece.text.size()) {
                damaged(which + " is a control token of a single character");
            }
        }
        if (unknowns != 1) {
            damaged("it has " + std::to_string(unknowns) + " pieces for unknown text instead of one");
        }
        if (m_byteFallback ? byteCount != bytesSeen.size() : byteCount != 0) {
            damaged("its byte pieces are not complete");
        }
    }

    unsigned char byteOf(const std::string& text, const std::string& which) const {
        for (unsigned value = 0; value < 256; ++value) {
            std::array<char, 8> name = {};
            std::snprintf(name.data(), name.size(), "<0x%02X>", value);
            if (text == name.data()) {
                return static_cast<unsigned char>(value);
            }
        }
        damaged(which + " claims to be a byte but is not named like one");
    }

    std::string_view m_bytes;
    const std::string& m_fileName;
    std::vector<VocabularyPiece> m_pieces;
    std::uint64_t m_modelType = 1;  // the format's default, a unigram model
    bool m_byteFallback = false;
};

}  // namespace

std::vector<VocabularyPiece> readVocabulary(std::string_view bytes, const std::string& fileName) {
    return Reader(bytes, fileName).read();
}

}  // namespace alcove::engine
