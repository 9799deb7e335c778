// What the shaders and the C++ that drives them must agree on: limits, layouts, push constants and specialisation
// constants. Read by both compilers.
//
// A word is 16 bytes; all buffers are read in words. A lane is one of the ALCOVE_LANES (8) neighbouring invocations
// that compute a tile of ALCOVE_TILE_ROWS (32) rows together. Where a work group has more invocations, each eight of
// them take a share of the columns (project.comp) or of the tokens (project_tiled.comp).
//
// Weights [rows, columns]. A row consists of blocks of 32 columns; quantised types have a scale for each block, and
// gather eight blocks and their scales into a group. Rows are filled with zeros up to whole blocks or groups, matrices
// to whole tiles. A row's words are those of its blocks, then (quantised types) one word of eight 16-bit scales for
// each group:
//
//   type    words of a block    a word holds
//   F32     8                   4 columns
//   F16     4                   8 columns
//   BF16    4                   8 columns
//   Q8_0    2                   16 columns
//   Q4_0    1                   32 columns: bytes of two nibbles, of columns j and j + 16, as in GGUF
//
// A tile interleaves its rows word by word: word 0 of all 32 rows, word 1 of all 32 rows, and so on, so that lanes
// reading the same word of different rows read neighbouring memory. Row 4 · lane + r (r from 0 to 3) of a tile belongs
// to lane `lane`, and is in place 8 · r + lane:
//
//   word w of the row in place p of tile t is at  t · tileWords + w · 32 + p
//
// Activations of a token are floats, column after column, or bytes with scales: for each group of eight blocks 16 words
// with the 256 signed bytes, then four words with two floats for each block, (scale, scale · sum of the block's bytes).
// The sum is what has to be taken off for nibbles, which stand for -8 to 7 and are stored as 0 to 15.
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

// Words (of 4 bytes) of the sampling kernels' memory, for each row of logits: a head of so many, a part of so many for
// each slice, then a list of tokens with room for the vocabulary. See common/sampling.glsl.
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
