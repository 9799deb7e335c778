// What the shaders and the C++ that drives them must agree on: limits, bindings, push constants and
// specialisation constants. Read by both compilers.
//
// Matrices are stored row by row. A row of weights is a whole number of 16-byte words of eight elements each
// (two words for F32), a row of activations a whole number of blocks of eight floats; what lies beyond the
// true size is zero. "Blocks" below counts groups of eight elements.
#ifndef ALCOVE_SHADERS_INTERFACE_H
#define ALCOVE_SHADERS_INTERFACE_H

// Tier 0: what Vulkan 1.1 promises of every device. No shader asks for more.
#define ALCOVE_MAX_INVOCATIONS 128
#define ALCOVE_MAX_SHARED_BYTES 16384
#define ALCOVE_MAX_PUSH_BYTES 128
#define ALCOVE_MAX_BINDINGS 4

// Storage buffers are bindings 0 to 3, named by each shader. The state, a small uniform buffer that the host
// writes before each submission, is binding 4.
#define ALCOVE_STATE_BINDING 4
#define ALCOVE_MAX_CHUNK 256

// Elements of a block.
#define ALCOVE_BLOCK 8

// Invocations of an attention work group; a head's dimensions, in fours, never exceed them.
#define ALCOVE_ATTENTION_INVOCATIONS 64
#define ALCOVE_MAX_HEAD_DIM 256

#define ALCOVE_ELEMENTWISE_INVOCATIONS 64
#define ALCOVE_NORM_INVOCATIONS 64
#define ALCOVE_SAMPLE_INVOCATIONS 128
#define ALCOVE_PROBE_INVOCATIONS 64
#define ALCOVE_PROBE_UNROLLED 16

// Columns of one step of decoding: the newest token and a draft.
#define ALCOVE_MAX_COLUMNS 8

// Tokens of the vocabulary that one work group of the sampling kernels looks through.
#define ALCOVE_SAMPLE_SLICE 2048

// What the device says instead of a token if a logit is NaN or +inf, or none is finite.
#define ALCOVE_NO_TOKEN 0xffffffffu

// Words of the sampling kernels' memory, for each row of logits: a head, a part for each slice, and a list of
// tokens with room for the vocabulary.
#define ALCOVE_SAMPLE_HEAD_WORDS 4
#define ALCOVE_SAMPLE_PART_WORDS 8

#ifdef __cplusplus
#include <cstdint>
namespace alcove::engine::vulkan {
using uint = std::uint32_t;

struct State {
    uint position;  // of the first token of the chunk
    uint reserved[3];
    uint tokens[ALCOVE_MAX_CHUNK];
};
#else
// std140 packs arrays of scalars loosely, so tokens come four at a time.
#define ALCOVE_STATE_BLOCK                                          \
    layout(set = 0, binding = ALCOVE_STATE_BINDING) uniform State { \
        uint position;                                              \
        uvec4 tokens[ALCOVE_MAX_CHUNK / 4];                         \
    }                                                               \
    state;
#endif

struct EmbedPush {
    uint blocks;    // of a row
    uint firstRow;  // the vocabulary rows that this part of the matrix holds
    uint rows;
};

struct RmsNormPush {
    uint size;         // h
    uint pitch;        // floats from one token to the next, in and out
    uint weightStart;  // floats before this norm's weights
    uint firstToken;   // input row of the first output row
    float epsilon;
};

// Y[token][firstOutput + row] (+)= sum over i of W[row][i] * X[token][i]
struct MatmulPush {
    uint rows;         // of this part of the matrix
    uint blocks;       // of a row of W and of X
    uint tokens;       // n
    uint outputPitch;  // floats from one token to the next in Y
    uint firstOutput;  // where row 0 of this part goes
    uint accumulate;   // 1: add to Y, 0: overwrite it
};

struct RopePush {
    uint pitch;           // floats from one token's query, key and value to the next
    uint firstQueryHead;  // the heads that this part of the cache serves
    uint queryHeads;
    uint firstKvHead;
    uint kvHeads;
    uint totalQueryHeads;  // of a token's row: queries first, then keys, then values
    uint totalKvHeads;
    uint headDim;
    uint cachePitch;   // floats from one position to the next in the cache
    uint contextSize;  // positions of one head in the cache
};

struct AttentionPush {
    uint pitch;        // floats from one token's queries to the next
    uint outputPitch;  // floats from one token's output to the next
    uint firstQueryHead;
    uint headsPerKvHead;
    uint headDim;
    uint cachePitch;
    uint contextSize;
    float scale;  // 1 / sqrt(headDim)
};

struct SwigluPush {
    uint size;        // f
    uint inputPitch;  // of a row that holds gate, then up
    uint outputPitch;
};

// Where a run of decoding is: a storage buffer that the host writes when the run begins, and that the sampling kernel
// takes one token further after each step of one column, so that recorded commands can be replayed. Every token so
// far is history[0 .. historyLength - 1) followed by tokens[0]; the sampling kernels append tokens[0] to the history.
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
    uint columns;        // 1 to ALCOVE_MAX_COLUMNS
    uint historyLength;  // tokens so far, with tokens[0] and without a draft
    float perNat;        // log2(e) / temperature: what one unit of logit is worth in powers of two
    uint reserved[2];
    uint tokens[ALCOVE_MAX_COLUMNS];  // inputs of the next step: the newest token, then a draft
};

struct SamplePush {
    uint pitch;         // floats from one row of logits to the next
    uint slices;        // of the vocabulary
    uint rowWords;      // of the sampling kernels' memory, from one row to the next
    uint historyWords;  // that fit into the history
    uint ringWords;
    uint advance;  // 1: the state goes one token further; 0: it stays
};

struct ProbePush {
    uint wordsPerInvocation;  // 16-byte words, a multiple of ALCOVE_PROBE_UNROLLED
};

#ifdef __cplusplus
}  // namespace alcove::engine::vulkan
#endif

#endif
