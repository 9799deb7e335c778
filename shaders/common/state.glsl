// Where the pass stands (struct DecodeState of interface.h).
#define STATE_BUFFER(number)                                            \
    layout(set = 0, binding = number, std430) readonly buffer StateBuffer { \
        DecodeState state;                                              \
    }
