/* vectors/claim, grant, refusal, done, body, resume, resumed, resync. */
#include "bodies.h"
#include "delivery_site.h"
#include "field_list.h"
#include "keywright/hash.h"
#include "vector.h"

enum { PER_DEVICE = 1 }; /* the one mode that a Grant is read with */

static const json *compare_installed(vector *v, const json *field, const kw_list *list)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, list->items);
    const json *program = first_within(v, field);
    for (size_t i = 0; i < list->count; i++, program = next_field(program)) {
        installed each;
        installed_read(&cbor, &each);
        const json *said = compare_bytes(v, first_within(v, program), each.owner, KW_DIGEST_SIZE);
        said = compare_text(v, said, each.program);
        said = compare_number(v, said, each.sequence);
        said = compare_text(v, said, each.version);
        no_more(v, compare_bytes(v, said, each.digest, KW_DIGEST_SIZE));
    }
    no_more(v, program);
    return next_field(field);
}

static void compare_claim(vector *v, const claim *message)
{
    const json *field = compare_text(v, first_field(v), message->device_id);
    field = compare_number(v, field, message->kid);
    field = compare_number(v, field, message->number);
    field = compare_bytes(v, field, message->prev, KW_DIGEST_SIZE);
    field = message->done.size == 0 ? compare_null(v, field)
                                    : compare_bytes(v, field, message->done.at, message->done.size);
    field = compare_text(v, field, message->product);
    field = message->wanted == NULL ? compare_null(v, field)
                                    : compare_bytes(v, field, message->wanted, KW_DIGEST_SIZE);
    field = compare_installed(v, field, &message->installed);
    no_more(v, compare_bytes(v, field, message->nonce, 16));
}

kw_reason read_claim(vector *v)
{
    claim message;
    kw_reason reason = claim_read(bytes_at(v, "message"), &message);
    if (reason == KW_OK) {
        reason = claim_verify(&message, fixed_at(v, "deviceKey", 32),
                              fixed_at(v, "identity", KW_PUBLIC_KEY_SIZE));
    }
    if (reason == KW_OK) {
        compare_claim(v, &message);
    }
    return reason;
}

kw_reason read_done(vector *v)
{
    done message;
    kw_reason reason = done_read(bytes_at(v, "message"), &message);
    reason = reason == KW_OK ? done_verify(&message, fixed_at(v, "deviceKey", 32)) : reason;
    if (reason == KW_OK) {
        const json *field = compare_bytes(v, first_field(v), message.grant, KW_DIGEST_SIZE);
        field = compare_number(v, field, message.number);
        field = compare_number(v, field, message.result);
        no_more(v, compare_installed(v, field, &message.installed));
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
    if (reason == KW_OK) {
        const json *field = compare_bytes(v, first_field(v), grant.claim, KW_DIGEST_SIZE);
        field = compare_number(v, field, grant.number);
        field = compare_bytes(v, field, grant.manifest, KW_DIGEST_SIZE);
        field = compare_number(v, field, grant.size);
        field = compare_number(v, field, PER_DEVICE);
        no_more(v, compare_bytes(v, field, grant.random, 32));
    }
    return reason;
}

/* The number of a condition (§5): its place here, from 1 on. */
static uint64_t number_of(kw_reason condition)
{
    static const kw_reason conditions[] = {KW_UNKNOWN_SOFTWARE,    KW_NOT_UNDER_CONTRACT, KW_SECOND_DELIVERY,
                                           KW_PREDECESSOR_MISSING, KW_NOT_ENABLED,        KW_OLDER_VERSION};
    size_t i = 0;
    while (i < sizeof conditions / sizeof conditions[0] && conditions[i] != condition) {
        i++;
    }
    return i + 1;
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
        const json *field = compare_bytes(v, first_field(v), refusal.claim, KW_DIGEST_SIZE);
        field = compare_number(v, field, refusal.number);
        no_more(v, compare_number(v, field, number_of(refusal.condition)));
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
    if (reason == KW_OK) {
        uint8_t hash[KW_DIGEST_SIZE];
        kw_hash(plain, hash);
        same_bytes(v, v->root, "hash", kw_bytes_of(hash, sizeof hash));
    }
    return reason;
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
