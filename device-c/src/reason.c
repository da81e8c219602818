#include "keywright/reason.h"

static const char *const names[KW_REASON_COUNT] = {"accepted",
#define KW_REASON_TEXT(name, text) text,
                                                   KW_REASONS(KW_REASON_TEXT)
#undef KW_REASON_TEXT
};

const char *kw_reason_name(kw_reason reason)
{
    return (unsigned)reason < KW_REASON_COUNT ? names[reason] : "unknown";
}

kw_reason kw_reason_named(kw_bytes name)
{
    for (unsigned i = 1; i < KW_REASON_COUNT; i++) {
        if (kw_same(name, kw_bytes_of_text(names[i]))) {
            return (kw_reason)i;
        }
    }
    return KW_OK;
}
