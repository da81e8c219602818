#include "inputs.h"

bool inputs_agree(input_list *list, const instruction *each)
{
    bool agree = true, secret = each->opcode == SECRET;
    size_t before = list->count;
    for (size_t i = 0; each->pattern[i] != 0; i++) {
        if (each->pattern[i] != 'I') {
            continue;
        }
        kw_bytes name = each->operands[i].text;
        for (size_t other = 0; other < before; other++) {
            const named_input *from = &list->inputs[other];
            agree &= !(secret || from->secret) || !kw_same(name, from->name);
        }
        list->inputs[list->count++] = (named_input){name, secret};
    }
    return agree;
}
