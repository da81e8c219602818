#include "keywright/cbor.h"

size_t kw_cbor_head(uint8_t into[9], kw_cbor_type type, uint64_t value)
{
    size_t size = value < 24            ? 0
                  : value <= UINT8_MAX  ? 1
                  : value <= UINT16_MAX ? 2
                  : value <= UINT32_MAX ? 4
                                        : 8;
    uint8_t info = size == 0 ? (uint8_t)value : size == 1 ? 24 : size == 2 ? 25 : size == 4 ? 26 : 27;
    into[0] = (uint8_t)((unsigned)type << 5 | info);
    for (size_t i = size; i > 0; i--) {
        into[i] = (uint8_t)value;
        value >>= 8;
    }
    return size + 1;
}

static void append(kw_cbor_writer *writer, const uint8_t *from, size_t size)
{
    if (size > writer->room - writer->used) {
        writer->full = true;
    }
    if (!writer->full) {
        kw_copy(writer->at + writer->used, from, size);
        writer->used += size;
    }
}

static void write_head(kw_cbor_writer *writer, kw_cbor_type type, uint64_t value)
{
    uint8_t bytes[9];
    append(writer, bytes, kw_cbor_head(bytes, type, value));
}

void kw_cbor_write_begin(kw_cbor_writer *writer, uint8_t *at, size_t room)
{
    writer->at = at;
    writer->room = room;
    writer->used = 0;
    writer->full = false;
}

void kw_cbor_write_uint(kw_cbor_writer *writer, uint64_t value)
{
    write_head(writer, KW_CBOR_UINT, value);
}

void kw_cbor_write_bytes(kw_cbor_writer *writer, kw_bytes bytes)
{
    write_head(writer, KW_CBOR_BYTES, bytes.size);
    append(writer, bytes.at, bytes.size);
}

void kw_cbor_write_text(kw_cbor_writer *writer, kw_bytes text)
{
    write_head(writer, KW_CBOR_TEXT, text.size);
    append(writer, text.at, text.size);
}

void kw_cbor_write_array(kw_cbor_writer *writer, size_t count)
{
    write_head(writer, KW_CBOR_ARRAY, count);
}

void kw_cbor_write_map(kw_cbor_writer *writer, size_t count)
{
    write_head(writer, KW_CBOR_MAP, count);
}

void kw_cbor_write_raw(kw_cbor_writer *writer, kw_bytes encoded)
{
    append(writer, encoded.at, encoded.size);
}

kw_bytes kw_cbor_written(const kw_cbor_writer *writer)
{
    return kw_bytes_of(writer->at, writer->used);
}
