/* The first UART of the CMSDK peripherals. */

#include <stdint.h>
#include "uart.h"

struct cmsdk_uart {
    volatile uint32_t data;
    volatile uint32_t state;
    volatile uint32_t control;
    volatile uint32_t interrupt;
    volatile uint32_t divider;
};

#define UART0 ((struct cmsdk_uart *)0x40004000)
#define TRANSMIT_FULL 1u
#define TRANSMIT_ENABLE 1u

void uart_start(void)
{
    UART0->divider = 16;
    UART0->control = TRANSMIT_ENABLE;
}

void put_char(char c)
{
    while (UART0->state & TRANSMIT_FULL)
        ;
    UART0->data = (uint8_t)c;
}

void put_text(const char *text)
{
    while (*text)
        put_char(*text++);
}

void put_hex(uint32_t value)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        put_char("0123456789abcdef"[(value >> shift) & 0xF]);
}
