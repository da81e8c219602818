/* Kept halves (provisioning.md §4.4). */
#include "provision.h"

#include "keywright/hash.h"
#include "keywright/kwp.h"

#include <string.h>

enum { VERSION, ROLE, FAMILY, OEM, ID, WRAPPED, FIELDS };

static bool is_bytes_of(const kw_flat *item, kw_bytes bytes)
{
    return item->type == KW_CBOR_BYTES && kw_same(item->bytes, bytes);
}

static kw_reason judge_half(const chip *of, const uint8_t *oem, kw_bytes half, const char *role,
                            kw_flat items[FIELDS])
{
    if (half.size > 1024) {
        return KW_TOO_LARGE;
    }
    kw_cbor cbor;
    kw_cbor_begin(&cbor, half);
    kw_cbor_flat(&cbor, items, FIELDS);
    if (kw_cbor_end(&cbor) != KW_OK) {
        return cbor.reason;
    }
    if (!kw_flat_is_uint(&items[VERSION], 1)) {
        return KW_WRONG_VERSION;
    }
    if (!kw_flat_is_text(&items[ROLE], role)) {
        return KW_KEEP_MISMATCH;
    }
    if (items[FAMILY].type != KW_CBOR_TEXT || !kw_same(items[FAMILY].bytes, of->family)) {
        return KW_WRONG_FAMILY;
    }
    return is_bytes_of(&items[OEM], kw_bytes_of(oem, KW_DIGEST_SIZE)) ? KW_OK : KW_WRONG_OWNER;
}

static bool unwrap(const chip *of, const uint8_t *oem, const kw_flat items[FIELDS], const char *role,
                   uint8_t out[40], size_t *size)
{
    uint8_t room[256], key[32];
    kw_cbor_writer context;
    if (items[ID].type != KW_CBOR_BYTES || items[ID].bytes.size > 64
        || items[WRAPPED].type != KW_CBOR_BYTES) {
        return false;
    }
    kw_cbor_write_begin(&context, room, sizeof room);
    kw_cbor_write_array(&context, 4);
    kw_cbor_write_text(&context, kw_bytes_of_text(role));
    kw_cbor_write_text(&context, of->family);
    kw_cbor_write_bytes(&context, kw_bytes_of(oem, KW_DIGEST_SIZE));
    kw_cbor_write_bytes(&context, items[ID].bytes);
    kw_kdf(kw_bytes_of(of->master_share, KW_KEY_SIZE), "keep", kw_cbor_written(&context), key, sizeof key);
    return kw_kwp_unwrap(kw_bytes_of(key, sizeof key), items[WRAPPED].bytes, out, 40, size);
}

kw_reason chip_opens_halves(const chip *of, const uint8_t *oem, const kept_halves *halves, opened_halves *to)
{
    kw_flat input[FIELDS], share[FIELDS];
    kw_reason reason = judge_half(of, oem, halves->input, "input", input);
    reason = reason == KW_OK ? judge_half(of, oem, halves->share, "share", share) : reason;
    if (reason != KW_OK) {
        return reason;
    }
    bool good = input[ID].type == share[ID].type && kw_same(input[ID].bytes, share[ID].bytes)
                && unwrap(of, oem, input, "input", to->input, &to->input_size)
                && unwrap(of, oem, share, "share", to->share, &to->share_size);
    return good ? KW_OK : KW_KEEP_MISMATCH;
}

kw_reason chip_opens_keep(const chip *of, kw_bytes bytes, kw_bytes plan_bytes, const kept_halves *halves,
                          opened_halves *to, kw_header *plan)
{
    program by;
    kw_reason reason = chip_takes_program(of, bytes, kw_bytes_of_text("regenerate"), &by);
    reason = reason == KW_OK ? kw_plan_read(plan_bytes, plan) : reason;
    if (reason == KW_OK && of->owner != NULL && memcmp(of->owner, plan->oem, KW_DIGEST_SIZE) != 0) {
        reason = KW_WRONG_OWNER;
    }
    return reason == KW_OK ? chip_opens_halves(of, plan->oem, halves, to) : reason;
}
