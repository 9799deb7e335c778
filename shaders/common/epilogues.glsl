// finish(): writes the sums of kTiles tiles for one token, as the epilogue requires. `stores` is false for invocations that only
// take part in sums over lanes.

#if EPILOGUE == ALCOVE_EPILOGUE_STORE

layout(set = 0, binding = 3, std430) writeonly buffer Output {
    float y[];  // [n, rows]
};

void finish(uint tile, uint token, bool stores, vec4 rows[kTiles]) {
    [[unroll]] for (uint t = 0; t < kTiles; ++t) {
        const uint row = (tile + t) * ALCOVE_TILE_ROWS + 4 * lane;
        [[unroll]] for (uint r = 0; r < 4; ++r) {
            if (stores && row + r < push.rows) {
                y[token * push.outputPitch + row + r] = rows[t][r];
            }
        }
    }
}

#elif EPILOGUE == ALCOVE_EPILOGUE_RESIDUAL

layout(set = 0, binding = 3, std430) writeonly buffer Residual {
    vec4 x[];  // [n, rows]
};
layout(set = 0, binding = 4, std430) writeonly buffer Next {
    uint z[];  // [n, rows], floats or eight-bit activations
};
layout(set = 0, binding = 5, std430) writeonly buffer NextSquares {
    float nextSquares[];  // [n, blocks]
};
INPUT_WORDS(6, gammas);  // [norms, rows]
INPUT_WORDS(7, oldX);    // the same buffer as x

#include "common/next_norm.glsl"

void finish(uint tile, uint token, bool stores, vec4 rows[kTiles]) {
    [[unroll]] for (uint t = 0; t < kTiles; ++t) {
        const uint block = tile + t;
        const bool inside = stores && block * ALCOVE_TILE_ROWS < push.rows;
        const uint at = inside ? token * (push.outputPitch / 4) + block * ALCOVE_LANES + lane : 0;
        const vec4 sum = uintBitsToFloat(WORD(oldX, at)) + rows[t];
        if (inside) {
            x[at] = sum;
        }
        storeForNorm(block, token, inside, sum, uintBitsToFloat(WORD(gammas, inside ? push.gammaStart + block * ALCOVE_LANES + lane : 0)),
                     push.nextPitch, push.nextSquares);
    }
}

#elif EPILOGUE == ALCOVE_EPILOGUE_SWIGLU

layout(set = 0, binding = 3, std430) writeonly buffer Activated {
    uint activated[];  // [n, f], floats or eight-bit activations
};

// Two tiles hold gate and up of one block of 32 columns of the output, so that a lane has four of them to store: tile t
// has columns 4·lane + 2·t and 4·lane + 2·t + 1, rows x and y being of gate, z and w of up.
void finish(uint tile, uint token, bool stores, vec4 rows[kTiles]) {
    [[unroll]] for (uint t = 0; t < kTiles; t += 2) {
        const vec4 gate = vec4(rows[t].xy, rows[t + 1].xy);
        const vec4 up = vec4(rows[t].zw, rows[t + 1].zw);
        const vec4 result = gate / (1.0 + exp(-gate)) * up;
        const uint block = (tile + t) / 2;
        const bool inside = stores && (tile + t) * ALCOVE_TILE_ROWS < push.rows;
        if (kByteOutput == 1) {
            STORE_BYTES(activated, token * push.outputPitch, block, lane, inside, result);
        } else if (inside) {
            const uint at = token * push.outputPitch + block * ALCOVE_BLOCK + 4 * lane;
            [[unroll]] for (uint r = 0; r < 4; ++r) {
                activated[at + r] = floatBitsToUint(result[r]);
            }
        }
    }
}

#else

layout(set = 0, binding = 3, std430) writeonly buffer Queries {
    vec4 queries[];  // [n, heads, headBlocks · 32]
};
layout(set = 0, binding = 4, std430) writeonly buffer Keys {
    uint keys[];
};
layout(set = 0, binding = 5, std430) writeonly buffer Values {
    uint values[];
};
INPUT_WORDS(6, angles);  // [context, headBlocks, 8]: cosine and sine of pairs 2i and 2i + 1
STATE_BUFFER(7);

#include "common/cache.glsl"

void finish(uint tile, uint token, bool stores, vec4 rows[kTiles]) {
    [[unroll]] for (uint t = 0; t < kTiles; ++t) {
        const uint slot = (tile + t) / push.headBlocks;  // heads of queries, then of keys, then of values
        const uint block = (tile + t) % push.headBlocks;
        const bool inside = stores && slot < push.queryHeads + 2 * push.kvHeads;
        const uint position = state.position + min(token, push.tokens - 1);
        const bool isValue = slot >= push.queryHeads + push.kvHeads;
        vec4 four = rows[t];
        if (!isValue) {
            const vec4 angle = uintBitsToFloat(WORD(angles, (position * push.headBlocks + block) * ALCOVE_LANES + lane));
            four = vec4(four.xy * angle.xz - four.zw * angle.yw, four.zw * angle.xz + four.xy * angle.yw);
        }
        if (inside && slot < push.queryHeads) {
            queries[token * (push.outputPitch / 4) + (slot * push.headBlocks + block) * ALCOVE_LANES + lane] = four;
        }
        const uint kvHead = slot - push.queryHeads - (isValue ? push.kvHeads : 0);
        if (kByteCache == 1) {
            const vec4 size = abs(four);
            const float magnitude = laneMax(max(max(size.x, size.y), max(size.z, size.w)));
            const uint packed = packedBytes(toBytes(four, magnitude));
            if (inside && slot >= push.queryHeads) {
                const float scale = magnitude / 127.0;
                const uint scaleIndex = cacheScaleAt(kvHead, block, position);
                if (isValue) {
                    values[valueWordAt(kvHead, block * 2 + lane / 4, position) * 4 + lane % 4] = packed;
                    if (lane == 0) {
                        values[scaleIndex] = floatBitsToUint(scale);
                    }
                } else {
                    keys[keyWordAt(kvHead, block * 2 + lane / 4, position) * 4 + lane % 4] = packed;
                    if (lane == 0) {
                        keys[scaleIndex] = floatBitsToUint(scale);
                    }
                }
            }
        } else if (inside && slot >= push.queryHeads) {
            const uvec2 packed = uvec2(packHalf2x16(four.xy), packHalf2x16(four.zw));
            const uint word = block * 4 + lane / 2;
            const uint part = lane % 2 * 2;
            if (isValue) {
                const uint at = valueWordAt(kvHead, word, position) * 4 + part;
                values[at] = packed.x;
                values[at + 1] = packed.y;
            } else {
                const uint at = keyWordAt(kvHead, word, position) * 4 + part;
                keys[at] = packed.x;
                keys[at + 1] = packed.y;
            }
        }
    }
}

#endif
