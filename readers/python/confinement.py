"""What everybody proves of a provisioning program before it is run: provisioning.md §3.4."""

from types import SimpleNamespace

from cbor import Refused
from program import LISTS, PATTERNS

IN_LOOPS = "load hash need derive open store put copy fill".split()
ONLY_IN_LOOPS = "open store put copy fill".split()
PARTS = "open store copy fill".split()
ONCE = "plan verify pass parts receipt commit leaf".split()
BEFORE = {"compose": ["plan"], "pass": ["header"], "copy": ["compose"], "fill": ["compose"],
          "parts": ["compose"], "open": ["pass"], "store": ["pass"], "put": ["pass"],
          "receipt": ["pass"], "commit": ["receipt"], "hseal": ["leaf"]}
FACTS_AFTER = {"plan": ["plan"], "header": ["compose", "header"], "order": ["verify"], "package": ["pass"],
               "leaf": ["leaf"]}
SECRET_KINDS, KEY_KINDS, OBJECT_KINDS = range(1, 5), range(1, 6), range(6, 10)
ALL_KINDS = list(range(1, 10))
OWNER = 5


def check(program):
    labels = {}
    for _, instructions in program["commands"].values():
        check_command(instructions, labels)
    confined(all(len(purposes) == 1 for purposes in labels.values()))


def confined(condition):
    if not condition:
        raise Refused("unconfined-program")


def check_command(instructions, labels):
    """`labels`: the purposes, over the whole program, of the keys that each label makes."""
    state = SimpleNamespace(done=[], values=set(), keys={}, purposes={}, kinds=[], loop=None,
                            lifecycle=None, inputs=set(), secret_inputs=set(), labelled=[])
    for instruction in instructions:
        check_order(instruction, state)
        if instruction.name == "each":
            begin_loop(instruction.operands[0], state)
        elif instruction.name == "end":
            end_loop(state)
        else:
            check_inputs(instruction, state)
            check_items(instruction, state)
            EFFECTS[instruction.name](state, *instruction.operands)
        state.done.append(instruction.name)
    confined(state.loop is None)
    confined("commit" in state.done or not {"put", "store"} & set(state.done))
    for label, slot in state.labelled:
        if slot in state.purposes:
            labels.setdefault(label, set()).add(state.purposes[slot])


def check_order(instruction, state):
    """Rules 8 and 9: what stands where, and how often."""
    name, done = instruction.name, state.done
    confined(name == "emit" or "commit" not in done)
    confined(name not in ONCE or name not in done)
    confined(name not in ("compose", "header") or not {"compose", "header"} & set(done))
    confined(all(earlier in done for earlier in BEFORE.get(name, [])))
    if state.loop:
        confined(name in IN_LOOPS or name == "end")
    else:
        confined(name not in ONLY_IN_LOOPS)
    confined(name not in ("parts", "commit") or state.kinds == ALL_KINDS)


def begin_loop(kinds, state):
    confined(not state.loop and {"compose", "pass"} & set(state.done))
    state.kinds += kinds
    confined(state.kinds == ALL_KINDS[:len(state.kinds)])
    state.loop = SimpleNamespace(kinds=kinds, before=(set(state.values), dict(state.keys)), parts=0)


def end_loop(state):
    confined(state.loop and state.loop.parts == 1)
    state.values, state.keys = state.loop.before
    state.loop = None


def check_inputs(instruction, state):
    """Rule 10."""
    operands = zip(PATTERNS[instruction.name], instruction.operands)
    named = {operand for letter, operand in operands if letter == "N"}
    secret = instruction.name == "secret"
    confined(not named & (state.inputs if secret else state.secret_inputs))
    state.inputs |= named
    state.secret_inputs |= named if secret else set()


def check_items(instruction, state):
    """Rules 1 and 2 for the items of any instruction."""
    for operand in instruction.operands:
        for item in operand if isinstance(operand, list) else [operand]:
            kind = getattr(item, "kind", None)
            confined(kind != "value" or item.value in state.values)
            confined(kind not in ("key", "shares") or instruction.name == "extract")
            confined(kind != "fact" or known(item.value, state))


def known(fact, state):
    family = fact.split(".")[0]
    if family == "asset":
        return state.loop is not None
    there = family not in FACTS_AFTER or not set(FACTS_AFTER[family]).isdisjoint(state.done)
    return there and fact not in LISTS


def write_value(state, slot):
    confined(not state.loop or slot not in state.loop.before[0])
    state.values.add(slot)


def write_key(state, slot, label=None, **properties):
    confined(not state.loop or slot not in state.loop.before[1])
    made = {"rooted": False, "root": False, "size": None, "part": False, "opened": False, "named": False,
            "sent": False}
    if label:
        state.labelled.append((label, slot))
    state.keys[slot] = SimpleNamespace(**made | properties)


def use(state, slot, purpose):
    """The key in a slot, which serves this purpose and no other (rules 1, 4, 5)."""
    confined(slot in state.keys)
    key = state.keys[slot]
    confined(state.purposes.setdefault(slot, purpose) == purpose)
    return key


KEY_SIZE, ASSET_SIZE = "header.keysize", "asset.size"


def size_of(state, size):
    """The bytes of a constant SIZE, or the name of the fact that says how many."""
    if size == ("fact", ASSET_SIZE):
        confined(all(kind in SECRET_KINDS for kind in state.loop.kinds))
        return ASSET_SIZE
    if size == ("fact", KEY_SIZE):
        return KEY_SIZE
    confined(size.kind == "constant" and isinstance(size.value, int) and 1 <= size.value <= 1024)
    return size.value


def secret_label(label):
    confined(not label.startswith("public "))


def seals_under(state, slot, purpose, size=32):
    key = use(state, slot, purpose)
    confined(key.rooted and not key.root and key.size == size)
    return key


def enough(size):
    return size == KEY_SIZE or isinstance(size, int) and size >= 32


def sets_value(state, slot, *_):
    write_value(state, slot)


def random(state, slot, size):
    size_of(state, size)
    write_value(state, slot)


def fresh(state, slot, size):
    size = size_of(state, size)
    write_key(state, slot, rooted=isinstance(size, int) and size >= 32, size=size)


def root(state, slot, _):
    write_key(state, slot, root=True, rooted=True)


def extract(state, slot, label, items):
    secret_label(label)
    sources = [use(state, item.value, "material") for item in items if item.kind == "key"]
    rooted = any(key.rooted for key in sources) or any(item.kind == "shares" for item in items)
    sent = any(key.sent for key in sources)
    write_key(state, slot, rooted=rooted, size=32, label=label, sent=sent)


def derive(state, slot, parent, label, items, size):
    secret_label(label)
    parent = use(state, parent, "parent")
    size = size_of(state, size)
    place = [item for item in items[:2] if item.kind == "fact"]
    part = state.loop is not None and [item.value for item in place] == ["header.hash", "asset.number"]
    write_key(state, slot, rooted=parent.rooted and enough(size), size=size, label=label, part=part,
              named=label.startswith("named "), sent=parent.sent)


def public(state, slot, parent, label, _, size):
    confined(label.startswith("public "))
    use(state, parent, "parent")
    size_of(state, size)
    write_value(state, slot)


def leaves(state, content):
    """Of what was sent to this chip nothing leaves it again (rule 11)."""
    key = use(state, content, "material")
    confined(not key.root and not key.sent)
    return key


def wrap(state, slot, content, under):
    leaves(state, content)
    seals_under(state, under, "key-encryption key")
    write_value(state, slot)


def unwrap(state, slot, _, under, __):
    seals_under(state, under, "key-encryption key")
    write_key(state, slot)


def cmac(state, slot, _, under):
    seals_under(state, under, "MAC key")
    write_value(state, slot)


def part(state, under, kinds=None):
    confined(seals_under(state, under, "part key", KEY_SIZE).part)
    confined(kinds is None or all(kind in kinds for kind in state.loop.kinds))
    state.loop.parts += 1


def open_part(state, slot, under, _):
    part(state, under, KEY_KINDS)
    write_key(state, slot, opened=True)


def store(state, prefix, under, _):
    confined(len(prefix) <= 32 and prefix.endswith("/"))
    part(state, under, OBJECT_KINDS)


def put(state, slot):
    key = use(state, slot, "material")
    confined(not key.root and all(kind in KEY_KINDS for kind in state.loop.kinds))
    confined(OWNER not in state.loop.kinds or key.opened)


def copy(state, _, __, under):
    part(state, under)


def fill(state, content, _, under):
    leaves(state, content)
    part(state, under, SECRET_KINDS)


def hseal(state, slot, content, label, _):
    secret_label(label)
    confined(leaves(state, content).named)
    write_value(state, slot)


def hopen(state, slot, _, label, __, ___):
    secret_label(label)
    write_key(state, slot, label=label, sent=True)


def receipt(state, slot, _, __, lifecycle):
    write_value(state, slot)
    state.lifecycle = lifecycle


def commit(state, _, __, lifecycle):
    confined(lifecycle == state.lifecycle and lifecycle > 0)


def nothing(*_):
    """All that there is to prove was proved by its order and items."""


EFFECTS = {
    "load": sets_value, "field": sets_value, "hash": sets_value, "digest": sets_value, "random": random,
    "pack": sets_value, "need": nothing, "member": nothing, "owner": nothing, "verify": nothing,
    "secret": lambda state, slot, *_: write_key(state, slot),
    "fresh": fresh, "root": root, "extract": extract, "derive": derive, "public": public, "wrap": wrap,
    "unwrap": unwrap, "cmac": cmac, "plan": nothing, "compose": nothing, "header": nothing,
    "pass": sets_value, "parts": sets_value, "open": open_part, "store": store, "put": put, "copy": copy,
    "fill": fill, "receipt": receipt, "commit": commit, "emit": nothing, "leaf": nothing,
    "hseal": hseal, "hopen": hopen,
}
