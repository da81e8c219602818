/* vectors/cbor: one item of any shape (docs/spec/wire.md §2, primitives.md §2). */
#include "keywright/cbor.h"
#include "vector.h"

enum { DEPTH_MAX = 4, ITEMS_MAX = 1000000 };

/* What is open: how many items are left, and the last key of a map. */
typedef struct {
    size_t left;
    bool is_map, expects_key;
    int last_key;
} level;

typedef struct {
    kw_cbor cbor;
    level levels[DEPTH_MAX];
    size_t depth;
} walk;

static void open_level(walk *in, bool is_map)
{
    if (in->depth == DEPTH_MAX) {
        kw_cbor_refuse(&in->cbor, KW_MALFORMED);
        return;
    }
    size_t count = is_map ? kw_cbor_map(&in->cbor, ITEMS_MAX).left : kw_cbor_array(&in->cbor, 0, ITEMS_MAX);
    level opened = {is_map ? 2 * count : count, is_map, is_map, -1};
    in->levels[in->depth++] = opened;
}

/* A key: one byte, above the last one. */
static void read_key(kw_cbor *cbor, level *of)
{
    int key = cbor->at == cbor->end ? 0xff : *cbor->at;
    if (key <= of->last_key || (key > 0x17 && (key < 0x20 || key > 0x37))) {
        kw_cbor_refuse(cbor, KW_MALFORMED);
        return;
    }
    of->last_key = key;
    cbor->at++;
}

static void read_item(walk *in)
{
    kw_cbor *cbor = &in->cbor;
    switch (kw_cbor_next(cbor)) {
    case KW_CBOR_UINT:
        kw_cbor_uint(cbor, 0, UINT64_MAX);
        break;
    case KW_CBOR_NINT:
        kw_cbor_nint(cbor, KW_INT63_MAX);
        break;
    case KW_CBOR_BYTES:
        kw_cbor_bytes(cbor, 0, ITEMS_MAX);
        break;
    case KW_CBOR_TEXT:
        kw_cbor_text(cbor, 0, ITEMS_MAX);
        break;
    case KW_CBOR_ARRAY:
        open_level(in, false);
        break;
    case KW_CBOR_MAP:
        open_level(in, true);
        break;
    default:
        kw_cbor_bool(cbor);
    }
}

kw_reason read_cbor(vector *v)
{
    walk in = {.depth = 0};
    kw_cbor_begin(&in.cbor, bytes_at(v, "item"));
    read_item(&in);
    while (in.depth > 0 && in.cbor.reason == KW_OK) {
        level *of = &in.levels[in.depth - 1];
        if (of->left == 0) {
            in.depth--;
            continue;
        }
        of->left--;
        bool is_key = of->is_map && of->expects_key;
        of->expects_key = !of->expects_key;
        if (is_key) {
            read_key(&in.cbor, of);
        } else {
            read_item(&in);
        }
    }
    return kw_cbor_end(&in.cbor);
}
