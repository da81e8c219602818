"""The signed provisioning program: its message and how instructions are encoded, provisioning.md §2, §3."""

import re
from collections import namedtuple
from pathlib import Path

import cose
import fields
from cbor import NINT, TEXT, UINT, Reader, Refused, need, reads_as

PAGES = Path(__file__).resolve().parents[2] / "docs/spec"
REASONS = set(re.findall(r"^\| `([a-z-]+)` \|", (PAGES / "refusals.md").read_text(encoding="utf-8"), re.M))

# Operands: V value slot, K key slot, I item, L list of items, S a size (an item), B label, N name of an input,
# O of an output, X prefix, R reason, C count, T root, F list of the order, Y lifecycle, D kinds.
INSTRUCTIONS = dict(enumerate((line.split() for line in """
    load VI|field VNCC|hash VL|digest VN|random VS|pack VL|need IIR|member IFR|owner IR|verify NNR|secret KNCC
    fresh KS|root KT|extract KBL|derive KKBLS|public VKBLS|wrap VKK|unwrap KIKR|cmac VIK|plan N|compose I
    header N|pass VR|parts V|each D|end|open KKR|store XKR|put K|copy NOK|fill KOK
    receipt VIIY|commit IIY|emit OI|leaf NNR|hseal VKBL|hopen KIBLR
    """.replace("\n", "|").split("|") if line.strip()), 1))
PATTERNS = {name: "".join(pattern) for name, *pattern in INSTRUCTIONS.values()}

VALUE_SLOTS, KEY_SLOTS, SHARES = range(12), range(16, 28), 28
FACTS = {}
for first, names in ((32, "chip.id chip.family chip.lot chip.lifecycle chip.shares chip.counter"),
                     (40, "program.family program.epoch program.version"),
                     (48, "plan.hash plan.oem plan.mode"),
                     (56, "header.hash header.framed header.oem header.family header.mode header.epoch "
                      "header.package header.keysize"),
                     (72, "order.hash order.key order.family order.mode order.lots order.packages"),
                     (88, "asset.number asset.ref asset.kind asset.size"),
                     (96, "package.tag"), (104, "leaf.chip")):
    FACTS.update(enumerate(names.split(), first))
LISTS = ("order.lots", "order.packages")

Instruction = namedtuple("Instruction", "name operands")
Item = namedtuple("Item", "kind value")  # constant, value (slot), key (slot), shares, fact (its name)


@reads_as("provisioning.md", "Program")
def read_program(data):
    message = cose.parse(data, "provisioning-program", cose.SIGNED, 16384)
    reader = Reader(message.payload)
    payload = reader.map(5)
    reader.version(payload)
    program = {"message": message}
    payload.key(1)
    program["family"] = fields.name(reader)
    payload.key(2)
    program["epoch"] = reader.uint(fields.UINT32)
    payload.key(3)
    program["version"] = reader.uint(fields.UINT32)
    payload.key(4)
    count = len(reader.array(2, 32))
    need(count % 2 == 0, "malformed")
    program["commands"] = commands = {}
    for _ in range(count // 2):
        name = fields.name(reader)
        need(name not in commands, "malformed", "no command stands twice (provisioning.md §2)")
        code = reader.bytes()
        commands[name] = code, read_code(code)
    payload.end()
    reader.end()
    return program


def read_code(code):
    reader = Reader(code)
    instructions = [read_instruction(reader) for _ in reader.array(1, 128)]
    reader.end()
    return instructions


def read_instruction(reader):
    """Which operands an opcode has stands in the table; CDDL has what any operand may be."""
    count = len(reader.array(1, 8))
    opcode = reader.any_uint()
    need(opcode in INSTRUCTIONS, "malformed")
    name, pattern = (*INSTRUCTIONS[opcode], "")[:2]
    try:
        need(count == len(pattern) + 1, "malformed")
        return Instruction(name, [OPERANDS[letter](reader) for letter in pattern])
    except Refused as refused:
        raise Refused(refused.reason, "operands are those of the table (provisioning.md §3.2)") from None


def read_item(reader):
    major, argument = reader.head()
    if major == TEXT:
        need(argument <= 64, "too-large")
        return Item("constant", text_of(reader, argument))
    if major == NINT:
        need(argument < 2**32, "too-large")
        return Item("constant", argument)
    need(major == UINT, "malformed")
    if argument in VALUE_SLOTS:
        return Item("value", argument)
    if argument in KEY_SLOTS:
        return Item("key", argument - KEY_SLOTS[0])
    if argument == SHARES:
        return Item("shares", None)
    need(argument in FACTS, "malformed")
    return Item("fact", FACTS[argument])


def text_of(reader, size):
    try:
        return reader.take(size).decode()
    except UnicodeDecodeError:
        raise Refused("malformed") from None


def label(reader):
    return reader.text(1, 64)


def known_reason(reader):
    reason = label(reader)
    need(reason in REASONS, "malformed")
    return reason


def list_of_order(reader):
    code = reader.any_uint()
    need(FACTS.get(code) in LISTS, "malformed")
    return FACTS[code]


def number_to(high, low=0):
    return lambda reader: reader.uint(high, low)


OPERANDS = {
    "V": number_to(11), "K": number_to(11), "I": read_item, "S": read_item, "B": label, "N": label, "O": label,
    "X": label, "R": known_reason,
    "L": lambda reader: [read_item(reader) for _ in reader.array(0, 16)],
    "C": number_to(fields.UINT32),
    "T": number_to(2, 1),
    "F": list_of_order,
    "Y": number_to(4),
    "D": lambda reader: [reader.uint(9, 1) for _ in reader.array(1, 9)],
}
