/* The inputs that a command names (provisioning.md §3.4, rule 10). */
#ifndef READER_INPUTS_H
#define READER_INPUTS_H

#include "program.h"

typedef struct {
    kw_bytes name;
    bool secret;
} named_input;

typedef struct {
    named_input inputs[2 * INSTRUCTIONS_MAX];
    size_t count;
} input_list;

/* Adds the inputs of the next instruction; false when another names one of them and either takes it as a secret. */
bool inputs_agree(input_list *list, const instruction *each);

#endif
