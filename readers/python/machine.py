"""The slot machine of a chip that seals, and of one that is provisioned: provisioning.md §2 to §6."""

import hmac
from types import SimpleNamespace

import confinement
import cose
import fields
import keys
import package
import program as programs
import provisioning
from cbor import BYTES, TEXT, UINT, Reader, Refused, decode, encode, need, reads, reads_as

RULES = {"unlock": "Unlock", "keep-input": "Keep", "keep-share": "Keep"}
COUNTER = 1
OEM_SHARE = 1
GENERATED = 4


@reads_as("chip.md", "immutable")
def read_chip(data):
    reader = Reader(data)
    chip = reader.map(9)
    reader.version(chip)
    said = SimpleNamespace(lifecycle=0, oem=None)
    chip.key(1)
    said.id = fields.chip_id(reader)
    chip.key(2)
    said.family = fields.name(reader)
    chip.key(3)
    said.lot = reader.uint(fields.UINT32)
    chip.key(4)
    said.maker = fields.public_key(reader)
    chip.key(5)
    said.shares = [fields.digest(reader) for _ in reader.array(2, 8)]
    chip.key(6)
    said.oem_share = fields.digest(reader)
    chip.key(7)
    said.master_share = fields.digest(reader)
    if chip.has(8):
        said.oem = fields.digest(reader)
    chip.end()
    reader.end()
    return said


def run(chip, program_message, command, inputs, random=bytes):
    """Runs a command of the chip maker's program on a blank chip; the state that it leaves, or Refused. `random` gives
    random bytes; zeros will do where nothing that is made leaves the judge."""
    program = programs.read_program(program_message)
    cose.verify_signature(program["message"], chip.maker)
    confinement.check(program)
    need(program["family"] == chip.family, "wrong-family")
    need(command in program["commands"], "unknown-command")
    state = start(chip, program, inputs, random)
    instructions = program["commands"][command][1]
    at = 0
    while at < len(instructions):
        name, operands = instructions[at]
        at = run_loop(state, instructions, at) if name == "each" else at + 1
        if name != "each":
            DEEDS[name](state, *operands)
    reads.extend(("provisioning.md", RULES[name], inputs[name], decode, None) for name in inputs if name in RULES)
    return state


def start(chip, program, inputs, random):
    def of_epoch(share):
        return keys.kdf(share, "epoch", [program["epoch"]])
    facts = {"chip.id": chip.id, "chip.family": chip.family, "chip.lot": chip.lot, "chip.lifecycle": chip.lifecycle,
             "chip.shares": len(chip.shares), "chip.counter": COUNTER, "program.family": program["family"],
             "program.epoch": program["epoch"], "program.version": program["version"]}
    return SimpleNamespace(chip=chip, inputs=inputs, taken={}, outputs={}, random=random, facts=facts, keys={}, values={},
                           shares=[of_epoch(share) for share in chip.shares],
                           roots=(of_epoch(chip.oem_share), chip.master_share), assets=[], asset=None, header=None,
                           parts=[], unwrapped=[], installed=[], plan=None)


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


def value(state, item):
    if item.kind == "constant":
        return item.value
    return state.values[item.value] if item.kind == "value" else state.facts[item.value]


def parts_of(state, items):
    """What stands in a context or an extraction: a CBOR array, as a list."""
    result = []
    for item in items:
        if item.kind == "shares":
            result += state.shares
        else:
            result.append(state.keys[item.value] if item.kind == "key" else value(state, item))
    return result


def given(state, name):
    need(name in state.inputs, "missing-input")
    return state.inputs[name]


def load(state, slot, item):
    state.values[slot] = value(state, item)


def field(state, slot, name, index, count):
    items = read_input(state, name, count)
    need(index < len(items), "malformed")
    state.values[slot] = items[index]


def read_input(state, name, count):
    """A refusal here is one of shape; whether the rest of it is of the rule shows at the end of the run."""
    try:
        return read_flat(given(state, name), count)
    except Refused as refused:
        if name in RULES and name in state.inputs:
            reads.append(("provisioning.md", RULES[name], state.inputs[name], decode, refused))
        raise


def read_flat(data, count):
    """A flat array of exactly `count` integers, texts and byte strings."""
    need(len(data) <= 1024, "too-large")
    reader = Reader(data)
    items = []
    for _ in reader.array(count, count):
        major, argument = reader.head()
        need(major in (UINT, BYTES, TEXT), "malformed")
        items.append(argument if major == UINT else reader.take(argument) if major == BYTES
                     else programs.text_of(reader, argument))
    reader.end()
    return items


def hash_items(state, slot, items):
    state.values[slot] = keys.digest(encode(parts_of(state, items)))


def digest_input(state, slot, name):
    state.values[slot] = keys.digest(given(state, name))


def random_value(state, slot, size):
    state.values[slot] = state.random(value(state, size))


def pack(state, slot, items):
    state.values[slot] = encode(parts_of(state, items))


def same(left, right):
    if isinstance(left, bytes) and isinstance(right, bytes):
        return hmac.compare_digest(left, right)
    return type(left) is type(right) and left == right


def need_same(state, left, right, reason):
    need(same(value(state, left), value(state, right)), reason)


def member(state, item, listed, reason):
    need(any(same(value(state, item), one) for one in state.facts[listed]), reason)


def owner(state, item, reason):
    need(state.chip.oem is None or same(value(state, item), state.chip.oem), reason)


def verify(state, order, key, reason):
    data, point = given(state, order), given(state, key)
    message, said = provisioning.read_order(data)
    need(len(point) <= 65, "too-large")
    need(len(point) == 65, "malformed")
    keys.public_key(point)
    try:
        cose.verify_signature(message, point)
    except Refused:
        raise Refused(reason) from None
    state.facts |= {"order.hash": keys.digest(data), "order.key": keys.digest(point), "order.family": said["family"],
                    "order.mode": said["mode"], "order.lots": said["lots"],
                    "order.packages": [bytes.fromhex(one) for one in said["packages"]]}


def secret(state, slot, name, low, high):
    content = given(state, name)
    need(len(content) <= high, "too-large")
    need(len(content) >= low, "malformed")
    state.keys[slot] = content


def fresh(state, slot, size):
    state.keys[slot] = state.random(value(state, size))


def root(state, slot, number):
    state.keys[slot] = state.roots[number - OEM_SHARE]


def extract(state, slot, label, items):
    state.keys[slot] = keys.extract(label, parts_of(state, items))


def derive(state, slot, parent, label, items, size):
    state.keys[slot] = keys.kdf(state.keys[parent], label, parts_of(state, items), value(state, size))


def public(state, slot, parent, label, items, size):
    state.values[slot] = keys.kdf(state.keys[parent], label, parts_of(state, items), value(state, size))


def wrap(state, slot, content, under):
    state.values[slot] = keys.wrap(state.keys[under], state.keys[content])


def unwrap(state, slot, item, under, reason):
    wrapped = value(state, item)
    need(isinstance(wrapped, bytes), reason)
    state.keys[slot] = keys.unwrap(state.keys[under], wrapped, reason)
    state.unwrapped.append(state.keys[slot])


def cmac(state, slot, item, under):
    content = value(state, item)
    content = content if isinstance(content, bytes) else as_bytes(content)
    state.values[slot] = keys.cmac(state.keys[under], content)


def as_bytes(content):
    return content.encode() if isinstance(content, str) else content if isinstance(content, bytes) else encode(content)


def plan(state, name):
    data = given(state, name)
    state.plan = package.read_plan(data)
    state.facts |= {"plan.hash": keys.digest(data), "plan.oem": state.plan.oem, "plan.mode": state.plan.mode}


def compose(state, item):
    drawn = keys.digest(encode([value(state, item), COUNTER, state.random(32)]))[:16]
    body = {0: 1, 1: state.plan.oem, 2: state.facts["chip.family"], 3: state.plan.mode, 4: state.facts["program.epoch"],
            5: drawn, 6: state.plan.suite, 7: state.plan.block_size, 8: state.plan.flat_assets}
    take_header(state, encode(body))


def take_header(state, data):
    state.header = header = package.read_header(data)
    state.facts |= {"header.hash": keys.digest(data), "header.framed": len(data).to_bytes(4, "big") + data,
                    "header.oem": header.oem, "header.family": header.family, "header.mode": header.mode,
                    "header.epoch": header.epoch, "header.package": header.package}


def header(state, name):
    take_header(state, package.header_of(given(state, name)))
    state.package = state.inputs[name]


def first_pass(state, slot, reason):
    state.parts, state.facts["package.tag"] = package.split(state.package, state.header, reason)
    state.values[slot] = package.digest_of_parts(state.facts["header.hash"], state.parts)


def sealed_parts(state, slot):
    need(all(at == len(state.inputs[name]) for name, at in state.taken.items()), "malformed")
    state.values[slot] = package.digest_of_parts(state.facts["header.hash"], state.parts)


def open_part(state, slot, under, reason):
    state.keys[slot] = open_asset(state, under, reason)


def open_asset(state, under, reason):
    sealed = state.parts[state.facts["asset.number"]]
    content = package.open_part(state.header, state.asset, state.keys[under], sealed, reason)
    state.installed.append((state.asset, content))
    return content


def store(state, _, under, reason):
    open_asset(state, under, reason)


def put(state, _):
    """The slot goes into the key store, where the asset says; nobody reads it back."""


def copy(state, name, output, under):
    at, content = state.taken.get(name, 0), given(state, name)
    need(len(content) - at >= state.asset.size, "missing-input")
    state.taken[name] = at + state.asset.size
    seal(state, output, under, content[at:at + state.asset.size])


def fill(state, slot, output, under):
    seal(state, output, under, state.keys[slot])


def seal(state, output, under, content):
    sealed = package.seal_part(state.header, state.keys[under], content)
    state.parts.append(sealed)
    state.outputs[output] = state.outputs.get(output, b"") + sealed


def receipt(state, slot, order, package_digest, _):
    """What it would be signed over; the signature takes a chip key, which no case gives."""
    state.values[slot] = encode([value(state, order), value(state, package_digest)])
    state.provisioned = value(state, package_digest)


def commit(state, *_):
    """Takes effect; the judge looks at what was installed."""


def emit(state, output, item):
    state.outputs[output] = state.outputs.get(output, b"") + as_bytes(value(state, item))


DEEDS = {
    "load": load, "field": field, "hash": hash_items, "digest": digest_input, "random": random_value, "pack": pack,
    "need": need_same, "member": member, "owner": owner, "verify": verify, "secret": secret, "fresh": fresh, "root": root,
    "extract": extract, "derive": derive, "public": public, "wrap": wrap, "unwrap": unwrap, "cmac": cmac, "plan": plan,
    "compose": compose, "header": header, "pass": first_pass, "parts": sealed_parts, "open": open_part, "store": store,
    "put": put, "copy": copy, "fill": fill, "receipt": receipt, "commit": commit, "emit": emit,
}


def judge_package(chip: bytes, program: bytes, order: bytes, order_key: bytes, package: bytes, unlock: bytes):
    inputs = {"order": order, "order-key": order_key, "package": package, "unlock": unlock}
    state = run(read_chip(chip), program, "provision", inputs)
    return {"digest": state.provisioned.hex(), "assets": [told(asset, content) for asset, content in state.installed]}


def told(asset, content):
    """Of a generated asset no case knows the content."""
    return {"ref": asset.ref, "kind": asset.kind, "content": "" if asset.kind == GENERATED else content.hex()}


def judge_keep(chip: bytes, program: bytes, plan: bytes, keep_input: bytes, keep_share: bytes):
    inputs = {"plan": plan, "keep-input": keep_input, "keep-share": keep_share, "content": b""}
    state = run(read_chip(chip), program, "regenerate", inputs)
    return {"oem": state.plan.oem.hex(), "oemRandom": state.unwrapped[0].hex()}


def judge_program(key: bytes, message: bytes):
    program = programs.read_program(message)
    cose.verify_signature(program["message"], key)
    confinement.check(program)
    commands = [{"name": name, "code": code.hex()} for name, (code, _) in program["commands"].items()]
    says = {name: program[name] for name in ("family", "epoch", "version")}
    return {"digest": keys.digest(message).hex(), "says": says | {"commands": commands}}
