// How a shader reads its inputs: as 16-byte words of storage buffers, or (LEAN) of texel buffers. Software drivers
// gather texels without a branch for each lane: that takes them a fifth of the time of loads from a storage buffer.
#ifdef LEAN
#define INPUT_WORDS(number, name) layout(set = 0, binding = number) uniform usamplerBuffer name
#define WORD(name, index) texelFetch(name, int(index))
#else
#define INPUT_WORDS(number, name)                                      \
    layout(set = 0, binding = number, std430) readonly buffer name##Buffer { \
        uvec4 name[];                                                  \
    }
#define WORD(name, index) name[index]
#endif
