/* An unlock is made of kept halves and the package (provisioning.md §4.5). */
#include "chips.h"
#include "provision.h"

#include "keywright/hash.h"

#include <string.h>

/* PRK, then OEM_SHARE (§4.3). */
static void oem_share_of(const chip *of, uint8_t mode, const opened_halves *halves, uint8_t out[32])
{
    uint8_t room[128], prk[32];
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_bytes(&writer, kw_bytes_of(halves->input, halves->input_size));
    kw_cbor_write_bytes(&writer, kw_bytes_of(halves->share, halves->share_size));
    kw_extract("oem", kw_cbor_written(&writer), prk);

    kw_cbor_write_begin(&writer, room, sizeof room);
    kw_cbor_write_array(&writer, 2);
    kw_cbor_write_text(&writer, of->family);
    kw_cbor_write_uint(&writer, mode);
    kw_kdf(kw_bytes_of(prk, sizeof prk), "named oem share", kw_cbor_written(&writer), out, KW_KEY_SIZE);
}

/* §3.5 */
static kw_reason judge_leaf(const chip *of, kw_bytes list_bytes, kw_bytes leaf, unlocking *to)
{
    chip_list list;
    listed_chip listed;
    kw_reason reason = chip_list_read(list_bytes, &list);
    reason = reason == KW_OK ? kw_message_verify_signature(&list.message, of->maker) : reason;
    if (reason == KW_OK && !kw_same(list.family, of->family)) {
        reason = KW_WRONG_FAMILY;
    }
    reason = reason == KW_OK ? listed_chip_read(leaf, &listed) : reason;
    if (reason == KW_OK && !listed_chip_is_in(&listed, &list)) {
        reason = KW_BAD_PROOF;
    }
    if (reason == KW_OK) {
        to->named = listed.leaf.chip_id;
    }
    return reason;
}

/* The package's size, and its tag under the K_AUTH that these halves make. */
static kw_reason judge_package(const chip *of, kw_bytes package, const kw_header *header,
                               const uint8_t oem_share[32], uint8_t *room)
{
    epoch_room of_epoch;
    kw_package_keys keys;
    uint8_t digest[32];
    kw_source source = source_of(&package);
    kw_family_keys family = chip_family_keys(of, header->epoch, &of_epoch);
    if (kw_package_size(header) != package.size) {
        return KW_DAMAGED_PACKAGE;
    }
    kw_package_keys_make(&family, header, kw_bytes_of(oem_share, KW_KEY_SIZE), &keys);
    return kw_package_pass(&source, header, &keys, room, header->block_size, digest) == KW_OK
               ? KW_OK
               : KW_KEEP_MISMATCH;
}

kw_reason chip_makes_unlock(const chip *of, const unlocking_inputs *inputs, uint8_t *room, unlocking *to)
{
    program by;
    opened_halves halves;
    kw_header header;
    bool for_chip = inputs->list.at != NULL;
    kw_bytes command = kw_bytes_of_text(for_chip ? "unlock-for-chip" : "unlock-family");
    kw_reason reason = chip_takes_program(of, inputs->program, command, &by);
    if (reason == KW_OK) {
        reason = chip_takes_header(of, &by, inputs->package, for_chip ? 2 : 1, &header);
    }
    if (reason == KW_OK && of->owner != NULL && memcmp(of->owner, header.oem, KW_DIGEST_SIZE) != 0) {
        reason = KW_WRONG_OWNER;
    }
    reason = reason == KW_OK ? chip_opens_halves(of, header.oem, &inputs->halves, &halves) : reason;
    if (reason == KW_OK) {
        oem_share_of(of, header.mode, &halves, to->oem_share);
        reason = judge_package(of, inputs->package, &header, to->oem_share, room);
    }
    return reason == KW_OK && for_chip ? judge_leaf(of, inputs->list, inputs->leaf, to) : reason;
}
