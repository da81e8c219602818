"""The file of entries that a station only adds to: journal.md."""

from types import SimpleNamespace

import keys

HEAD, HASH, RECORD_LIMIT, SECRET_LIMIT = 40, 32, 8 << 20, 4096


def judge_journal(journal: bytes):
    entries, at = [], 0
    while at < len(journal):
        entry = entry_at(journal, at)
        if entry is None or (entry.secret is None and entry.end == len(journal)):
            if any(entry_at(journal, later) for later in range(at + 1, len(journal))):
                return {"outcome": "damaged"}
            break
        erased = entry.secret is None
        entries.append({"record": entry.record.hex(), "secret": None if erased else entry.secret.hex()})
        at = entry.end
    return {"entries": entries, "kept": at}


def entry_at(journal, at):
    """None unless an entry whose second hash is right begins here; a secret that is not the first hash's is None."""
    record_size, secret_size = (int.from_bytes(journal[at + skip:at + skip + 4], "big") for skip in (0, 4))
    record_end = at + HEAD + record_size
    end = record_end + HASH + secret_size
    if end > len(journal) or record_size > RECORD_LIMIT or secret_size > SECRET_LIMIT:
        return None
    if keys.digest(journal[at:record_end]) != journal[record_end:record_end + HASH]:
        return None
    secret = journal[record_end + HASH:end]
    whole = keys.digest(secret) == journal[at + 8:at + HEAD]
    return SimpleNamespace(record=journal[at + HEAD:record_end], secret=secret if whole else None, end=end)
