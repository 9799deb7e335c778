// The factor of RMSNorm (Zhang and Sennrich, arXiv 1910.07467) for this work group's token `index`.
float normFactor(uint index) {
    if (push.squaresCount == 0) {
        return 1.0;
    }
    const uint token = push.firstToken + min(gl_WorkGroupID.x * kTokens + index, push.tokens - 1);
    vec4 four = vec4(0.0);
    for (uint word = lane; word < push.squaresPitch; word += ALCOVE_LANES) {
        four += uintBitsToFloat(WORD(squares, token * push.squaresPitch + word));
    }
    const float sum = laneSum((four.x + four.y) + (four.z + four.w));
    return inversesqrt(sum / float(push.squaresCount) + push.epsilon);
}
