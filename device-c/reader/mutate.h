/* Seeded changes of vector fields: bits flipped, bytes overwritten, cut, dropped, inserted, repeated. */
#ifndef READER_MUTATE_H
#define READER_MUTATE_H

#include "keywright/bytes.h"

/* From now on `mutated` may give a changed copy, as this seed says; 0: never. */
void mutate_by(uint64_t seed);

kw_bytes mutated(kw_bytes bytes);

/* From now on `flipped` flips this bit of this field of a vector; a null field: never. */
void flip_by(const char *field, uint64_t bit);
kw_bytes flipped(const char *field, kw_bytes bytes);

/* How many bits that field had; 0 when nobody asked for it. */
uint64_t flip_field_bits(void);

/* Whether this case takes proofs that do not verify. */
bool mutation_is_lenient(void);
void mutation_be_lenient(bool be);
uint64_t random_below(uint64_t limit);

#endif
