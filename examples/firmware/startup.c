/* Vector table, reset, and the way out of the machine. */

#include <stdint.h>
#include "startup.h"

#define SEMIHOSTING_EXIT 0x18
#define STOPPED_APPLICATION_EXIT 0x20026
#define STOPPED_RUN_TIME_ERROR 0x20023

extern uint32_t bss_start[], bss_end[], stack_top[];

int main(void);
void Reset_Handler(void);
static void Fault_Handler(void);

__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))stack_top,
    Reset_Handler,
    [2 ... 15] = Fault_Handler,
};

void Reset_Handler(void)
{
    for (uint32_t *word = bss_start; word < bss_end; word++)
        *word = 0;

    leave(main());
}

void leave(int status)
{
    register uint32_t operation __asm__("r0") = SEMIHOSTING_EXIT;
    register uint32_t reason __asm__("r1") = status == 0 ? STOPPED_APPLICATION_EXIT : STOPPED_RUN_TIME_ERROR;

    __asm__ volatile("bkpt 0xAB" : : "r"(operation), "r"(reason) : "memory");
    for (;;)
        ;
}

static void Fault_Handler(void)
{
    leave(1);
}
