// The sums of a work group, in cooperative matrices: W [rows, columns] · Xᵗ [columns, tokens], piece by piece.

const uint kHalvesOfWord = 8;
const uint kRowPieces = kTiles * ALCOVE_TILE_ROWS / kM;
const uint kPieces = kRowPieces * (kColumns / kN);  // of the sums; shared out evenly among the subgroups
const uint kSubgroups = kInvocations / kSubgroupSize;
const uint kPiecesOfSubgroup = kPieces / kSubgroups;

coopmat<float, gl_ScopeSubgroup, kM, kN, gl_MatrixUseAccumulator> pieces[kPiecesOfSubgroup];

// Once all blocks are added: token after token, floats of the rows in the order of weightHalves.
const uint kSumsPitch = kTiles * ALCOVE_TILE_ROWS + 4;
shared float sums[kColumns * kSumsPitch];

// First row and token of the subgroup's i-th piece.
uvec2 pieceAt(uint i) {
    const uint piece = gl_SubgroupID + i * kSubgroups;
    return uvec2(piece % kRowPieces * kM, piece / kRowPieces * kN);
}

void clearSums() {
    [[unroll]] for (uint i = 0; i < kPiecesOfSubgroup; ++i) {
        pieces[i] = coopmat<float, gl_ScopeSubgroup, kM, kN, gl_MatrixUseAccumulator>(0.0);
    }
}

// pieces += the products of the block that lies in shared memory.
void addProducts() {
    [[unroll]] for (uint k = 0; k < ALCOVE_BLOCK; k += kK) {
        [[unroll]] for (uint i = 0; i < kPiecesOfSubgroup; ++i) {
            const uvec2 at = pieceAt(i);
            coopmat<float16_t, gl_ScopeSubgroup, kM, kK, gl_MatrixUseA> w;
            coopmat<float16_t, gl_ScopeSubgroup, kK, kN, gl_MatrixUseB> x;
            coopMatLoad(w, weightHalves, at.x * kRowWords + k / kHalvesOfWord, kRowWords,
                        gl_CooperativeMatrixLayoutRowMajor);
            coopMatLoad(x, inputHalves, at.y * kRowWords + k / kHalvesOfWord, kRowWords,
                        gl_CooperativeMatrixLayoutColumnMajor);
            pieces[i] = coopMatMulAdd(w, x, pieces[i]);
        }
    }
}

void leaveSums() {
    [[unroll]] for (uint i = 0; i < kPiecesOfSubgroup; ++i) {
        const uvec2 at = pieceAt(i);
        coopMatStore(pieces[i], sums, at.y * kSumsPitch + at.x, kSumsPitch, gl_CooperativeMatrixLayoutColumnMajor);
    }
    barrier();
}

// Rows 4 · lane to 4 · lane + 3 of tile t, for the invocation's i-th token.
vec4 sumsOf(uint t, uint i) {
    const uint at = (split + i * kSplit) * kSumsPitch + t * ALCOVE_TILE_ROWS + lane;
    return vec4(sums[at], sums[at + ALCOVE_LANES], sums[at + 2 * ALCOVE_LANES], sums[at + 3 * ALCOVE_LANES]);
}
