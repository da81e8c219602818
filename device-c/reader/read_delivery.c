/* vectors/claim, grant, refusal, done, body, resume, resumed, resync, module. */
#include "bodies.h"
#include "delivery_site.h"
#include "field_list.h"
#include "keywright/hash.h"
#include "keywright/module.h"
#include "vector.h"

kw_reason read_claim(vector *v)
{
    claim message;
    kw_reason reason = claim_read(bytes_at(v, "message"), &message);
    return reason != KW_OK ? reason
                           : claim_verify(&message, fixed_at(v, "deviceKey", 32),
                                          fixed_at(v, "identity", KW_PUBLIC_KEY_SIZE));
}

kw_reason read_done(vector *v)
{
    done message;
    kw_reason reason = done_read(bytes_at(v, "message"), &message);
    reason = reason == KW_OK ? done_verify(&message, fixed_at(v, "deviceKey", 32)) : reason;
    if (reason == KW_OK && !kw_hash_is(bytes_at(v, "grant"), message.grant)) {
        reason = KW_WRONG_GRANT;
    }
    return reason;
}

/* The claim that is open, as a device remembers it. */
static kw_reason open_claim(vector *v, kw_open_claim *open)
{
    claim own;
    kw_bytes bytes = bytes_at(v, "claim");
    kw_hash(bytes, open->digest);
    kw_reason reason = claim_read(bytes, &own);
    open->number = reason == KW_OK ? own.number : 0;
    return reason;
}

kw_reason read_grant(vector *v)
{
    kw_open_claim open;
    kw_grant grant;
    kw_reason reason = open_claim(v, &open);
    reason = reason == KW_OK ? kw_grant_read(bytes_at(v, "message"), &grant) : reason;
    reason = reason == KW_OK ? kw_grant_judge(&grant, fixed_at(v, "deviceKey", 32), &open) : reason;
    if (reason == KW_OK && !kw_hash_is(bytes_at(v, "manifest"), grant.manifest)) {
        reason = KW_WRONG_GRANT;
    }
    return reason;
}

kw_reason read_refusal(vector *v)
{
    kw_open_claim open;
    kw_refusal refusal;
    kw_reason reason = open_claim(v, &open);
    reason = reason == KW_OK ? kw_refusal_read(bytes_at(v, "message"), &refusal) : reason;
    reason = reason == KW_OK ? kw_refusal_judge(&refusal, fixed_at(v, "deviceKey", 32), &open) : reason;
    if (reason == KW_OK) {
        same_text(v, v->root, "condition", kw_bytes_of_text(kw_reason_name(refusal.condition)));
    }
    return reason;
}

kw_reason read_body(vector *v)
{
    const uint8_t *device_key = fixed_at(v, "deviceKey", 32);
    kw_open_claim open;
    kw_grant grant;
    kw_body body;
    kw_reason reason = open_claim(v, &open);
    reason = reason == KW_OK ? kw_grant_read(bytes_at(v, "grant"), &grant) : reason;
    if (reason != KW_OK) {
        return reason;
    }
    kw_bytes sealed = bytes_at(v, "body"), plain = {NULL, 0};
    grant.claim = open.digest; /* the Grant of this claim, whatever it says */
    if (sealed.size < KW_BODY_HEAD_SIZE) {
        return KW_BAD_SEAL;
    }
    reason = kw_grant_body_begin(&grant, device_key, number_at(v, "index"), sealed.at, &body);
    if (reason == KW_OK) {
        reason = open_body(&body, sealed, &plain);
        kw_body_end(&body);
    }
    if (reason == KW_OK && !kw_hash_is(plain, fixed_at(v, "hash", KW_DIGEST_SIZE))) {
        reason = KW_BODY_MISMATCH;
    }
    return reason;
}

kw_reason read_module(vector *v)
{
    kw_module module;
    kw_reason reason = kw_module_read(bytes_at(v, "message"), &module);
    return reason == KW_OK ? kw_module_verify(&module, fixed_at(v, "owner", KW_PUBLIC_KEY_SIZE)) : reason;
}

kw_reason read_resume(vector *v)
{
    resume message;
    bool enrolled = json_member(v->root, "identity") != NULL;
    kw_reason reason = resume_read(bytes_at(v, "message"), &message);
    if (reason == KW_OK) {
        reason = resume_verify(&message, fixed_at(v, "deviceKey", 32),
                               enrolled ? fixed_at(v, "identity", KW_PUBLIC_KEY_SIZE) : NULL);
    }
    if (reason == KW_OK) {
        const json *field = compare_text(v, first_field(v), message.device_id);
        field = compare_number(v, field, message.kid);
        field = compare_number(v, field, message.recovery);
        field = compare_number(v, field, message.number);
        field = compare_bytes(v, field, message.epoch, 16);
        no_more(v, compare_bytes(v, field, message.nonce, 16));
    }
    return reason;
}

kw_reason read_resumed(vector *v)
{
    kw_out_of_step resumed;
    kw_reason reason = kw_resumed_read(bytes_at(v, "message"), &resumed);
    reason = reason == KW_OK ? kw_resumed_verify(&resumed, fixed_at(v, "deviceKey", 32)) : reason;
    if (reason == KW_OK) {
        const json *field = compare_bytes(v, first_field(v), resumed.answers, KW_DIGEST_SIZE);
        no_more(v, compare_number(v, field, resumed.number));
    }
    return reason;
}

kw_reason read_resync(vector *v)
{
    kw_out_of_step resync;
    kw_reason reason = kw_resync_read(bytes_at(v, "message"), &resync);
    reason = reason == KW_OK ? kw_resync_verify(&resync, fixed_at(v, "deviceKey", 32)) : reason;
    if (reason == KW_OK) {
        const json *field = compare_bytes(v, first_field(v), resync.answers, KW_DIGEST_SIZE);
        no_more(v, compare_bytes(v, field, resync.epoch, 16));
    }
    return reason;
}
