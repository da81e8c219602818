/* Lines of hexadecimal digits, as Intel HEX and S-record have them (images.md §3.1). */
#ifndef READER_HEX_TEXT_H
#define READER_HEX_TEXT_H

#include "keywright/bytes.h"

/* The next line, without LF or CR LF; the last one may lack its end. False behind the last. */
bool hex_line(kw_bytes *text, kw_bytes *line);

/* Digits of either case as bytes; 0 when they are none, or more than `room`. */
size_t hex_digits(kw_bytes digits, uint8_t *bytes, size_t room);

typedef struct {
    uint8_t *at;
    size_t limit, used;
    bool full;
} hex_writer;

/* A line: what it begins with, digits in upper case, LF. */
void hex_put(hex_writer *to, const char *begin, const uint8_t *bytes, size_t size);

#endif
