/* The zones that the linker reserves (bootloader.ld) and the program generator fills (zones.json). */

#ifndef ZONES_H
#define ZONES_H

#include <stdint.h>

#define ID_COUNT 2
#define ID_BYTES 32
#define KEY_BYTES 32
#define BLANK 0xFF

struct check_zone {
    uint32_t parameters; /* CRC-32 over kw_ids and kw_keys */
    uint32_t image;      /* CRC-32 over the image without these four bytes */
};

/* Volatile, because what stands there in a device is not what stands here. */
extern const volatile uint8_t kw_ids[ID_COUNT][ID_BYTES];
extern const volatile uint8_t kw_keys[KEY_BYTES];
extern const volatile struct check_zone kw_check;

#endif
