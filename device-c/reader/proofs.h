#ifndef READER_PROOFS_H
#define READER_PROOFS_H

#include "keywright/bytes.h"

/* Whether good proofs pass and bad ones are bad-proof, under the name of this verifier key. */
bool proofs_hold(kw_bytes verifier_key);

#endif
