#!/usr/bin/python3
"""Judges every case in the folders of test vectors by what the specification says, and compares.

    conformance.py [VECTORS]    one line a failure; at the end "N passed, N failed, N skipped"
    conformance.py --judge      cases on stdin, one JSON object a line with its "folder" and without `expect`;
                                one verdict a line on stdout
"""

import inspect
import json
import re
import sys
from collections import Counter
from pathlib import Path

import cbor
import cddl
import cose
import dump
import firmware
import identity
import images
import journal
import judgements
import keydownload
import keys
import log
import machine
import primitives
import program
import programming
import provisioning
import resync
import start
import tiles
from cbor import Refused

FAULTS = ArithmeticError, AttributeError, LookupError, TypeError, ValueError
ROOT = Path(__file__).resolve().parents[2]

JUDGES = {
    "ack": keydownload.judge_ack,
    "backup": identity.judge_backup,
    "body": firmware.judge_body,
    "cbor": primitives.judge_cbor,
    "certificate": identity.judge_certificate,
    "chain": identity.judge_chain,
    "checkpoint": log.judge_checkpoint,
    "chip-list": provisioning.judge_chip_list,
    "claim": firmware.judge_claim,
    "counted-chips": provisioning.judge_counted_chips,
    "digest": keys.judge_digest,
    "done": firmware.judge_done,
    "dump": dump.judge_dump,
    "enrolment": programming.judge_enrolment,
    "entry": identity.judge_entry,
    "envelope": cose.judge_envelope,
    "grant": firmware.judge_grant,
    "images": images.judge_images,
    "issuer": identity.judge_issuer,
    "journal": journal.judge_journal,
    "judgement": judgements.judge_judgement,
    "keep": machine.judge_keep,
    "key-block": keydownload.judge_key_block,
    "module": firmware.judge_module,
    "order": provisioning.judge_order,
    "package": machine.judge_package,
    "possession": identity.judge_possession,
    "primitives": primitives.judge_primitives,
    "program": machine.judge_program,
    "program-command": programming.judge_program_command,
    "program-file": programming.judge_program_file,
    "proof": log.judge_proof,
    "receipt": provisioning.judge_receipt,
    "refusal": firmware.judge_refusal,
    "resume": resync.judge_resume,
    "resumed": resync.judge_resumed,
    "resync": resync.judge_resync,
    "start": start.judge_start,
    "take": programming.judge_take,
    "tiles": tiles.judge_tiles,
    "turn": programming.judge_turn,
    "unlock": machine.judge_package,
    "unlocking": machine.judge_unlocking,
}


def main(arguments):
    if arguments == ["--judge"]:
        for line in sys.stdin:
            print(verdict_of(json.loads(line)), flush=True)
        return 0
    failures = passed = 0
    pages, results = cddl.load(ROOT / "docs/spec")
    words = Counter()
    for file in sorted(Path(arguments[0] if arguments else ROOT / "vectors").glob("*/*.json")):
        results.append((f"{file.parent.name}/{file.name}", check(file) + check_shapes(pages, words)))
    for name, faults in results:
        passed += not faults
        failures += len(faults) > 0
        for fault in faults:
            print(f"{name}: {fault}")
    for rule, count in sorted(words.items()):
        print(f"in words only, {count} refused: {rule}")
    print(f"{passed} passed, {failures} failed, 0 skipped")
    return 1 if failures else 0


def check_shapes(pages, words):
    """Faults where a page's CDDL and a reader differ on what was read. What matches, and is refused for a
    rule that stands in words only, is counted in `words`."""
    faults = []
    for page, rule, data, decoder, refused in cbor.reads:
        try:
            fits = page in pages and pages[page].matches(rule, decoder(data))
        except Refused:
            fits = False
        if refused and fits and refused.words:
            words[refused.words] += 1
        elif fits == bool(refused):
            reason = f"refused as {refused.reason}" if refused else "read"
            agrees = "matches" if fits else "does not match"
            faults.append(f"{rule} of {page} {agrees} its CDDL, and was {reason}")
    cbor.reads.clear()
    return faults


def verdict_of(case):
    """`ok` or the reason; `unfinished` of a dump; `fault` and more, which is no verdict."""
    cbor.reads.clear()
    try:
        return judge(case["folder"], case).get("outcome", "ok")
    except Refused as refused:
        return refused.reason
    except FAULTS as fault:
        return f"fault: {fault!r}"


def check(file):
    """What came out otherwise than the file expects."""
    case = json.loads(file.read_text(encoding="utf-8"))
    if file.parent.name not in JUDGES:
        return [f"no such folder is known: {file.parent.name}"]
    expected, told = expectation(JUDGES[file.parent.name], case)
    try:
        facts = judge(file.parent.name, case)
        got = facts.pop("outcome", "accepted")
    except Refused as refused:
        facts, got = {}, refused.reason
    except FAULTS as fault:
        return [f"expected {expected}, got a fault of this reader: {fault!r}"]
    if got != expected:
        return [f"expected {expected}, got {got}"]
    if got in program.REASONS:
        return []
    untold = [f"got {name}, which the file does not tell" for name in facts if name not in told]
    return untold + [f"expected {name} {wanted}, got {facts.get(name)}" for name, wanted in told.items()
                     if facts.get(name) != wanted]


def expectation(judge_of_folder, case):
    """The verdict that the file names, and the facts: in `expect`, or beside it and no input of the judge."""
    expect = case["expect"]
    if isinstance(expect, dict):
        return (expect["refused"], {}) if "refused" in expect else ("accepted", expect)
    inputs = inspect.signature(judge_of_folder).parameters.values()
    if any(parameter.kind == parameter.VAR_KEYWORD for parameter in inputs):
        return expect, {}
    known = {parameter.name for parameter in inputs} | {"what", "expect"}
    return expect, {name: case[name] for name in case if snake(name) not in known}


def judge(folder, case):
    """The facts that come out, or Refused."""
    judge_of_folder = JUDGES[folder]
    given = {snake(name): value for name, value in case.items() if name not in ("what", "expect", "folder")}
    arguments = {}
    for name, parameter in inspect.signature(judge_of_folder).parameters.items():
        if parameter.kind == parameter.VAR_KEYWORD:
            arguments |= {other: value for other, value in given.items() if other not in arguments}
        elif name in given or parameter.default is parameter.empty:
            arguments[name] = bytes.fromhex(given[name]) if parameter.annotation is bytes else given[name]
    return judge_of_folder(**arguments)


def snake(name):
    return re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), name).replace("-", "_")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
