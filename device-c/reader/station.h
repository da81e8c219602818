/* What station and site read of each other: docs/spec/programming.md §2-§5. */
#ifndef READER_STATION_H
#define READER_STATION_H

#include "keywright/cose.h"

enum { FILE_MAX = (4 << 20) + 4096, IMAGE_MAX = 4194304, EPOCH_SIZE = 16 };

typedef struct {
    kw_message message;
    kw_bytes station;
    uint32_t turn;
    kw_bytes device_type;
    const uint8_t *order, *chip_id, *fresh;
} take;

kw_reason take_read(kw_bytes bytes, take *to);

typedef struct {
    kw_message message;
    kw_bytes station, factory;
    const uint8_t *epoch;
    uint32_t turn;
    kw_bytes sealed; /* EN, read only when it is opened */
} enrolment;

kw_reason enrolment_read(kw_bytes bytes, enrolment *to);

/* Opens the EN with the station's key: R_j and Take key. */
kw_reason enrolment_open(const enrolment *message, const uint8_t station_key[32], uint8_t state[32],
                         uint8_t take_key[32]);

/* §3: turn_j and R_j+1 of R_j, and K_D of turn_j. */
void turn_key(const uint8_t state[32], kw_bytes station, uint32_t turn, uint8_t key[32]);
void next_state(const uint8_t state[32], kw_bytes station, uint32_t turn, uint8_t next[32]);
void device_key(const uint8_t turn[32], kw_bytes device_id, const uint8_t chip_id[17], uint8_t key[32]);

typedef struct {
    kw_message message;
    const uint8_t *take, *epoch, *chip_id;
    kw_list devices;
    uint64_t serial;
    kw_bytes sealed;    /* EN, read only when it is opened */
    const uint8_t *kem; /* the chip's */
} program_file;

kw_reason program_file_read(kw_bytes bytes, program_file *to);

typedef struct {
    uint32_t kid;
    const uint8_t *device_key;
    kw_list devices;
    kw_bytes product, device_type;
    uint64_t kind; /* 1 Intel HEX, 2 raw */
    kw_bytes image;
    uint32_t base_address;
} file_content;

/* Opens the EN with the Take's fresh key into `room`, which has program_file_room bytes; views into it. */
kw_reason program_file_open(const program_file *file, const uint8_t fresh_key[32], uint8_t *room,
                            file_content *content);
size_t program_file_room(const program_file *file);

#endif
