/* Why hostile, stale or foreign input is turned away: the closed set of
 * docs/spec/refusals.md, in its order. */
#ifndef KEYWRIGHT_REASON_H
#define KEYWRIGHT_REASON_H

#include "keywright/bytes.h"

#define KW_REASONS(REASON) \
    REASON(MALFORMED, "malformed") \
    REASON(TOO_LARGE, "too-large") \
    REASON(WRONG_VERSION, "wrong-version") \
    REASON(WRONG_TYPE, "wrong-type") \
    REASON(WRONG_ALGORITHM, "wrong-algorithm") \
    REASON(BAD_SIGNATURE, "bad-signature") \
    REASON(BAD_MAC, "bad-mac") \
    REASON(BAD_SEAL, "bad-seal") \
    REASON(UNKNOWN_KEY, "unknown-key") \
    REASON(WRONG_CHIP, "wrong-chip") \
    REASON(WRONG_LIFECYCLE, "wrong-lifecycle") \
    REASON(UNKNOWN_COMMAND, "unknown-command") \
    REASON(MISSING_INPUT, "missing-input") \
    REASON(UNCONFINED_PROGRAM, "unconfined-program") \
    REASON(WRONG_FAMILY, "wrong-family") \
    REASON(WRONG_EPOCH, "wrong-epoch") \
    REASON(WRONG_LOT, "wrong-lot") \
    REASON(WRONG_OWNER, "wrong-owner") \
    REASON(FOREIGN_PACKAGE, "foreign-package") \
    REASON(DAMAGED_PACKAGE, "damaged-package") \
    REASON(UNLOCK_MISMATCH, "unlock-mismatch") \
    REASON(KEEP_MISMATCH, "keep-mismatch") \
    REASON(ALREADY_PROVISIONED, "already-provisioned") \
    REASON(STORE_FULL, "store-full") \
    REASON(OVER_QUOTA, "over-quota") \
    REASON(FOREIGN_RECEIPT, "foreign-receipt") \
    REASON(UNKNOWN_CHIP, "unknown-chip") \
    REASON(UNKNOWN_STATION, "unknown-station") \
    REASON(REVOKED_STATION, "revoked-station") \
    REASON(USED_TURN, "used-turn") \
    REASON(TURN_OUT_OF_WINDOW, "turn-out-of-window") \
    REASON(STALE_EPOCH, "stale-epoch") \
    REASON(UNKNOWN_ORDER, "unknown-order") \
    REASON(NO_IDENTITY_LEFT, "no-identity-left") \
    REASON(WRONG_TAKE, "wrong-take") \
    REASON(NO_BOOTLOADER, "no-bootloader") \
    REASON(BAD_IMAGE, "bad-image") \
    REASON(ZONE_TOO_SMALL, "zone-too-small") \
    REASON(UNKNOWN_ID, "unknown-id") \
    REASON(UNKNOWN_SOFTWARE, "unknown-software") \
    REASON(SECOND_DELIVERY, "second-delivery") \
    REASON(NOT_ENABLED, "not-enabled") \
    REASON(PREDECESSOR_MISSING, "predecessor-missing") \
    REASON(OLDER_VERSION, "older-version") \
    REASON(NOT_UNDER_CONTRACT, "not-under-contract") \
    REASON(FORK, "fork") \
    REASON(DOWNGRADE, "downgrade") \
    REASON(RESYNC, "resync") \
    REASON(RESUME_DUE, "resume-due") \
    REASON(CLAIM_OPEN, "claim-open") \
    REASON(NO_CLAIM_OPEN, "no-claim-open") \
    REASON(WRONG_CLAIM, "wrong-claim") \
    REASON(WRONG_GRANT, "wrong-grant") \
    REASON(FOREIGN_MODULE, "foreign-module") \
    REASON(ROLLBACK, "rollback") \
    REASON(BODY_MISMATCH, "body-mismatch") \
    REASON(WRONG_IDENTITY, "wrong-identity") \
    REASON(IDENTITY_TAKEN, "identity-taken") \
    REASON(BROKEN_CHAIN, "broken-chain") \
    REASON(FOREIGN_BACKUP, "foreign-backup") \
    REASON(STALE_BACKUP, "stale-backup") \
    REASON(BAD_PROOF, "bad-proof") \
    REASON(PROOF_DUE, "proof-due") \
    REASON(UNKNOWN_ENTRY, "unknown-entry") \
    REASON(UNKNOWN_PROGRAM, "unknown-program") \
    REASON(NOT_THE_RECIPIENT, "not-the-recipient") \
    REASON(UNFINISHED_DUMP, "unfinished-dump") \
    REASON(WRONG_DUMP, "wrong-dump") \
    REASON(UNKNOWN_UNIT, "unknown-unit") \
    REASON(UNKNOWN_APPLICATION_KEY, "unknown-application-key") \
    REASON(NOT_AUTHORISED, "not-authorised") \
    REASON(CEILING_REACHED, "ceiling-reached") \
    REASON(NO_CHALLENGE, "no-challenge") \
    REASON(WRONG_REFERENCE, "wrong-reference") \
    REASON(BAD_KEY_BLOCK, "bad-key-block") \
    REASON(WRONG_USAGE, "wrong-usage") \
    REASON(OLDER_KEY, "older-key") \
    REASON(BAD_ACKNOWLEDGEMENT, "bad-acknowledgement")

/* KW_OK: no refusal. Every function that judges input returns one of these. */
typedef enum {
    KW_OK,
#define KW_REASON_ENUM(name, text) KW_##name,
    KW_REASONS(KW_REASON_ENUM)
#undef KW_REASON_ENUM
        KW_REASON_COUNT
} kw_reason;

/* The name in the specification; "accepted" for KW_OK. */
const char *kw_reason_name(kw_reason reason);

/* The reason of that name; KW_OK when there is none. */
kw_reason kw_reason_named(kw_bytes name);

#endif
