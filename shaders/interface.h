// What the shaders and the C++ that drives them must agree on: limits, layouts, push constants and specialisation
// constants. Read by both compilers.
//
// A word is 16 bytes: every buffer is read in words. A lane is one of the ALCOVE_LANES invocations that share a tile
// of ALCOVE_TILE_ROWS rows; invocations beyond those split the columns among them.
//
// Weights [rows, columns] lie in tiles of 32 rows. A tile holds, for each word column of a row, the words of its 32
// rows beside each other, then (quantised types) words of eight scales likewise: lanes that own neighbouring rows read
// neighbouring words. A block is 32 columns; rows end with whole blocks, those of quantised types with whole groups
// of eight blocks. What lies beyond the true size is zero.
//
//   type    words of a block    a word is
//   F32     8                   4 columns
//   F16     4                   8 columns
//   BF16    4                   8 columns
//   Q8_0    2                   16 columns, and 1/8 word of scales
//   Q4_0    1                   32 columns, nibbles (j, j + 16) in a byte as in GGUF, and 1/8 word of scales
//
// Activations of a token are floats, or blocks of eight bits: for each group of eight blocks 16 words of 256 signed
// bytes, then four words with a pair (scale, scale · sum of the bytes) for each block.
#ifndef ALCOVE_SHADERS_INTERFACE_H
#define ALCOVE_SHADERS_INTERFACE_H

// Tier 0: no shader needs more, unless its name shows it.
#define ALCOVE_MAX_INVOCATIONS 128
#define ALCOVE_MAX_SHARED_BYTES 16384
#define ALCOVE_MAX_PUSH_BYTES 128
#define ALCOVE_MAX_BINDINGS 8

#define ALCOVE_LANES 8
#define ALCOVE_TILE_ROWS 32
#define ALCOVE_BLOCK 32
#define ALCOVE_GROUP_BLOCKS 8
#define ALCOVE_GROUP_ACTIVATION_WORDS 20

// Sums of squares of a token, one for each block: rounded up to this many, so that every lane reads whole words.
#define ALCOVE_SQUARES_ALIGN 32

// Tokens of one submission.
#define ALCOVE_MAX_CHUNK 256

// Positions of a head that share a run of words in the cache of keys.
#define ALCOVE_KEY_TILE 32
// Invocations of an attention work group that works through shared memory, and the blocks of a head it takes.
#define ALCOVE_ATTENTION_INVOCATIONS 64
#define ALCOVE_MAX_HEAD_BLOCKS 8
#define ALCOVE_MAX_HEAD_DIM 256

// Tokens of one step of decoding: the newest token and a draft.
#define ALCOVE_MAX_STEP_TOKENS 8

// Invocations of a sampling work group, and tokens of the vocabulary that it looks through.
#define ALCOVE_SAMPLE_INVOCATIONS 128
#define ALCOVE_SAMPLE_SLICE 2048

// What the device returns instead of a token if a logit is NaN or +inf, or none is finite.
#define ALCOVE_NO_TOKEN 0xffffffffu

// Words of the sampling kernels' memory, for each row of logits: a head, a part for each slice, and a list of
// tokens with room for the vocabulary.
#define ALCOVE_SAMPLE_HEAD_WORDS 4
#define ALCOVE_SAMPLE_PART_WORDS 8

#define ALCOVE_PROBE_INVOCATIONS 64
#define ALCOVE_PROBE_UNROLLED 16

// What a projection does with its sums.
#define ALCOVE_EPILOGUE_STORE 0
#define ALCOVE_EPILOGUE_ROPE 1
#define ALCOVE_EPILOGUE_RESIDUAL 2
#define ALCOVE_EPILOGUE_SWIGLU 3

#ifdef __cplusplus
#include <cstdint>
namespace alcove::engine::vulkan {
using uint = std::uint32_t;
#endif

// Where the next pass stands: a storage buffer that the host fills before a prompt's chunk or a run of decoding, and
// that the sampling kernel advances by one token after each step of one token, so that recorded commands can be
// replayed. Every token so far is history[0 .. historyLength - 1) followed by tokens[0]; the sampling kernels append
// tokens[0] to the history. Only `position` and `tokens` matter to a prompt.
struct DecodeState {
    uint position;  // of tokens[0]
    uint step;      // number of the draw that the logits of tokens[0] are for
    uint seedLow;
    uint seedHigh;
    float temperature;  // 0: greedy
    uint topK;          // 0: off
    float topP;
    float minP;
    float penalty;
    uint window;
    uint vocab;
    uint stepTokens;     // of a step of decoding, 1 to ALCOVE_MAX_STEP_TOKENS
    uint historyLength;  // tokens so far, with tokens[0] and without a draft
    float perNat;        // log2(e) / temperature: what one unit of logit is worth in powers of two
    uint reserved[2];
    uint tokens[ALCOVE_MAX_CHUNK];  // inputs of the pass; in decoding the newest token, then a draft
};

struct SamplePush {
    uint pitch;         // floats from one row of logits to the next
    uint slices;        // of the vocabulary
    uint rowWords;      // of the sampling kernels' memory, from one row to the next
    uint historyWords;  // that fit into the history
    uint ringWords;
    uint advance;  // 1: the state advances by one token; 0: it stays
};

struct EmbedPush {
    uint tileWords;   // of a tile of the table
    uint blockCount;  // of a row of it
    uint firstRow;    // the vocabulary rows that this part of the matrix holds
    uint rows;
    uint pitch;            // floats from one token to the next in x
    uint activationPitch;  // words from one token to the next in z
    uint squaresPitch;     // floats from one token to the next
    uint gammaStart;       // words before the norm's weights
};

// The sums of Y[token][row] = scale(token) · Σ W[row][i] · X[token][i], scale being that of RMSNorm where there are
// sums of squares of X. See project.comp for what each epilogue makes of them.
struct ProjectPush {
    uint tileWords;     // of a tile of W
    uint groups;        // of a row of W: of eight blocks for quantised types, of one block for the others
    uint firstTile;     // of the matrix, in this part
    uint rows;          // of the matrix
    uint firstToken;    // row of X that belongs to row 0 of Y
    uint tokens;        // n
    uint inputPitch;    // words from one token to the next in X
    uint squaresPitch;  // words from one token to the next in the sums of squares of X
    uint squaresCount;  // elements of X that they are of; 0: X is taken as it is
    float epsilon;
    uint outputPitch;   // floats of a row of Y, x or Q; SWIGLU: floats or words of a row
    uint nextPitch;     // RESIDUAL: floats or words of a row of z
    uint nextSquares;   // RESIDUAL: floats of a row of its sums of squares
    uint gammaStart;    // RESIDUAL: words before the weights of the norm that comes next
    uint headBlocks;    // ROPE: blocks of a head
    uint headDim;       // ROPE
    uint queryHeads;    // ROPE
    uint kvHeads;       // ROPE
    uint contextTiles;  // ROPE: positions of the cache, in tiles
};

struct AttentionPush {
    uint tokens;       // n
    uint queryPitch;   // words of a row of Q
    uint outputPitch;  // floats or words of a row of the output
    uint headsPerKvHead;
    uint kvHeads;
    uint headBlocks;    // of 32 dimensions
    uint contextTiles;  // positions of the cache, in tiles
    uint headDim;
    float scale;  // 1 / sqrt(headDim)
};

// Floats to eight-bit activations.
struct QuantizePush {
    uint blocks;       // of a row
    uint inputPitch;   // words
    uint outputPitch;  // words
};

struct ProbePush {
    uint wordsPerInvocation;  // 16-byte words, a multiple of ALCOVE_PROBE_UNROLLED
};

#ifdef __cplusplus
}  // namespace alcove::engine::vulkan
#endif

#endif
