/* vectors/envelope: E0 and EN by themselves (docs/spec/wire.md §8). */
#include "keywright/cose.h"
#include "keywright/port.h"
#include "vector.h"

static kw_reason open_e0(vector *v, kw_bytes message, size_t most, kw_bytes *content)
{
    kw_sealed e0;
    kw_bytes aad = bytes_at(v, "externalAad");
    kw_reason reason = kw_e0_read(message, most, &e0);
    if (reason != KW_OK) {
        return reason;
    }
    uint8_t *plain = scratch(kw_sealed_content_size(&e0));
    *content = kw_bytes_of(plain, kw_sealed_content_size(&e0));
    return aad.size > 128 ? KW_TOO_LARGE : kw_e0_open(&e0, fixed_at(v, "key", KW_KEY_SIZE), aad, plain);
}

static kw_reason open_en(vector *v, kw_bytes message, size_t most, kw_bytes *content)
{
    uint8_t point[KW_PUBLIC_KEY_SIZE];
    kw_hpke_key key = {fixed_at(v, "privateKey", KW_SCALAR_SIZE), point};
    kw_en en;
    kw_reason reason = kw_en_read(message, most, &en);
    if (reason != KW_OK) {
        return reason;
    }
    if (!kw_port_p256_public(key.scalar, point)) {
        fault(v, "no private key", "");
        return KW_UNKNOWN_KEY;
    }
    uint8_t *plain = scratch(kw_sealed_content_size(&en.content));
    *content = kw_bytes_of(plain, kw_sealed_content_size(&en.content));
    return kw_en_open(&en, &key, 1, bytes_at(v, "extraInfo"), plain);
}

kw_reason read_envelope(vector *v)
{
    bool is_e0 = json_is_text(json_member(v->root, "kind"), "e0");
    size_t most = (size_t)number_at(v, "maxSize");
    kw_bytes message = bytes_at(v, "message"), content = {NULL, 0};
    if (!is_e0 && !json_is_text(json_member(v->root, "kind"), "en")) {
        fault(v, "no reader for this kind", "");
    }
    kw_reason reason = is_e0 ? open_e0(v, message, most, &content) : open_en(v, message, most, &content);
    if (reason == KW_OK) {
        same_bytes(v, fields(v, "expect"), "content", content);
    }
    return reason;
}
