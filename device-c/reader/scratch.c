#include "vector.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

enum { SCRATCH_SIZE = 24 << 20, RED_ZONE = 32 };

static uint64_t memory[SCRATCH_SIZE / 8];
static size_t used;

uint8_t *scratch(size_t size)
{
    size_t whole = (size + 7) / 8 * 8 + RED_ZONE;
    if (size > SCRATCH_SIZE || whole > SCRATCH_SIZE - used) {
        return NULL;
    }
    uint8_t *at = (uint8_t *)memory + used;
    ASAN_UNPOISON_MEMORY_REGION(at, size);
    ASAN_POISON_MEMORY_REGION(at + (size + 7) / 8 * 8, RED_ZONE);
    used += whole;
    return at;
}

void scratch_reset(void)
{
    ASAN_POISON_MEMORY_REGION(memory, used == 0 ? sizeof memory : used);
    used = 0;
}
