"""The CDDL of the specification's pages (RFC 8610; .cat of RFC 9165): whether an item is of a rule.

The fenced blocks of a page are one scope; what it does not define is looked up in wire.md, then in RFC 8610.
"""

import re

from cbor import Refused, decode
from cddl_parser import Invalid, parse

SHARED = "wire.md"


def is_int(item):
    return isinstance(item, int) and not isinstance(item, bool)


PRELUDE = {
    "uint": lambda item: is_int(item) and item >= 0,
    "nint": lambda item: is_int(item) and item < 0,
    "int": lambda item: is_int(item),
    "bstr": lambda item: isinstance(item, bytes),
    "tstr": lambda item: isinstance(item, str),
    "text": lambda item: isinstance(item, str),
    "bool": lambda item: isinstance(item, bool),
}


class Page:
    """The rules of one page. `bound` holds what generic parameters stand for, and with which bindings."""

    def __init__(self, name, text, shared):
        self.name, self.shared = name, shared
        blocks = re.findall(r"^```cddl\n(.*?)^```", text, re.M | re.S)
        self.rules = parse("\n".join(blocks))
        prose = re.sub(r"^```cddl\n.*?^```", "", text, flags=re.M | re.S)
        self.types = set(re.findall(r"\b[SM][10]<([a-z-]+),", prose)) if shared else set()

    def rule(self, name):
        return self.rules.get(name) or self.shared and self.shared.rule(name)

    def faults(self):
        """Names that are not defined, or called with other parameters; message types without a rule."""
        for name in self.rules if self.shared else ():
            if self.shared.rule(name):
                yield f"{name} is defined in {SHARED} too"
        enveloped = set()
        for name, (parameters, body) in self.rules.items():
            for used, arguments in names_in(body):
                if used in ("S1", "M0"):
                    enveloped.add(arguments[0][1])
                if used in parameters or used in PRELUDE:
                    continue
                rule = self.rule(used)
                if not rule or len(rule[0]) != len(arguments):
                    yield f"{name} uses {used}, which is not defined, or with other parameters"
        for missing in sorted(self.types - enveloped):
            yield f"message type {missing} has no rule"

    def matches(self, name, item):
        return self.rule(name) is not None and self.fits(("name", name, []), item, {})

    def resolve(self, name, arguments, bound):
        """The type that a name stands for, and the bindings it is to be read with."""
        if name in bound:
            return bound[name]
        parameters, body = self.rule(name)
        return body, {parameter: (argument, bound) for parameter, argument in zip(parameters, arguments)}

    def fits(self, kind, item, bound):
        if kind[0] == "name":
            if kind[1] not in bound and kind[1] in PRELUDE:
                return PRELUDE[kind[1]](item)
            body, inner = self.resolve(kind[1], kind[2], bound)
            return self.fits(body, item, inner)
        if kind[0] == "choice":
            return any(self.fits(choice, item, bound) for choice in kind[1])
        if kind[0] == "array":
            ends = (self.consume(choice, item, 0, bound) for choice in kind[1])
            return isinstance(item, list) and len(item) in ends
        if kind[0] == "map":
            return isinstance(item, dict) and any(self.covers(choice, item, bound) for choice in kind[1])
        if kind[0] == "group":
            return self.fits(only_type(kind), item, bound)
        if kind[0] == "control":
            return self.controlled(kind, item, bound)
        if kind[0] == "range":
            return is_int(item) and self.value(kind[1], bound) <= item <= self.value(kind[2], bound)
        return type(item) is type(kind[1]) and item == kind[1]

    def controlled(self, kind, item, bound):
        _, operator, target, controller = kind
        if operator == ".cat":
            return item == self.value(kind, bound)
        if not self.fits(target, item, bound):
            return False
        if operator == ".cbor":
            try:
                return self.fits(controller, decode(item), bound)
            except Refused:
                return False
        if operator == ".size":
            if isinstance(item, int):
                return item < 256 ** self.value(controller, bound)
            return self.fits(controller, len(item.encode() if isinstance(item, str) else item), bound)
        if operator == ".le":
            return item <= self.value(controller, bound)
        if operator == ".regexp":
            return re.fullmatch(self.value(controller, bound), item) is not None
        raise Invalid(f"{operator} is not in the subset")

    def value(self, kind, bound):
        if kind[0] == "name":
            body, inner = self.resolve(kind[1], kind[2], bound)
            return self.value(body, inner)
        if kind[0] == "group":
            return self.value(only_type(kind), bound)
        if kind[:2] == ("control", ".cat"):
            return self.value(kind[2], bound) + self.value(kind[3], bound)
        return kind[1]

    def consume(self, entries, items, at, bound):
        """Where a group's entries end in an array, each as greedy as it can be (RFC 8610, A); else None."""
        for fewest, most, _, kind in entries:
            count = 0
            while most is None or count < most:
                after = self.consume_one(kind, items, at, bound)
                if after is None or after == at:
                    break
                at, count = after, count + 1
            if count < fewest:
                return None
        return at

    def consume_one(self, kind, items, at, bound):
        group = self.group_of(kind, bound)
        if group:
            choices, inner = group
            ends = (self.consume(choice, items, at, inner) for choice in choices)
            return next((end for end in ends if end is not None), None)
        return at + 1 if at < len(items) and self.fits(kind, items[at], bound) else None

    def group_of(self, kind, bound):
        if kind[0] == "group":
            return kind[1], bound
        if kind[0] == "name" and kind[1] not in PRELUDE:
            body, inner = self.resolve(kind[1], kind[2], bound)
            return self.group_of(body, inner)
        return None

    def covers(self, entries, item, bound):
        """Whether these entries, with keys that are values, describe all of a map."""
        return self.described(entries, item, bound) == len(item)

    def described(self, entries, item, bound):
        """How many members of a map these entries describe; None where one does not fit or is missing."""
        known = 0
        for fewest, _, key, kind in entries:
            if key is None:
                (group,), inner = self.group_of(kind, bound)
                count = self.described(group, item, inner)
            elif self.value(key, bound) in item:
                count = 1 if self.fits(kind, item[self.value(key, bound)], bound) else None
            else:
                count = None if fewest else 0
            if count is None:
                return None
            known += count
        return known


def only_type(kind):
    """A type in parentheses."""
    [[(_, _, _, inner)]] = kind[1]
    return inner


def names_in(kind):
    """Every name used in a type, with its arguments."""
    if isinstance(kind, tuple) and kind and kind[0] == "name":
        yield kind[1], kind[2]
        for argument in kind[2]:
            yield from names_in(argument)
    elif isinstance(kind, (tuple, list)):
        for part in kind:
            yield from names_in(part)


def load(folder):
    """All pages that have CDDL, by file name; faults of parsing by page."""
    pages, faults = {}, []
    shared = Page(SHARED, (folder / SHARED).read_text(encoding="utf-8"), None)
    for file in sorted(folder.glob("*.md")):
        try:
            text = file.read_text(encoding="utf-8")
            page = shared if file.name == SHARED else Page(file.name, text, shared)
        except Invalid as invalid:
            faults.append((file.name, [str(invalid)]))
            continue
        if page.rules:
            pages[file.name] = page
            faults.append((file.name, list(page.faults())))
    return pages, faults
