/* E0 (wire.md §5), and the content of EN, which is sealed in the same way. */
#include "sealed.h"

#include "keywright/port.h"

enum { HEADER_SIZE = 17 }; /* { 1: 3, 5: iv } */

size_t kw_sealed_content_size(const kw_sealed *sealed)
{
    return sealed->sealed.size - KW_TAG_SIZE;
}

void kw_sealed_read(kw_cbor *cbor, size_t most, kw_sealed *sealed)
{
    sealed->protected_header = kw_cbor_bytes(cbor, 0, SIZE_MAX);
    kw_cbor_map(cbor, 0);
    sealed->sealed = kw_cbor_bytes(cbor, KW_TAG_SIZE, KW_TAG_SIZE + most);
}

uint64_t kw_cbor_algorithm(kw_cbor *cbor)
{
    if (kw_cbor_next(cbor) == KW_CBOR_NINT) {
        kw_cbor_nint(cbor, UINT64_MAX);
        return 0;
    }
    return kw_cbor_uint(cbor, 0, UINT64_MAX);
}

/* { 1: 3, 5: iv } */
kw_reason kw_sealed_read_header(kw_sealed *sealed)
{
    kw_cbor header;
    kw_cbor_begin(&header, sealed->protected_header);
    kw_map map = kw_cbor_map(&header, 2);
    kw_map_key(&map, 1);
    uint64_t algorithm = kw_cbor_algorithm(&header);
    kw_map_key(&map, 5);
    sealed->iv = kw_cbor_fixed(&header, KW_NONCE_SIZE);
    if (kw_cbor_end(&header) != KW_OK) {
        return header.reason;
    }
    return algorithm == KW_A256GCM ? KW_OK : KW_WRONG_ALGORITHM;
}

kw_reason kw_e0_read(kw_bytes bytes, size_t most, kw_sealed *e0)
{
    kw_cbor cbor;
    kw_cbor_begin(&cbor, bytes);
    kw_cbor_array(&cbor, 3, 3);
    kw_sealed_read(&cbor, most, e0);
    return kw_cbor_end(&cbor) == KW_OK ? kw_sealed_read_header(e0) : cbor.reason;
}

/* Enc_structure (RFC 9052 §5.3). */
static kw_bytes associated(const char *context, kw_bytes header, kw_bytes external_aad, uint8_t room[192])
{
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, 192);
    kw_cbor_write_array(&writer, 3);
    kw_cbor_write_text(&writer, kw_bytes_of_text(context));
    kw_cbor_write_bytes(&writer, header);
    kw_cbor_write_bytes(&writer, external_aad);
    return kw_cbor_written(&writer);
}

kw_reason kw_sealed_open(const kw_sealed *sealed, const char *context, const uint8_t key[32],
                         kw_bytes external_aad, uint8_t *plain)
{
    uint8_t room[192];
    size_t size = kw_sealed_content_size(sealed);
    if (!kw_port_gcm_open(key, sealed->iv, associated(context, sealed->protected_header, external_aad, room),
                          sealed->sealed.at, size, sealed->sealed.at + size, plain)) {
        kw_wipe(plain, size);
        return KW_BAD_SEAL;
    }
    return KW_OK;
}

kw_reason kw_e0_open(const kw_sealed *e0, const uint8_t key[32], kw_bytes external_aad, uint8_t *plain)
{
    return kw_sealed_open(e0, "Encrypt0", key, external_aad, plain);
}

size_t kw_e0_size(size_t plain_size)
{
    uint8_t head[9];
    return 1 + 1 + HEADER_SIZE + 1 + kw_cbor_head(head, KW_CBOR_BYTES, plain_size + KW_TAG_SIZE) + plain_size
           + KW_TAG_SIZE;
}

size_t kw_e0_seal(const uint8_t key[32], const uint8_t iv[12], kw_bytes external_aad, kw_bytes plain,
                  uint8_t *out)
{
    uint8_t header[HEADER_SIZE] = {0xa2, 0x01, KW_A256GCM, 0x05, 0x4c};
    kw_copy(header + 5, iv, KW_NONCE_SIZE);

    kw_cbor_writer writer;
    uint8_t head[9];
    kw_cbor_write_begin(&writer, out, kw_e0_size(plain.size));
    kw_cbor_write_array(&writer, 3);
    kw_cbor_write_bytes(&writer, kw_bytes_of(header, sizeof header));
    kw_cbor_write_map(&writer, 0);
    kw_cbor_write_raw(&writer,
                      kw_bytes_of(head, kw_cbor_head(head, KW_CBOR_BYTES, plain.size + KW_TAG_SIZE)));

    uint8_t room[192];
    uint8_t *sealed = out + writer.used;
    kw_port_gcm_seal(key, iv, associated("Encrypt0", kw_bytes_of(header, sizeof header), external_aad, room),
                     plain.at, plain.size, sealed, sealed + plain.size);
    return writer.used + plain.size + KW_TAG_SIZE;
}
