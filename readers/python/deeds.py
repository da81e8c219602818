"""What each instruction of the slot machine does: provisioning.md §3.2, by the text of the table."""

import hmac

import cose
import keys
import log
import package
import program as programs
import provisioning
from cbor import BYTES, TEXT, UINT, Reader, Refused, decode, encode, need, reads

RULES = {"unlock": "Unlock", "keep-input": "Keep", "keep-share": "Keep"}
COUNTER = 1
OEM_SHARE = 1


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
    need(len(data) <= 1024, "too-large", "a message has a largest size (its page)")
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
    keys.public_key(point)
    try:
        cose.verify_signature(message, point)
    except Refused:
        raise Refused(reason) from None
    state.facts |= {"order.hash": keys.digest(data), "order.key": keys.digest(point),
                    "order.family": said["family"], "order.mode": said["mode"], "order.lots": said["lots"],
                    "order.packages": said["packages"]}


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
    state.sent = state.keys[content]
    state.values[slot] = keys.wrap(state.keys[under], state.sent)


def unwrap(state, slot, item, under, reason):
    wrapped = value(state, item)
    need(isinstance(wrapped, bytes), reason)
    state.keys[slot] = keys.unwrap(state.keys[under], wrapped, reason)
    state.unwrapped.append(state.keys[slot])


def cmac(state, slot, item, under):
    state.values[slot] = keys.cmac(state.keys[under], as_bytes(value(state, item)))


def as_bytes(content):
    if isinstance(content, bytes):
        return content
    return content.encode() if isinstance(content, str) else encode(content)


def plan(state, name):
    data = given(state, name)
    state.plan = package.read_plan(data)
    state.facts |= {"plan.hash": keys.digest(data), "plan.oem": state.plan.oem, "plan.mode": state.plan.mode}


def compose(state, item):
    drawn = keys.digest(encode([value(state, item), COUNTER, state.random(32)]))[:16]
    plan, facts = state.plan, state.facts
    take_header(state, encode({0: 1, 1: plan.oem, 2: facts["chip.family"], 3: plan.mode,
                               4: facts["program.epoch"], 5: drawn, 6: plan.suite, 7: plan.block_size,
                               8: package.flat(plan.assets)}))


def take_header(state, data):
    state.header = header = package.read_header(data)
    state.facts |= {"header.hash": keys.digest(data), "header.framed": len(data).to_bytes(4, "big") + data,
                    "header.oem": header.oem, "header.family": header.family, "header.mode": header.mode,
                    "header.epoch": header.epoch, "header.package": header.package,
                    "header.keysize": package.SUITES[header.suite].key_size}


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


def leaf(state, proven, chip_list, reason):
    """provisioning.md §3.5."""
    message, said = provisioning.read_chip_list(given(state, chip_list))
    cose.verify_signature(message, state.chip.maker)
    need(said["family"] == state.chip.family, "wrong-family")
    state.leaf, index, path = provisioning.read_listed_chip(given(state, proven))
    try:
        hashed = log.leaf_hash(encode(list(state.leaf.values())))
        log.check_inclusion(hashed, index, said["count"], path, said["root"])
    except Refused:
        raise Refused(reason) from None
    state.facts["leaf.chip"] = state.leaf["chip"]


def place(state, label, items):
    """recipient_extra_info."""
    return ["provisioning", state.facts["program.epoch"], label, *parts_of(state, items)]


def hseal(state, slot, content, label, items):
    """What would be sealed, and to which place; the sealed bytes are others every time."""
    state.values[slot] = encode(place(state, label, items))
    state.sent = state.keys[content]


def hopen(state, slot, item, label, items, reason):
    sealed = value(state, item)
    need(isinstance(sealed, bytes), reason)
    try:
        content = cose.open_en(cose.parse_en(sealed, 1024), [state.kem], place(state, label, items))
    except Refused:
        raise Refused(reason) from None
    need(content, reason)
    state.keys[slot] = content


def receipt(state, slot, order, package_digest, _):
    """What it would be signed over; the signature takes a chip key, which no case gives."""
    state.values[slot] = encode([value(state, order), value(state, package_digest)])
    state.provisioned = value(state, package_digest)


def commit(state, *_):
    """Takes effect; the judge looks at what was installed."""


def emit(state, output, item):
    state.outputs[output] = state.outputs.get(output, b"") + as_bytes(value(state, item))


DEEDS = {
    "load": load, "field": field, "hash": hash_items, "digest": digest_input, "random": random_value,
    "pack": pack, "need": need_same, "member": member, "owner": owner, "verify": verify, "secret": secret,
    "fresh": fresh, "root": root, "extract": extract, "derive": derive, "public": public, "wrap": wrap,
    "unwrap": unwrap, "cmac": cmac, "plan": plan, "compose": compose, "header": header, "pass": first_pass,
    "parts": sealed_parts, "open": open_part, "store": store, "put": put, "copy": copy,
    "fill": fill, "receipt": receipt, "commit": commit, "emit": emit, "leaf": leaf,
    "hseal": hseal, "hopen": hopen,
}
