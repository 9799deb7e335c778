// The sums of a work group, in cooperative matrices: W [rows, columns] · Xᵗ [columns, tokens], in pieces of kM rows and
// kN tokens. A subgroup has a rectangle of pieces, so that what it loads serves a whole row or column of them.

const uint kHalvesOfWord = 8;
const uint kSubgroups = kInvocations / kSubgroupSize;
const uint kSubgroupsDown = kSubgroups < kRows / kM ? kSubgroups : kRows / kM;
const uint kPiecesDown = kRows / kM / kSubgroupsDown;  // of a subgroup
const uint kPiecesAcross = kTokens / kN / (kSubgroups / kSubgroupsDown);

coopmat<float, gl_ScopeSubgroup, kM, kN, gl_MatrixUseAccumulator> pieces[kPiecesDown * kPiecesAcross];

// What leaveSums() stores once all blocks are added: for each token the sums of all rows, in the order of
// weightHalves; four floats apart from the next token, against bank conflicts.
const uint kSumsPitch = kRows + 4;
shared float sums[kTokens * kSumsPitch];

// Of the subgroup's pieces.
uint firstRow() {
    return gl_SubgroupID % kSubgroupsDown * kPiecesDown * kM;
}

uint firstToken() {
    return gl_SubgroupID / kSubgroupsDown * kPiecesAcross * kN;
}

void clearSums() {
    [[unroll]] for (uint i = 0; i < kPiecesDown * kPiecesAcross; ++i) {
        pieces[i] = coopmat<float, gl_ScopeSubgroup, kM, kN, gl_MatrixUseAccumulator>(0.0);
    }
}

// pieces += the products of the block that lies in shared memory.
void addProducts() {
    [[unroll]] for (uint k = 0; k < ALCOVE_BLOCK; k += kK) {
        coopmat<float16_t, gl_ScopeSubgroup, kM, kK, gl_MatrixUseA> w[kPiecesDown];
        [[unroll]] for (uint r = 0; r < kPiecesDown; ++r) {
            coopMatLoad(w[r], weightHalves, (firstRow() + r * kM) * kRowWords + k / kHalvesOfWord, kRowWords,
                        gl_CooperativeMatrixLayoutRowMajor);
        }
        [[unroll]] for (uint c = 0; c < kPiecesAcross; ++c) {
            coopmat<float16_t, gl_ScopeSubgroup, kK, kN, gl_MatrixUseB> x;
            coopMatLoad(x, inputHalves, (firstToken() + c * kN) * kRowWords + k / kHalvesOfWord, kRowWords,
                        gl_CooperativeMatrixLayoutColumnMajor);
            [[unroll]] for (uint r = 0; r < kPiecesDown; ++r) {
                pieces[r * kPiecesAcross + c] = coopMatMulAdd(w[r], x, pieces[r * kPiecesAcross + c]);
            }
        }
    }
}

void leaveSums() {
    [[unroll]] for (uint i = 0; i < kPiecesDown * kPiecesAcross; ++i) {
        const uint row = firstRow() + i / kPiecesAcross * kM;
        const uint token = firstToken() + i % kPiecesAcross * kN;
        coopMatStore(pieces[i], sums, token * kSumsPitch + row, kSumsPitch, gl_CooperativeMatrixLayoutColumnMajor);
    }
    barrier();
}

// Rows 4 · lane to 4 · lane + 3 of tile t, for the invocation's i-th token.
vec4 sumsOf(uint t, uint i) {
    const uint at = (split + i * kSplit) * kSumsPitch + t * ALCOVE_TILE_ROWS + lane;
    return vec4(sums[at], sums[at + ALCOVE_LANES], sums[at + 2 * ALCOVE_LANES], sums[at + 3 * ALCOVE_LANES]);
}
