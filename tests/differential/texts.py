"""JSON texts, good and bad: those of the tree, ones written to be read in two ways, and random changes of both."""
import json
import pathlib
import random

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LARGEST = 20_000


def from_tree():
    """The inputs of the fuzzer of the reader, the bodies of the golden requests and the sent texts of the golden cases."""
    for path in sorted((ROOT / "fuzz" / "corpus" / "json").iterdir()):
        yield path.read_bytes()
    golden = ROOT / "tests" / "golden"
    for path in sorted((golden / "requests").iterdir()):
        request = path.read_bytes().split(b"\n=== ")[0]
        head, blank, body = request.partition(b"\n\n")
        if blank:
            yield body
            yield from body.splitlines()
    for path in sorted(golden.glob("*/*.json")):
        text = path.read_bytes()
        yield text
        for line in text.splitlines():
            begin = line.find(b'"send": ')
            if begin >= 0:
                yield line[begin + 8:].rstrip(b",} ") + b"}"


SEARCH = '{"query":{"bool":{"filter":[{"term":{"team":"red"}},{"range":{"n":{"gte":-1.5e3}}}]}},"size":10,"x":[true,false,null]}'


def encodings(text):
    """One text in all the encodings that Jackson finds out by itself, and in ones that are not right."""
    for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7"):
        yield text.encode(name)
    plain = text.encode()
    for at in (0, 1, 2, len(plain) // 2, len(plain) - 1):
        byte = plain[at]
        for wide in (bytes([0xC0 | byte >> 6, 0x80 | byte & 0x3F]), bytes([0xE0, 0x80 | byte >> 6, 0x80 | byte & 0x3F]),
                     bytes([0xF0, 0x80, 0x80 | byte >> 6, 0x80 | byte & 0x3F])):
            yield plain[:at] + wide + plain[at + 1:]  # overlong
        for bad in (b"\xff", b"\xfe", b"\x80", b"\xc2", b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80",
                    b"\xe2\x80\xa8", b"\xc2\xa0", b"\xc2\x85", b"\xef\xbb\xbf", b"\x00", b"\x0b", b"\x0c", b"\x1e", b"\x7f"):
            yield plain[:at] + bad + plain[at:]


def nasty():
    """Where readers are known to differ: quirks of Jackson, of lenient readers and of RFC 8259's edges."""
    yield from encodings(SEARCH)
    yield from encodings('{"\u00e9\U0001F600":"\u20ac\U0010FFFF"}')
    strings = [
        r'"\u0071uery"', r'"\u0061ggs"', r'"\U0061"', r'"\u00"', r'"\u00g0"', r'"\x61"', r'"\'"', r'"\0"', r'"\a"', r'"\/"', r'"\u0000"',
        r'"\ud83d\ude00"', r'"\ud83d"', r'"\ude00"', r'"\ud83d\ud83d"', r'"\ude00\ud83d"', r'"\ud83dx"', r'"\ud83d\n"', r'"\uD83D\uDE0"',
        '"\t"', '"\n"', '"\x00"', '"\x1f"', '"\x7f"', '"\u2028"', '"\ufeff"', '"\uffff"', '""', "''", '"a', 'a"', '"\\"', '"\\\\"', '"\\\\\\"', '"a""b"',
    ]
    numbers = [
        "0", "-0", "00", "01", "-01", "1.", ".5", "-.5", "+1", "1e5", "1E+5", "1e-05", "1e", "1e+", "1.e1", "0x10", "1_000", "1f", "1L",
        "9007199254740993", "18446744073709551615", "18446744073709551616", "1e400", "-1e400", "1e-400", "1" * 400, "0." + "1" * 400,
        "1" * 1001, "0." + "0" * 1000 + "1", "1e" + "9" * 12, "NaN", "-NaN", "Infinity", "-Infinity", "+Infinity", "INF", "-", "--1",
        "1 2", "1,", "1.0", "1.10", "-0.0", "-0e-0", "1e00", "0e0", "12345678901234567890.12345678901234567890", "\u0661",
    ]
    words = ["true", "false", "null", "True", "NULL", "tru", "truee", "true1", "nul", "undefined", "None", "true false", "truefalse", "falsenull"]
    for word in strings + numbers + words:
        for shape in ("%s", "[%s]", '{"a":%s}', '{"a":[1,%s,2]}', '{%s:1}', " %s ", "[%s,%s]"):
            yield (shape.replace("%s", word)).encode("utf-8", "surrogatepass")
    yield from (text.encode("utf-8", "surrogatepass") for text in [
        '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"a":{"b":1,"b":1}}', '[{"a":1},{"a":2}]', '{"a":1,"A":2}', '{"":1,"":2}', '{"a":1,"a":1,}',
        '{"\u00e9":1,"e\u0301":2}', '{"\\u00e9":1,"\u00e9":2}', '{"\\ud83d\\ude00":1,"\U0001F600":2}',
        '/* c */{"a":1}', '{"a":1}/* c */', '{"a":/* c */1}', '{"a":1}// c', '{"a":1// c\n}', '{"a":1# c\n}', '# c\n{"a":1}', "{'a':1}", "{a:1}",
        '{"a":1,}', '[1,]', '[,1]', '[1,,2]', '{,}', '{"a"}', '{"a":}', '{"a" 1}', '{"a"::1}', '{1:1}', '{null:1}', '{"a":1 "b":2}', '[1 2]', '{"a":1;"b":2}',
        '{"a":1}{"b":2}', '{"a":1} {"b":2}', '{"a":1}x', '{"a":1}}', '{"a":1]', '[1}', '{"a":1}\x00', '\x00{"a":1}', '', ' ', '\n', '{', '}', '[', ']', '"', ',', ':',
        '{"a":1}\n', '\r\n{"a":1}\r\n', '\t{"a"\t:\t1}', '\x0b{"a":1}', '\x0c{"a":1}', '{"a":1}\x1a', '\u00a0{"a":1}', '\u2028{"a":1}', '\ufeff{"a":1}', '{"a":1}\ufeff',
        ")]}'\n{}", '%YAML 1.2\n---\na: 1', '---\n{"a":1}', 'a: 1', ':)\n\x00', '\x80', '{"a":1}\n{"b":2}\n', '{"__proto__":1}', '{"a.b":1,"a":{"b":2}}', '{"query":null}'])
    for depth in (10, 63, 64, 65, 100, 300, 999, 1000, 1001, 1100, 5000):
        yield b"[" * depth + b"]" * depth
        yield b'{"a":' * depth + b"1" + b"}" * depth
        yield b'[{"a":' * depth + b"1" + b"}]" * depth
    for size in (255, 256, 4000, 7_999, 8_000, 8_001, 16_000, 50_001):  # the ends of Jackson's buffers
        for filler in ("a", "\u00e9", "\u20ac", "\U0001F600", "\\n", "\\u00e9", "\\ud83d\\ude00"):
            text = filler * (size // len(filler.encode()) + 1)
            yield f'{{"{text}":1}}'.encode()
            yield f'["{text}"]'.encode()
        yield b" " * size + b'{"a":1}'
        yield b'{"a":' + b"1" * min(size, 900) + b"," + b" " * size + b'"b":2}'
    yield json.dumps({f"k{i}": i for i in range(3_000)}).encode()


PIECES = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"\\u0061", b"\\ud83d", b"\\ude00", b"/*", b"*/", b"//", b"#", b"'", b"\n", b"\r", b"\t", b" ", b"\x00",
    b"\xef\xbb\xbf", b"\xc0\xa2", b"\xc1\xa1", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xc3\xa9", b"\xe2\x80\xa8", b"\xff", b"\x80", b"0", b"-", b"+", b".", b"e", b"E5", b"1e400",
    b"9007199254740993", b"NaN", b"Infinity", b"true", b"false", b"null", b"{}", b"[]", b'""', b'"a":1', b',"a":1', b'"query":', b"[[[[[[[[", b"]]]]]]]]", b"\x0c", b"\x1e", b"\x7f",
]


def escaped(rng, text):
    """A printable byte in one of the ways of writing it in a string, right and wrong ones."""
    at = rng.randrange(len(text))
    byte = text[at]
    ways = [b"\\u%04x" % byte, b"\\u%04X" % byte, b"\\u%02x" % byte, b"\\x%02x" % byte, b"\\" + bytes([byte]),
            bytes([0xC0 | byte >> 6, 0x80 | byte & 0x3F]), bytes([byte]) + b"\x00", b"%%%02x" % byte]
    return text[:at] + rng.choice(ways) + text[at + 1:]


def changed(rng, text, others):
    """`text` after one to four small changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        if not text:
            return rng.choice(PIECES)
        at, to = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
        to = min(to, at + 40)
        kind = rng.randrange(9)
        if kind == 0:
            text = text[:at] + text[to:]
        elif kind == 1:
            text = text[:to] + text[at:]
        elif kind == 2:
            text = text[:at] + rng.choice(PIECES) + text[at:]
        elif kind == 3:
            text = text[:at] + rng.choice(PIECES) + text[to:]
        elif kind == 4:
            text = text[:at] + bytes([rng.randrange(256)]) + text[at + 1:]
        elif kind == 5:
            other = rng.choice(others)
            cut = rng.randrange(len(other) + 1)
            text = text[:at] + other[cut:cut + 60]
        elif kind == 6:
            text = escaped(rng, text)
        elif kind == 7:
            place = rng.randrange(len(text))
            text = text[:place] + bytes([text[place] ^ 1 << rng.randrange(8)]) + text[place + 1:]
        else:
            text = text[:at] + text[at:to] * rng.randrange(2, 5) + text[to:]
    return text[:LARGEST]


def grown(rng, depth=0):
    """A random value, mostly well formed, with the spellings that are rare in real requests."""
    kind = rng.randrange(8 if depth < 5 else 5)
    space = rng.choice(("", "", "", " ", "\n", "\t", "\r\n"))
    if kind < 2:
        body = "".join(rng.choice(("a", "b", "\\n", '\\"', "\\/", "\\u0041", "\u00e9", "\\u00e9", "\U0001F600", "\\ud83d\\ude00", "\u2028", "\x7f", " "))
                       for _ in range(rng.randrange(6)))
        return f'{space}"{body}"{space}'
    if kind < 4:
        sign, whole = rng.choice(("", "-")), rng.choice(("0", str(rng.randrange(10**rng.randrange(1, 25)))))
        rest = rng.choice(("", "", ".0", ".50", "e3", "E+07", "e-0", ".1e1"))
        return f"{space}{sign}{whole}{rest}{space}"
    if kind == 4:
        return space + rng.choice(("true", "false", "null")) + space
    if kind < 6:
        return f"{space}[{','.join(grown(rng, depth + 1) for _ in range(rng.randrange(4)))}]{space}"
    keys = [f'"{rng.choice(("a", "b", "c", "", chr(233), "q"))}{i if rng.random() < 0.9 else ""}"' for i in range(rng.randrange(4))]
    members = ",".join(f"{space}{key}{space}:{grown(rng, depth + 1)}" for key in keys)
    return f"{space}{{{members}}}{space}"


def texts(count, seed):
    """The texts of the tree, the nasty ones, then random ones until there are `count`."""
    fixed = list(dict.fromkeys([*from_tree(), *nasty()]))
    yield from fixed
    rng = random.Random(seed)
    small = [text for text in fixed if 0 < len(text) <= 2_000]
    for _ in range(count - len(fixed)):
        text = grown(rng).encode() if rng.random() < 0.4 else rng.choice(small)
        yield text if rng.random() < 0.3 else changed(rng, text, small)
