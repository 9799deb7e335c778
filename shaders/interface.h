// What the shaders and the C++ that drives them must agree on. Read by both compilers.
#ifndef ALCOVE_SHADERS_INTERFACE_H
#define ALCOVE_SHADERS_INTERFACE_H

// Tier 0: what Vulkan 1.1 promises of every device. No shader asks for more.
#define ALCOVE_MAX_INVOCATIONS 128
#define ALCOVE_MAX_SHARED_BYTES 16384
#define ALCOVE_MAX_PUSH_BYTES 128
#define ALCOVE_MAX_BINDINGS 4

#endif
