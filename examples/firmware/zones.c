#include "zones.h"

#define ZONE(name) __attribute__((section(name), used))

ZONE(".kw_ids") const volatile uint8_t kw_ids[ID_COUNT][ID_BYTES] = {
    [0 ... ID_COUNT - 1] = {[0 ... ID_BYTES - 1] = BLANK},
};

ZONE(".kw_keys") const volatile uint8_t kw_keys[KEY_BYTES] = {[0 ... KEY_BYTES - 1] = BLANK};

ZONE(".kw_check") const volatile struct check_zone kw_check = {0xFFFFFFFF, 0xFFFFFFFF};
