"""Deterministic CBOR as wire.md §2 narrows it: a reader that pulls typed items, a decoder, an encoder."""

KINDS = {int: 0, bytes: 2, str: 3, list: 4, dict: 5}
UINT, NINT, BYTES, TEXT, ARRAY, MAP, SIMPLE = 0, 1, 2, 3, 4, 5, 7
SIZED = BYTES, TEXT, ARRAY, MAP
LARGEST = 2**63 - 1
UINT_LIMIT = 2**64 - 1
DEEPEST = 4
MOST = 1_000_000  # bytes, items or pairs of an item that is read without a message in mind


class Refused(Exception):
    """A refusal by its name. `words`: the rule broken stands in words only, not in CDDL."""

    def __init__(self, reason, words=None):
        super().__init__(reason)
        self.reason = reason
        self.words = words


# What was read, to be compared with CDDL: (page, rule, bytes, what makes an item of them, Refused or None).
reads = []


def reads_as(page, rule, decoder=None):
    """Marks the reader of one CDDL rule; whatever it is given is kept in `reads`."""
    def decorate(reader):
        def recorded(data, *more):
            try:
                result = reader(data, *more)
            except Refused as refused:
                reads.append((page, rule, data, decoder or decode, refused))
                raise
            reads.append((page, rule, data, decoder or decode, None))
            return result
        return recorded
    return decorate


def need(condition, reason, words=None):
    if not condition:
        raise Refused(reason, words)


class Reader:
    """Reads the items of one byte string, one after the other, each by its type and limits."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def head(self):
        """Major type and argument of the next item; 21 and 20 of type 7 are true and false."""
        initial = self.take(1)[0]
        major, info = initial >> 5, initial & 31
        if info < 24:
            return major, info
        need(info <= 27 and major != SIMPLE, "malformed")
        argument = int.from_bytes(self.take(1 << info - 24), "big")
        need(argument >= (24 if info == 24 else 1 << (8 << info - 25)), "malformed")
        return major, argument

    def take(self, count):
        need(count <= len(self.data) - self.at, "malformed")
        self.at += count
        return self.data[self.at - count:self.at]

    def argument(self, wanted, low, high):
        """The head decides before the content: another type, then above the limit, then below it."""
        major, argument = self.head()
        need(major == wanted, "malformed")
        need(argument <= high, "too-large")
        need(argument >= low, "malformed")
        return argument

    def uint(self, high=None, low=0):
        if high is not None:
            return self.argument(UINT, low, high)
        argument = self.argument(UINT, low, UINT_LIMIT)
        need(argument <= LARGEST, "too-large", "a uint without a limit is below 2^63 (wire.md §2)")
        return argument

    def any_uint(self):
        """Where the page names another refusal than `too-large`."""
        return self.argument(UINT, 0, UINT_LIMIT)

    def bytes(self, low=0, high=UINT_LIMIT):
        """Without limits: one that only what it stands in limits, and that runs over as `malformed`."""
        return self.take(self.argument(BYTES, low, high))

    def text(self, low=0, high=UINT_LIMIT):
        try:
            return self.take(self.argument(TEXT, low, high)).decode()
        except UnicodeDecodeError:
            raise Refused("malformed") from None

    def bool(self):
        major, argument = self.head()
        need(major == SIMPLE and argument in (20, 21), "malformed")
        return argument == 21

    def array(self, low, high):
        """The items of an array, as indices, to be read in a for loop."""
        return range(self.argument(ARRAY, low, high))

    def map(self, most):
        return Fields(self, self.argument(MAP, 0, most))

    def version(self, fields):
        """Key 0 of every payload."""
        fields.key(0)
        self.versioned()

    def versioned(self):
        major, argument = self.head()
        need(major == UINT, "malformed")
        need(argument == 1, "wrong-version")

    def more(self):
        return self.at < len(self.data)

    def end(self):
        need(not self.more(), "malformed")


class Fields:
    """The keys of one map, asked for in their order."""

    def __init__(self, reader, count):
        self.reader = reader
        self.left = count

    def has(self, key):
        """Whether the next key is this one; if so it is read."""
        reader = self.reader
        if not self.left or not reader.more() or reader.data[reader.at] != encode(key)[0]:
            return False
        reader.at += 1
        self.left -= 1
        return True

    def key(self, key):
        need(self.has(key), "malformed")

    def end(self):
        need(not self.left, "malformed")


def read_payload(data, wanted):
    """A map that fills `data`: version, then these fields under the keys from 1 on."""
    reader = Reader(data)
    said = read_map(reader, wanted, versioned=True)
    reader.end()
    return said


def read_map(reader, wanted, versioned=False):
    payload = reader.map(len(wanted) + versioned)
    if versioned:
        reader.version(payload)
    said = read_keys(reader, payload, wanted)
    payload.end()
    return said


def read_keys(reader, payload, wanted, first=1):
    said = {}
    for key, (name, field) in enumerate(wanted.items(), first):
        payload.key(key)
        said[name] = field(reader)
    return said


def uint(high=None, low=0):
    """A field: an unsigned integer with these limits."""
    return lambda reader: reader.uint(high, low)


def string(high, low=None):
    """A field: a byte string of at most `high` bytes; of exactly so many where no lower limit is given."""
    return lambda reader: reader.bytes(high if low is None else low, high)


def list_of(low, high, field):
    """A field: an array of that many of another."""
    return lambda reader: [field(reader) for _ in reader.array(low, high)]


def decode(data):
    """Any item of wire.md §2 that fills `data`, as int, bytes, str, bool, list or dict."""
    reader = Reader(data)
    item = any_item(reader, 0)
    reader.end()
    return item


def any_item(reader, depth):
    major, argument = reader.head()
    need(major not in (ARRAY, MAP) or depth < DEEPEST, "malformed")
    if major == UINT:
        return argument
    if major == NINT:
        need(argument <= LARGEST, "too-large")
        return -1 - argument
    need(major not in SIZED or argument <= MOST, "too-large")
    if major == BYTES:
        return reader.take(argument)
    if major == TEXT:
        try:
            return reader.take(argument).decode()
        except UnicodeDecodeError:
            raise Refused("malformed") from None
    if major == ARRAY:
        return [any_item(reader, depth + 1) for _ in range(argument)]
    if major == MAP:
        return any_map(reader, depth, argument)
    need(major == SIMPLE and argument in (20, 21), "malformed")
    return argument == 21


def any_map(reader, depth, count):
    result, last = {}, -1
    for _ in range(count):
        initial = reader.take(1)[0]
        need(last < initial and initial >> 5 in (UINT, NINT) and initial & 31 < 24, "malformed")
        last = initial
        key = initial if initial < 32 else -1 - (initial & 31)
        result[key] = any_item(reader, depth + 1)
    return result


def encode(item):
    """Deterministic CBOR of integers, bytes, texts, booleans, lists, and maps with small integer keys."""
    if isinstance(item, bool):
        return b"\xf5" if item else b"\xf4"
    if isinstance(item, int):
        return encode_head(UINT, item) if item >= 0 else encode_head(NINT, -1 - item)
    content = item.encode() if isinstance(item, str) else item
    head = encode_head(KINDS[type(item)], len(content))
    if isinstance(item, list):
        return head + b"".join(map(encode, item))
    if isinstance(item, dict):
        return head + b"".join(sorted(encode(key) + encode(value) for key, value in item.items()))
    return head + content


def encode_head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    power = next(power for power in range(4) if argument < 1 << (8 << power))
    return bytes([major << 5 | 24 + power]) + argument.to_bytes(1 << power, "big")
