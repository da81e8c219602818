#ifndef KEYWRIGHT_LOG_KEY_H
#define KEYWRIGHT_LOG_KEY_H

#include "keywright/log.h"

/* Names of logs and witnesses: 1-128 characters of UTF-8 without spaces, plus and controls. */
bool kw_is_log_name(kw_bytes name);

/* ECDSA over the text, DER SEQUENCE { r, s } (log.md §3.2). */
bool kw_log_key_verifies(const kw_log_key *key, kw_bytes text, kw_bytes der);

#endif
