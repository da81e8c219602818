"""The slot machine of a chip that seals, and of one that is provisioned: provisioning.md §2 to §6."""

from types import SimpleNamespace

import confinement
import cose
import fields
import keys
import program as programs
from cbor import Reader, decode, list_of, need, read_keys, reads, reads_as
from deeds import COUNTER, DEEDS, RULES

GENERATED = 4

CHIP = {"id": fields.chip_id, "family": fields.name, "lot": fields.number32, "maker": fields.public_key,
        "shares": list_of(2, 8, fields.digest), "oem_share": fields.digest, "master_share": fields.digest}


@reads_as("chip.md", "immutable")
def read_chip(data):
    reader = Reader(data)
    immutable = reader.map(9)
    reader.version(immutable)
    said = read_keys(reader, immutable, CHIP)
    oem = fields.digest(reader) if immutable.has(8) else None
    immutable.end()
    reader.end()
    return SimpleNamespace(**said, oem=oem, lifecycle=0)


def run(chip, program_message, command, inputs, kem=None, random=bytes):
    """Runs a command of the chip maker's program on a blank chip; the state that it leaves, or Refused.
    `kem` is the chip's private key, where a case opens something with it; `random` gives random bytes: zeros
    will do where nothing that is made leaves the judge."""
    program = programs.read_program(program_message)
    cose.verify_signature(program["message"], chip.maker)
    confinement.check(program)
    need(program["family"] == chip.family, "wrong-family")
    need(command in program["commands"], "unknown-command")
    state = start(chip, program, inputs, kem, random)
    instructions = program["commands"][command][1]
    at = 0
    while at < len(instructions):
        name, operands = instructions[at]
        at = run_loop(state, instructions, at) if name == "each" else at + 1
        if name != "each":
            DEEDS[name](state, *operands)
    for name in inputs.keys() & RULES.keys():
        reads.append(("provisioning.md", RULES[name], inputs[name], decode, None))
    return state


def start(chip, program, inputs, kem, random):
    def of_epoch(share):
        return keys.kdf(share, "epoch", [program["epoch"]])
    facts = {"chip.id": chip.id, "chip.family": chip.family, "chip.lot": chip.lot,
             "chip.lifecycle": chip.lifecycle, "chip.shares": len(chip.shares), "chip.counter": COUNTER,
             "program.family": program["family"],
             "program.epoch": program["epoch"], "program.version": program["version"]}
    return SimpleNamespace(chip=chip, inputs=inputs, taken={}, outputs={}, random=random, facts=facts,
                           keys={}, values={}, shares=[of_epoch(share) for share in chip.shares],
                           roots=(of_epoch(chip.oem_share), chip.master_share), asset=None, header=None,
                           parts=[], unwrapped=[], installed=[], plan=None, kem=kem, leaf=None, sent=None)


def run_loop(state, instructions, at):
    """All turns of the loop that begins here; where it goes on behind it."""
    end = next(index for index in range(at, len(instructions)) if instructions[index].name == "end")
    for number, asset in enumerate(state.header.assets):
        if asset.kind in instructions[at].operands[0]:
            state.asset = asset
            state.facts |= {"asset.number": number, "asset.ref": asset.ref, "asset.kind": asset.kind,
                            "asset.size": asset.size}
            for name, operands in instructions[at + 1:end]:
                DEEDS[name](state, *operands)
    return end + 1


def judge_package(chip: bytes, program: bytes, command, order: bytes, order_key: bytes, package: bytes,
                  unlock: bytes, kem: bytes = None):
    inputs = {"order": order, "order-key": order_key, "package": package, "unlock": unlock}
    state = run(read_chip(chip), program, command, inputs, kem)
    assets = [told(asset, content) for asset, content in state.installed]
    return {"digest": state.provisioned.hex(), "assets": assets}


def told(asset, content):
    """Of a generated asset no case knows the content."""
    return {"ref": asset.ref, "kind": asset.kind, "content": "" if asset.kind == GENERATED else content.hex()}


def judge_keep(chip: bytes, program: bytes, plan: bytes, keep_input: bytes, keep_share: bytes):
    inputs = {"plan": plan, "keep-input": keep_input, "keep-share": keep_share, "content": b""}
    state = run(read_chip(chip), program, "regenerate", inputs)
    return {"oem": state.plan.oem.hex(), "oemRandom": state.unwrapped[0].hex()}


def judge_unlocking(chip: bytes, program: bytes, command, package: bytes, keep_input: bytes,
                    keep_share: bytes, list: bytes = None, leaf: bytes = None, kem: bytes = None):
    """`kem` is that of the named chip, for who seals in earnest."""
    inputs = {"package": package, "keep-input": keep_input, "keep-share": keep_share}
    inputs |= {} if list is None else {"list": list, "leaf": leaf}
    state = run(read_chip(chip), program, command, inputs)
    facts = {"oemShare": state.sent.hex()}
    return facts | ({"emitted": state.outputs["unlock"].hex()} if state.leaf is None else
                    {"named": state.leaf["chip"].hex()})


def judge_program(key: bytes, message: bytes):
    program = programs.read_program(message)
    cose.verify_signature(program["message"], key)
    confinement.check(program)
    commands = [{"name": name, "code": code.hex()} for name, (code, _) in program["commands"].items()]
    says = {name: program[name] for name in ("family", "epoch", "version")}
    return {"digest": keys.digest(message).hex(), "says": says | {"commands": commands}}
