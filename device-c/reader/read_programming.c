/* vectors/program-command. */
#include "bodies.h"
#include "keywright/hash.h"
#include "keywright/programming.h"
#include "vector.h"

static void compare(vector *v, const kw_head *head, kw_bytes image)
{
    const json *expect = fields(v, "expect"), *devices = json_member(expect, "devices");
    same_bytes(v, expect, "digest", kw_bytes_of(head->digest, sizeof head->digest));
    same_number(v, expect, "kid", head->kid);
    same_bytes(v, expect, "device-key", kw_bytes_of(head->device_key, KW_KEY_SIZE));
    same_count(v, devices, head->devices.count);
    kw_cbor cbor;
    kw_cbor_begin(&cbor, head->devices.items);
    for (const json *each = v->fault[0] != 0 ? NULL : devices->first; each != NULL; each = each->next) {
        is_text(v, each, kw_cbor_device_id(&cbor));
    }
    same_text(v, expect, "product", head->product);
    same_text(v, expect, "device-type", head->device_type);
    same_number(v, expect, "kind", head->kind);
    same_number(v, expect, "base-address", head->base_address);
    same_bytes(v, expect, "image-digest", kw_bytes_of(head->image_digest, KW_DIGEST_SIZE));
    same_number(v, expect, "image-size", head->image_size);
    same_bytes(v, expect, "image", image);
    uint8_t confirmation[KW_KEY_SIZE];
    kw_head_confirmation(head, fixed_at(v, "chip", KW_CHIP_ID_SIZE), confirmation);
    same_bytes(v, expect, "confirmation", kw_bytes_of(confirmation, sizeof confirmation));
}

kw_reason read_program_command(vector *v)
{
    uint8_t point[KW_PUBLIC_KEY_SIZE];
    kw_hpke_key kem = {fixed_at(v, "kem-key", KW_SCALAR_SIZE), point};
    kw_head head;
    kw_body body;
    kw_bytes image = {NULL, 0};
    if (!kw_port_p256_public(kem.scalar, point)) {
        fault(v, "no private key", "");
        return KW_UNKNOWN_KEY;
    }
    kw_reason reason = kw_head_open(bytes_at(v, "head"), &kem, fixed_at(v, "chip", KW_CHIP_ID_SIZE),
                                    scratch(KW_HEAD_MAX), &head);
    if (reason != KW_OK) {
        return reason;
    }
    kw_bytes sealed = bytes_at(v, "image");
    reason = kw_head_image_begin(&head, sealed.size, sealed.at, &body);
    if (reason == KW_OK) {
        reason = open_body(&body, sealed, &image) == KW_OK ? KW_OK : KW_BODY_MISMATCH;
        kw_body_end(&body);
    }
    if (reason == KW_OK && !kw_hash_is(image, head.image_digest)) {
        reason = KW_BODY_MISMATCH;
    }
    if (reason == KW_OK) {
        compare(v, &head, image);
    }
    return reason;
}
