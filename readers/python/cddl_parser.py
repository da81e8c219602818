"""A parser of the CDDL that the specification's pages use.

A type is a tuple that begins with its kind; a group is a list of choices, each of them a list of entries.
"""

import re

TOKEN = re.compile(r"""
    (?P<space>(?:\s|;[^\n]*)+)
  | (?P<occur>\d*\*\d*|[?+])
  | (?P<text>"[^"]*")
  | (?P<bytes>h'[0-9a-f]*')
  | (?P<number>-?\d+)
  | (?P<control>\.[a-z]+)
  | (?P<name>[A-Za-z](?:[-.]*[A-Za-z0-9_])*)
  | (?P<mark>//|=>|\.\.|[=/:,<>()\[\]{}])
""", re.X)
PRELUDE = set("""
    any uint nint int unsigned integer float16 float32 float64 float number bstr bytes tstr text
    tdate time biguint bignint bigint decfrac bigfloat eb64url eb64legacy eb16 encoded-cbor uri
    b64url b64legacy regexp mime-message cbor-any false true bool nil null undefined
    """.split())


class Invalid(Exception):
    """A block that is no CDDL of the subset."""


def parse(text):
    """Rules by name: (parameters, type)."""
    tokens = Tokens(text)
    rules = {}
    while tokens.kind():
        name = tokens.take("name")
        if name in rules or name in PRELUDE:
            raise Invalid(f"{name} is defined twice")
        parameters = tokens.list_of(lambda: tokens.take("name")) if tokens.next("<") else []
        tokens.expect("=")
        rules[name] = parameters, parse_type(tokens)
    return rules


class Tokens:
    def __init__(self, text):
        self.tokens, at = [], 0
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise Invalid(f"at {text[at:at + 20]!r}")
            if match.lastgroup != "space":
                self.tokens.append((match.lastgroup, match[0]))
            at = match.end()
        self.at = 0

    def kind(self, ahead=0):
        return self.tokens[self.at + ahead][0] if self.at + ahead < len(self.tokens) else None

    def word(self, ahead=0):
        return self.tokens[self.at + ahead][1] if self.at + ahead < len(self.tokens) else None

    def next(self, *words):
        """The next token if it is one of these marks; it is taken then."""
        if self.kind() == "mark" and self.word() in words:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def take(self, kind):
        if self.kind() != kind:
            raise Invalid(f"{kind} expected, not {self.word()}")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def expect(self, word):
        if not self.next(word):
            raise Invalid(f"{word} expected, not {self.word()}")

    def list_of(self, parse_one):
        """One or more behind an opening <, up to the closing >."""
        items = [parse_one()]
        while self.next(","):
            items.append(parse_one())
        self.expect(">")
        return items


def parse_type(tokens):
    choices = [parse_controlled(tokens)]
    while tokens.next("/"):
        choices.append(parse_controlled(tokens))
    return choices[0] if len(choices) == 1 else ("choice", choices)


def parse_controlled(tokens):
    left = parse_simple(tokens)
    if tokens.next(".."):
        return "range", left, parse_simple(tokens)
    if tokens.kind() == "control":
        return "control", tokens.take("control"), left, parse_simple(tokens)
    return left


def parse_simple(tokens):
    kind = tokens.kind()
    if kind == "number":
        return "value", int(tokens.take(kind))
    if kind == "text":
        return "value", tokens.take(kind)[1:-1]
    if kind == "bytes":
        return "value", bytes.fromhex(tokens.take(kind)[2:-1])
    if kind == "name":
        name = tokens.take(kind)
        return "name", name, tokens.list_of(lambda: parse_controlled(tokens)) if tokens.next("<") else []
    opening = tokens.next("(", "[", "{")
    if not opening:
        raise Invalid(f"a type expected, not {tokens.word()}")
    closing, meaning = {"(": (")", "group"), "[": ("]", "array"), "{": ("}", "map")}[opening]
    group = parse_group(tokens, closing)
    tokens.expect(closing)
    return meaning, group


def parse_group(tokens, closing):
    choices = [[]]
    while tokens.word() != closing:
        if tokens.next("//"):
            choices.append([])
            continue
        choices[-1].append(parse_entry(tokens))
        if not tokens.next(",") and tokens.word() not in (closing, "//"):
            raise Invalid(f"comma or {closing} expected, not {tokens.word()}")
    return choices


def parse_entry(tokens):
    """(fewest, most, key or None, type)."""
    fewest, most = parse_occurrence(tokens)
    key = None
    if tokens.word(1) == ":" and tokens.kind() in ("name", "number", "text"):
        key = parse_simple(tokens) if tokens.kind() != "name" else ("value", tokens.take("name"))
        tokens.expect(":")
    parsed = parse_type(tokens)
    if key is None and tokens.next("=>"):
        key, parsed = parsed, parse_type(tokens)
    return fewest, most, key, parsed


def parse_occurrence(tokens):
    if tokens.kind() != "occur":
        return 1, 1
    word = tokens.take("occur")
    if word in "?+":
        return (0, 1) if word == "?" else (1, None)
    fewest, most = word.split("*")
    return int(fewest or 0), int(most) if most else None
