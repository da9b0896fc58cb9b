"""Inputs made of good ones, so that most of them get far into a reader before they are found wrong."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable
from typing import Any

NESTED: Any = 0
for _ in range(150):
    NESTED = [NESTED]
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, -(2**63), 2**64, 10**30, 1.5, 1e308, "", " ", "a", "null", "0",
    "true", "x" * 5000, "\x00", "\x1b[2J", "\u202e", "\ud800", "\U0001f600", "٣", "*",
    "${aws:username}", "$", "${", "?", "arn:aws:iam::123456789012:root",
    "arn:aws:kms:us-east-1:123456789012:key/k", "arn:", "arn:a:b:c:d:e", ":::::", "123456789012",
    "12345678901٢", "us-east-1", "EU", "2026-11-28T00:00:00Z", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "2026-02-30T00:00:00Z", "20261128T000000Z",
    "unreadable", "trail", "s3://b/k", "../..", "{}", '{"Statement": []}', "new:us-east-1", [], {},
    [[]], [{}], {"": ""}, {"AWS": "*"}, {"Statement": []}, ["*"], NESTED, {"tag": "unreadable"},
    {"type": "unreadable"},
)  # fmt: skip
TOKEN = re.compile(rb"\s+|[\w.-]+|.", re.DOTALL)
NUMBERS = (b"0", b"-1", b"99999999999999999999", b"1e999", b"\xd9\xa3", b"")
Mutate = Callable[[bytes, random.Random], bytes]


def of_json(seed: bytes, chance: random.Random) -> bytes:
    """Return a JSON text with a few of its parts changed; now and then with a few bytes changed too."""
    try:
        value = [json.loads(seed)]
    except ValueError:  # changed before
        return of_bytes(seed, chance)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        _change(value, chance)
    text = json.dumps(value[0], ensure_ascii=chance.random() < 0.7)
    if chance.random() < 0.1:
        text = _twice(text, chance)
    raw = text.encode(errors="surrogatepass")
    return of_bytes(raw, chance) if chance.random() < 0.15 else raw


def of_lines(seed: bytes, chance: random.Random) -> bytes:
    """Return JSON lines of which one or more are changed, come again, or are gone."""
    lines = seed.splitlines(keepends=True)
    for _ in range(chance.choice((1, 1, 2))):
        at = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                lines.insert(at, lines[at])
            case 1 if len(lines) > 1:
                del lines[at]
            case 2:
                lines[at] = lines[at].rstrip(b"\n")
            case _:
                lines[at] = of_json(lines[at], chance) + b"\n"
    return b"".join(lines)


def of_text(seed: bytes, chance: random.Random) -> bytes:
    """Return a text of which some words or signs are changed, swapped, repeated or gone."""
    tokens = TOKEN.findall(seed)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(tokens))
        match chance.randrange(5):
            case 0:
                tokens[at] = b""
            case 1:
                tokens[at] *= chance.choice((2, 100))
            case 2:
                other = chance.randrange(len(tokens))
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 3:
                tokens[at] = chance.choice(NUMBERS)
            case _:
                tokens[at] = str(chance.choice(STRANGE)).encode(errors="surrogatepass")
    raw = b"".join(tokens)
    return of_bytes(raw, chance) if chance.random() < 0.1 else raw


def of_bytes(seed: bytes, chance: random.Random) -> bytes:
    """Return bytes of which a few are changed, gone or new; the first sixteen seldom."""
    raw = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = min(chance.randrange(16, len(raw)) if len(raw) > 16 else 0, len(raw))
        match chance.randrange(5):
            case 0:
                del raw[at : at + chance.choice((1, 4, 100))]
            case 1:
                raw[at:at] = chance.randbytes(chance.choice((1, 4, 100)))
            case 2 if chance.random() < 0.2:
                del raw[at:]
            case _ if at < len(raw):
                raw[at] = chance.choice(
                    (0, 0xFF, chance.randrange(256), raw[at] ^ (1 << chance.randrange(8)))
                )
            case _:
                pass
    return bytes(raw)


def packed(inner: Mutate) -> Mutate:
    """Return what changes the content of a gzip file, and now and then the file."""

    def mutate(seed: bytes, chance: random.Random) -> bytes:
        raw = gzip.compress(inner(gzip.decompress(seed), chance), chance.choice((0, 1)), mtime=0)
        match chance.randrange(12):
            case 0:
                return of_bytes(raw, chance)
            case 1:
                return raw + chance.choice((b"x", raw))
            case _:
                return raw

    return mutate


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return each part of a value as its container and its name or number there."""
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        inner = list(one.items()) if isinstance(one, dict) else list(enumerate(one))
        found += [(one, name) for name, _ in inner]
        waiting += [each for _, each in inner if isinstance(each, dict | list)]
    return found


def _change(root: list[Any], chance: random.Random) -> None:
    places = _places(root)
    where, name = chance.choice(places)
    match chance.randrange(8):
        case 0 if isinstance(where, dict):
            del where[name]
        case 1 if isinstance(where, dict):
            where[str(chance.choice(STRANGE))] = where.pop(name)  # also of what is no name
        case 2 if isinstance(where, list) and where is not root:
            where *= chance.choice((0, 2, 20))
        case 3:
            other, another = chance.choice(places)
            where[name] = json.loads(json.dumps(other[another]))
        case 4:
            where[name] = [where[name]]
        case 5 if isinstance(where[name], str):
            where[name] = of_text(where[name].encode(errors="surrogatepass") or b" ", chance).decode(
                errors="replace"
            )
        case _:
            where[name] = json.loads(json.dumps(chance.choice(STRANGE)))


def _twice(text: str, chance: random.Random) -> str:
    """Return a JSON text in which an object begins with one more name."""
    opened = [found.end() for found in re.finditer(r"\{(?=\")", text)]
    if not opened:
        return text
    at = chance.choice(opened)
    name = re.match(r'"[^"\\]*"', text[at:])
    return f"{text[:at]}{name[0] if name else '0'}: 0, {text[at:]}"
