/* A dump as its owner's tool reads it: docs/spec/diagnostics.md §1-§4. */
#ifndef READER_DUMP_H
#define READER_DUMP_H

#include "keywright/body.h"
#include "keywright/cose.h"

enum { SEGMENTS_MAX = 8, FRAME_MAX = 65536, DUMP_END_MAX = 8192 };

/* What the reader knows of the chip, and its own keys. */
typedef struct {
    const uint8_t *chip_id, *identity;
    kw_bytes device_id;
    const kw_hpke_key *keys;
    size_t key_count;
} dump_reader;

typedef struct {
    const uint8_t *owner, *program;
    uint8_t en_digest[32], body_digest[32];
    uint64_t sealed_size;
    bool own;
    kw_bytes content; /* of an own one, as far as it opened */
} dump_segment;

typedef struct {
    uint64_t boot;
    uint32_t number;
    dump_segment segments[SEGMENTS_MAX];
    size_t count;
    bool finished;
    uint64_t trigger, time;
    bool has_time;
} dump;

/* `room` takes what opens, at most as many bytes as the stream has. KW_OK with `finished` false: an
   unfinished dump of which something opened. */
kw_reason dump_read(kw_bytes stream, const dump_reader *reader, uint8_t *room, dump *to);

/* The end (§3) against what was received: wire.md §4, bad-signature, wrong-dump, wrong-identity. */
kw_reason dump_end_judge(kw_bytes end, const dump_reader *reader, dump *received);

#endif
