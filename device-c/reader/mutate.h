/* Seeded changes of vector fields: bits flipped, bytes overwritten, cut, dropped, inserted, repeated. */
#ifndef READER_MUTATE_H
#define READER_MUTATE_H

#include "keywright/bytes.h"

/* From now on `mutated` may give a changed copy, as this seed says; 0: never. */
void mutate_by(uint64_t seed);

kw_bytes mutated(kw_bytes bytes);

/* Whether this case takes proofs that do not verify. */
bool mutation_is_lenient(void);
uint64_t random_below(uint64_t limit);

#endif
