#include "engine/text/sentencepiece_model.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <unordered_set>

#include "engine/base/error.h"
#include "engine/text/protobuf_reader.h"
#include "engine/text/protobuf_writer.h"
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
constexpr std::uint32_t kNormalizerName = 1;
constexpr std::uint32_t kNormalizerTable = 2;
constexpr std::uint32_t kNormalizerAddSpace = 3;
constexpr std::uint32_t kNormalizerRemoveSpaces = 4;
constexpr std::uint32_t kNormalizerEscapeSpaces = 5;

constexpr std::uint64_t kBpe = 2;
constexpr std::uint32_t kVarint = 0;
constexpr std::uint32_t kBytes = 2;
constexpr std::uint32_t kFourBytes = 5;

// The longest piece of any known vocabulary is far shorter.
constexpr std::size_t kLongestPiece = 4096;

class ModelReader {
public:
    ModelReader(std::string_view bytes, const std::string& fileName) : m_bytes(bytes), m_fileName(fileName) {}

    Vocabulary read() {
        ProtobufReader reader(m_bytes);
        while (const auto field = reader.next()) {
            const bool known = field->number == kModelPieces || field->number == kModelTrainer ||
                               field->number == kModelNormalizer || field->number == kModelDenormalizer;
            if (known && field->wireType != kBytes) {
                damaged(ALCOVE_TEXT("engine", "a field has the wrong type"));
            }
            if (field->number == kModelPieces) {
                readPiece(field->bytes);
            } else if (field->number == kModelTrainer) {
                readTrainer(field->bytes);
            } else if (field->number == kModelNormalizer || field->number == kModelDenormalizer) {
                readNormalizer(field->bytes, field->number == kModelNormalizer);
            }
        }
        if (reader.damaged()) {
            damaged(ALCOVE_TEXT("engine", "the file is cut off or not a SentencePiece model"));
        }
        check();
        return std::move(m_vocabulary);
    }

private:
    [[noreturn]] void damaged(const Sentence& what) const {
        throw Error(ErrorCode::FileDamaged, ALCOVE_TEXT("engine", "%1 is damaged: %2."), m_fileName, what);
    }

    void readPiece(std::string_view bytes) {
        VocabularyPiece piece;
        ProtobufReader reader(bytes);
        const std::size_t which = m_vocabulary.pieces.size();
        while (const auto field = reader.next()) {
            if (field->number == kPieceText && field->wireType == kBytes) {
                piece.text = field->bytes;
            } else if (field->number == kPieceScore && field->wireType == kFourBytes) {
                piece.score = std::bit_cast<float>(static_cast<std::uint32_t>(field->value));
                if (!std::isfinite(piece.score)) {
                    damaged({ALCOVE_TEXT("engine", "piece %1 has a score that is not a number"), which});
                }
            } else if (field->number == kPieceKind && field->wireType == kVarint) {
                if (field->value < 1 || field->value > 6) {
                    damaged({ALCOVE_TEXT("engine", "piece %1 is of an unknown kind"), which});
                }
                piece.kind = static_cast<PieceKind>(field->value);
            } else if (field->number <= kPieceKind) {
                damaged({ALCOVE_TEXT("engine", "piece %1 has a field of the wrong type"), which});
            }
        }
        if (reader.damaged()) {
            damaged({ALCOVE_TEXT("engine", "piece %1 is cut off"), which});
        }
        if (piece.text.empty() || piece.text.size() > kLongestPiece) {
            damaged({ALCOVE_TEXT("engine", "piece %1 is empty or too long"), which});
        }
        if (!isValidUtf8(piece.text)) {
            damaged({ALCOVE_TEXT("engine", "piece %1 is not valid UTF-8"), which});
        }
        m_vocabulary.pieces.push_back(std::move(piece));
    }

    void readTrainer(std::string_view bytes) {
        ProtobufReader reader(bytes);
        while (const auto field = reader.next()) {
            if (field->number == kTrainerModelType) {
                m_modelType = field->wireType == kVarint ? field->value : 0;
            } else if (field->number == kTrainerByteFallback) {
                m_vocabulary.byteFallback = field->wireType == kVarint && field->value != 0;
            } else if (field->number == kTrainerWhitespaceAsSuffix && field->value != 0) {
                throw Error(
                    ErrorCode::Unsupported,
                    ALCOVE_TEXT("engine",
                                "%1 puts spaces after words instead of before them, which Alcove does not support."),
                    m_fileName);
            }
        }
        if (reader.damaged()) {
            damaged(ALCOVE_TEXT("engine", "its training settings are cut off"));
        }
    }

    void readNormalizer(std::string_view bytes, bool beforeEncoding) {
        ProtobufReader reader(bytes);
        while (const auto field = reader.next()) {
            if (field->number == kNormalizerTable && (field->wireType != kBytes || !field->bytes.empty())) {
                throw Error(ErrorCode::Unsupported,
                            ALCOVE_TEXT("engine",
                                        "%1 rewrites text through a normalisation table, which tokenizers of the LLaMA "
                                        "family do not do; Alcove does not support it."),
                            m_fileName);
            }
            if (beforeEncoding && field->number == kNormalizerAddSpace && field->wireType == kVarint) {
                m_vocabulary.addSpacePrefix = field->value != 0;
            } else if (beforeEncoding && field->number == kNormalizerRemoveSpaces && field->wireType == kVarint) {
                m_vocabulary.removeExtraSpaces = field->value != 0;
            }
        }
        if (reader.damaged()) {
            damaged(ALCOVE_TEXT("engine", "its normalisation settings are cut off"));
        }
    }

    void check() {
        if (m_vocabulary.pieces.empty()) {
            damaged(ALCOVE_TEXT("engine", "it holds no pieces"));
        }
        if (m_modelType != kBpe) {
            throw Error(ErrorCode::Unsupported,
                        ALCOVE_TEXT("engine",
                                    "%1 is not a BPE model; Alcove runs SentencePiece BPE tokenizers, as MobiLlama and "
                                    "LLaMA have them."),
                        m_fileName);
        }
        std::unordered_set<std::string_view> seen;
        std::array<bool, 256> bytesSeen = {};
        std::size_t unknowns = 0;
        std::size_t byteCount = 0;
        for (std::size_t id = 0; id < m_vocabulary.pieces.size(); ++id) {
            VocabularyPiece& piece = m_vocabulary.pieces[id];
            if (!seen.insert(piece.text).second) {
                damaged({ALCOVE_TEXT("engine", "piece %1 appears twice"), id});
            }
            if (piece.kind == PieceKind::Unknown) {
                ++unknowns;
            } else if (piece.kind == PieceKind::Byte) {
                piece.byte = byteOf(piece.text, id);
                bytesSeen[piece.byte] = true;
                ++byteCount;
            }
            // A one-character control piece would be chosen for that character wherever it is typed.
            const bool reserved = piece.kind == PieceKind::Unknown || piece.kind == PieceKind::Control;
            if (reserved && scanUtf8(piece.text).length == piece.text.size()) {
                damaged({ALCOVE_TEXT("engine", "piece %1 is a control token of a single character"), id});
            }
        }
        if (unknowns != 1) {
            damaged({ALCOVE_TEXT("engine", "it has %1 pieces for unknown text instead of one"), unknowns});
        }
        if (m_vocabulary.byteFallback ? byteCount != bytesSeen.size() : byteCount != 0) {
            damaged(ALCOVE_TEXT("engine", "its byte pieces are not complete"));
        }
    }

    unsigned char byteOf(const std::string& text, std::size_t which) const {
        for (unsigned value = 0; value < 256; ++value) {
            std::array<char, 8> name = {};
            std::snprintf(name.data(), name.size(), "<0x%02X>", value);
            if (text == name.data()) {
                return static_cast<unsigned char>(value);
            }
        }
        damaged({ALCOVE_TEXT("engine", "piece %1 claims to be a byte but is not named like one"), which});
    }

    std::string_view m_bytes;
    const std::string& m_fileName;
    Vocabulary m_vocabulary;
    std::uint64_t m_modelType = 1;  // the format's default, a unigram model
};

}  // namespace

Vocabulary readVocabulary(std::string_view bytes, const std::string& fileName) {
    return ModelReader(bytes, fileName).read();
}

std::string writeVocabulary(const Vocabulary& vocabulary) {
    ProtobufWriter model;
    for (const VocabularyPiece& piece : vocabulary.pieces) {
        ProtobufWriter field;
        field.bytes(kPieceText, piece.text);
        field.real(kPieceScore, piece.score);
        field.number(kPieceKind, static_cast<std::uint64_t>(piece.kind));
        model.bytes(kModelPieces, field.text());
    }
    ProtobufWriter trainer;
    trainer.number(kTrainerModelType, kBpe);
    trainer.number(kTrainerByteFallback, vocabulary.byteFallback ? 1 : 0);
    model.bytes(kModelTrainer, trainer.text());
    ProtobufWriter normalizer;
    normalizer.bytes(kNormalizerName, "identity");
    normalizer.number(kNormalizerAddSpace, vocabulary.addSpacePrefix ? 1 : 0);
    normalizer.number(kNormalizerRemoveSpaces, vocabulary.removeExtraSpaces ? 1 : 0);
    normalizer.number(kNormalizerEscapeSpaces, 1);
    model.bytes(kModelNormalizer, normalizer.text());
    return model.text();
}

}  // namespace alcove::engine
