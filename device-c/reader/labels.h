/* The purposes that labels have in the commands that were checked (provisioning.md §3.4, rule 6). */
#ifndef READER_LABELS_H
#define READER_LABELS_H

#include "program.h"

typedef struct {
    kw_bytes label;
    int purpose;
} label_purpose;

typedef struct {
    label_purpose labels[16 * INSTRUCTIONS_MAX];
    size_t count;
} label_book;

/* Enters the label, or says whether it has this purpose. Purpose 0 is none and agrees with all. */
bool label_agrees(label_book *book, kw_bytes text, int purpose);

#endif
