#include "labels.h"

bool label_agrees(label_book *book, kw_bytes text, int purpose)
{
    if (purpose == 0) {
        return true;
    }
    for (size_t i = 0; i < book->count; i++) {
        if (kw_same(book->labels[i].label, text)) {
            return book->labels[i].purpose == purpose;
        }
    }
    book->labels[book->count].label = text;
    book->labels[book->count++].purpose = purpose;
    return true;
}
