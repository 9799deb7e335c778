// The one translation unit that holds volk's own code (Debian ships volk as headers).
#define VOLK_IMPLEMENTATION
#include <volk.h>
