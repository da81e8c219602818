/* Says who it is and whether it is whole, and leaves: 0 when both checks hold, else 1. A real one would go on to the
   application, or wait for it. */

#include <stdbool.h>
#include <stddef.h>
#include "startup.h"
#include "uart.h"
#include "zones.h"

extern const volatile uint8_t image_start[], image_end[];

static uint32_t crc32(uint32_t crc, const volatile uint8_t *bytes, size_t count)
{
    crc = ~crc;
    while (count--) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0);
    }
    return ~crc;
}

static bool print_ids(void)
{
    bool any = false;
    for (int i = 0; i < ID_COUNT; i++) {
        if (kw_ids[i][0] == BLANK || kw_ids[i][0] == 0)
            continue;

        any = true;
        put_text("ID: ");
        for (int j = 0; j < ID_BYTES && kw_ids[i][j] != 0; j++)
            put_char((char)kw_ids[i][j]);
        put_text("\n");
    }
    return any;
}

static bool parameters_hold(void)
{
    uint32_t crc = crc32(0, &kw_ids[0][0], sizeof kw_ids);
    return crc32(crc, kw_keys, sizeof kw_keys) == kw_check.parameters;
}

static bool image_holds(void)
{
    const volatile uint8_t *code = (const volatile uint8_t *)&kw_check.image;
    const volatile uint8_t *behind = code + sizeof kw_check.image;
    uint32_t crc = crc32(0, image_start, (size_t)(code - image_start));
    return crc32(crc, behind, (size_t)(image_end - behind)) == kw_check.image;
}

int main(void)
{
    uart_start();
    put_text("Keywright example bootloader 1\n");
    if (!print_ids())
        put_text("no ID\n");

    put_text("key check: ");
    put_hex(crc32(0, kw_keys, sizeof kw_keys));

    bool parameters = parameters_hold();
    bool image = image_holds();
    put_text(parameters ? "\nparameters: ok\n" : "\nparameters: bad\n");
    put_text(image ? "check: ok\n" : "check: bad\n");
    return parameters && image ? 0 : 1;
}
