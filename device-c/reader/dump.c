#include "dump.h"

#include "keywright/hash.h"

#include <string.h>

typedef enum { PREAMBLE, SEGMENT, BODY, END } frame_kind;

typedef struct {
    kw_bytes stream; /* what is left */
    const dump_reader *reader;
    dump *to;
    uint8_t *room;
    /* The segment whose body comes now: */
    dump_segment *segment;
    kw_port_state body_hash;
    uint8_t key[32];
    kw_body body;
    uint8_t pending[KW_BODY_SEALED_CHUNK_SIZE];
    size_t pending_size;
    uint64_t chunk;
    bool has_head;
} dump_state;

/* The next frame: KW_OK, KW_MALFORMED, or KW_UNFINISHED_DUMP where the stream ends before the frame does. */
static kw_reason next_frame(dump_state *state, frame_kind *kind, kw_bytes *content)
{
    kw_bytes *stream = &state->stream;
    if (stream->size < 5) {
        return KW_UNFINISHED_DUMP;
    }
    uint32_t size = kw_get_uint32(stream->at + 1);
    uint8_t first = stream->at[0];
    bool fits = first == SEGMENT ? state->to->count < SEGMENTS_MAX
                                 : (first == BODY || first == END) && state->to->count > 0;
    if (!fits || size == 0 || size > FRAME_MAX) {
        return KW_MALFORMED;
    }
    *kind = (frame_kind)first;
    if (stream->size - 5 < size) {
        return KW_UNFINISHED_DUMP;
    }
    *content = kw_bytes_of(stream->at + 5, size);
    stream->at += 5 + size;
    stream->size -= 5 + size;
    return KW_OK;
}

static kw_reason read_preamble(dump_state *state)
{
    kw_bytes *stream = &state->stream;
    if (stream->size < 5 || stream->at[0] != PREAMBLE) {
        return KW_MALFORMED;
    }
    uint32_t size = kw_get_uint32(stream->at + 1);
    if (size == 0 || size > FRAME_MAX || stream->size - 5 < size) {
        return KW_MALFORMED;
    }
    kw_cbor cbor;
    kw_cbor_begin(&cbor, kw_bytes_of(stream->at + 5, size));
    kw_map map = kw_cbor_map(&cbor, 4);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    const uint8_t *chip_id = kw_cbor_chip_id(&cbor);
    kw_map_key(&map, 2);
    state->to->boot = kw_cbor_uint(&cbor, 0, KW_INT63_MAX);
    kw_map_key(&map, 3);
    state->to->number = kw_cbor_uint32(&cbor);
    if (kw_cbor_end(&cbor) != KW_OK) {
        return cbor.reason;
    }
    stream->at += 5 + size;
    stream->size -= 5 + size;
    return memcmp(chip_id, state->reader->chip_id, KW_CHIP_ID_SIZE) == 0 ? KW_OK : KW_WRONG_CHIP;
}

/* ["dump", chip-id, boot, dump-no, i] for the body; with the program at the end for EN. */
static kw_bytes place(const dump_state *state, bool of_en, uint8_t room[96])
{
    kw_cbor_writer writer;
    kw_cbor_write_begin(&writer, room, 96);
    kw_cbor_write_array(&writer, of_en ? 6 : 5);
    kw_cbor_write_text(&writer, kw_bytes_of_text("dump"));
    kw_cbor_write_bytes(&writer, kw_bytes_of(state->reader->chip_id, KW_CHIP_ID_SIZE));
    kw_cbor_write_uint(&writer, state->to->boot);
    kw_cbor_write_uint(&writer, state->to->number);
    kw_cbor_write_uint(&writer, state->to->count - 1);
    if (of_en) {
        kw_cbor_write_bytes(&writer, kw_bytes_of(state->segment->program, KW_DIGEST_SIZE));
    }
    return kw_cbor_written(&writer);
}

static kw_reason open_en(dump_state *state, kw_bytes bytes)
{
    uint8_t room[96];
    kw_en en;
    kw_reason reason = kw_en_read(bytes, sizeof state->key, &en);
    if (reason != KW_OK) {
        return reason;
    }
    uint8_t content[sizeof state->key];
    reason = kw_en_open(&en, state->reader->keys, state->reader->key_count, place(state, true, room),
                        content);
    if (reason == KW_NOT_THE_RECIPIENT) {
        return KW_OK;
    }
    if (reason == KW_OK && kw_sealed_content_size(&en.content) != sizeof state->key) {
        reason = KW_MALFORMED;
    }
    if (reason == KW_OK) {
        kw_copy(state->key, content, sizeof state->key);
        state->segment->own = true;
        state->segment->content = kw_bytes_of(state->room, 0);
    }
    kw_wipe(content, sizeof content);
    return reason;
}

static kw_reason begin_segment(dump_state *state, kw_bytes content)
{
    state->segment = &state->to->segments[state->to->count++];
    memset(state->segment, 0, sizeof *state->segment);
    state->pending_size = 0;
    state->chunk = 0;
    state->has_head = false;

    kw_cbor cbor;
    kw_cbor_begin(&cbor, content);
    kw_map map = kw_cbor_map(&cbor, 4);
    kw_map_version(&map);
    kw_map_key(&map, 1);
    state->segment->owner = kw_cbor_digest(&cbor);
    kw_map_key(&map, 2);
    state->segment->program = kw_cbor_digest(&cbor);
    kw_map_key(&map, 3);
    kw_bytes en = kw_cbor_bytes(&cbor, 1, 4096);
    kw_reason reason = kw_cbor_end(&cbor);
    reason = reason == KW_OK ? open_en(state, en) : reason;
    kw_hash(en, state->segment->en_digest);
    return reason;
}

static kw_reason open_pending(dump_state *state)
{
    kw_reason reason = kw_body_open_chunk(&state->body, state->chunk++,
                                          kw_bytes_of(state->pending, state->pending_size), state->room);
    if (reason == KW_OK) {
        state->room += state->pending_size - KW_TAG_SIZE;
        state->segment->content.size += state->pending_size - KW_TAG_SIZE;
    }
    state->pending_size = 0;
    return reason;
}

/* Collects head and chunks; full chunks open at once. */
static kw_reason take_body(dump_state *state, kw_bytes content)
{
    kw_port_sha256_add(&state->body_hash, content.at, content.size);
    state->segment->sealed_size += content.size;
    while (state->segment->own && content.size > 0) {
        size_t wanted = state->has_head ? KW_BODY_SEALED_CHUNK_SIZE : KW_BODY_HEAD_SIZE;
        size_t part = wanted - state->pending_size < content.size ? wanted - state->pending_size
                                                                  : content.size;
        kw_copy(state->pending + state->pending_size, content.at, part);
        state->pending_size += part;
        content = kw_bytes_of(content.at + part, content.size - part);
        if (state->pending_size < wanted) {
            break;
        }
        kw_reason reason;
        if (state->has_head) {
            reason = open_pending(state);
        } else {
            uint8_t room[96];
            reason = kw_body_begin(&state->body, state->key, place(state, false, room), state->pending);
            state->has_head = true;
            state->pending_size = 0;
        }
        if (reason != KW_OK) {
            return reason;
        }
    }
    return KW_OK;
}

/* The body is whole: its last chunk. */
static kw_reason end_body(dump_state *state)
{
    if (state->segment == NULL || !state->segment->own) {
        return KW_OK;
    }
    return state->has_head ? open_pending(state) : KW_BAD_SEAL;
}

/* The stream ended: what opened stands. */
static kw_reason unfinished(dump_state *state)
{
    bool some = false;
    if (state->segment != NULL && state->segment->own && state->has_head) {
        (void)open_pending(state);
    }
    for (size_t i = 0; i < state->to->count; i++) {
        some |= state->to->segments[i].own;
    }
    return some ? KW_OK : KW_UNFINISHED_DUMP;
}

/* One body, frame by frame, up to the frame that follows it. */
static kw_reason read_body_frames(dump_state *state, frame_kind *kind, kw_bytes *content)
{
    kw_reason reason;
    kw_port_sha256_begin(&state->body_hash);
    do {
        reason = next_frame(state, kind, content);
        if (reason != KW_OK || *kind != BODY) {
            break;
        }
        reason = take_body(state, *content);
    } while (reason == KW_OK);
    kw_port_sha256_end(&state->body_hash, state->segment->body_digest);
    return reason == KW_OK ? end_body(state) : reason;
}

static kw_reason read_frames(dump_state *state)
{
    frame_kind kind;
    kw_bytes content;
    kw_reason reason = next_frame(state, &kind, &content);
    while (reason == KW_OK && kind == SEGMENT) {
        reason = begin_segment(state, content);
        reason = reason == KW_OK ? read_body_frames(state, &kind, &content) : reason;
    }
    if (reason != KW_OK) {
        return reason == KW_UNFINISHED_DUMP ? unfinished(state) : reason;
    }
    reason = dump_end_judge(content, state->reader, state->to);
    if (reason == KW_OK && state->stream.size != 0) {
        reason = KW_MALFORMED;
    }
    state->to->finished = reason == KW_OK;
    return reason;
}

kw_reason dump_read(kw_bytes stream, const dump_reader *reader, uint8_t *room, dump *to)
{
    dump_state state = {.stream = stream, .reader = reader, .to = to, .room = room};
    to->count = 0;
    to->finished = false;
    kw_reason reason = read_preamble(&state);
    reason = reason == KW_OK ? read_frames(&state) : reason;
    if (reason == KW_OK && to->finished) {
        reason = KW_NOT_THE_RECIPIENT;
        for (size_t i = 0; i < to->count; i++) {
            reason = to->segments[i].own ? KW_OK : reason;
        }
    }
    kw_wipe(state.key, sizeof state.key);
    kw_body_end(&state.body);
    return reason;
}
