"""How a chip is made and how it starts: chip.md §1 and §5."""

import keys
from machine import read_chip

SEED, WINDOW, REPETITIONS, PROPORTION = 96, 512, 9, 71


def judge_start(chip: bytes, noise_at_birth: bytes, tester: bytes, noise: bytes, boots):
    if not (is_noise(noise_at_birth) and is_noise(noise)):
        return {"outcome": "no start"}
    chip_key = keys.extract("chip key", [noise_at_birth[-SEED:], tester])
    drbg_key = keys.kdf(chip_key, "drbg", [read_chip(chip).id])
    return {"random": first_bytes(noise[-SEED:] + drbg_key + boots.to_bytes(8, "big")).hex()}


def is_noise(samples):
    """SP 800-90B §4.4.1 and §4.4.2."""
    repeats = any(len(set(samples[at:at + REPETITIONS])) == 1 for at in range(len(samples) - REPETITIONS + 1))
    windows = [samples[at:at + WINDOW] for at in range(0, len(samples), WINDOW)]
    return not repeats and all(window.count(window[0]) < PROPORTION for window in windows)


def first_bytes(seed):
    """The first 32 bytes of HMAC-DRBG, SP 800-90A §10.1.2."""
    key, value = bytes(32), b"\x01" * 32
    for turn in (b"\0", b"\x01"):
        key = keys.hmac_sha256(key, value + turn + seed)
        value = keys.hmac_sha256(key, value)
    return keys.hmac_sha256(key, value)
