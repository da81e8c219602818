#ifndef UART_H
#define UART_H

#include <stdint.h>

void uart_start(void);
void put_char(char c);
void put_text(const char *text);
void put_hex(uint32_t value);

#endif
