"""
CRC-32C and CRC-64/NVME, without a library that computes them.

Long content is cut into stripes of one length, which are all computed at once: a byte of every stripe's
state stands in one `bytes`, so that a step is a `translate` and an exclusive or of large numbers. A CRC is
linear, so the stripes' own are put together by what a stripe of zeros makes of the state before it.
Source: https://reveng.sourceforge.io/crc-catalogue/all.htm (CRC-32/ISCSI, CRC-64/NVME)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

STRIPE = 1024
Operator = tuple[tuple[int, ...], ...]
"""What becomes of a state, by each of its bytes and that byte's value."""


def crc32c(content: bytes) -> bytes:
    """Return the CRC-32C of content, as S3 writes it."""
    return _crc(content, 0x82F63B78, 4)


def crc64nvme(content: bytes) -> bytes:
    """Return the CRC-64/NVME of content, as S3 writes it."""
    return _crc(content, 0x9A6C9329AC4BC9B5, 8)


def _crc(content: bytes, polynomial: int, size: int) -> bytes:
    full = (1 << 8 * size) - 1
    state, whole = full, len(content) // STRIPE * STRIPE
    if whole:
        skip = _over_a_stripe(polynomial, size)
        for own in _of_stripes(content[:whole], polynomial, size):
            state = _apply(skip, state) ^ own
    table = _table(polynomial)
    for byte in content[whole:]:
        state = state >> 8 ^ table[(state ^ byte) & 0xFF]
    return (state ^ full).to_bytes(size, "big")


def _of_stripes(content: bytes, polynomial: int, size: int) -> list[int]:
    """Return the CRC of each stripe by itself, begun with zero."""
    many = len(content) // STRIPE
    table = _table(polynomial)
    shifts = [bytes(each >> 8 * place & 0xFF for each in table) for place in range(size)]
    planes = [0] * size
    for step in range(STRIPE):
        column = int.from_bytes(content[step::STRIPE], "big") ^ planes[0]
        index = column.to_bytes(many, "big")
        planes = [
            following ^ int.from_bytes(index.translate(shift), "big")
            for following, shift in zip([*planes[1:], 0], shifts, strict=True)
        ]
    rows = zip(*(plane.to_bytes(many, "big") for plane in planes), strict=True)
    return [int.from_bytes(bytes(row), "little") for row in rows]


@cache
def _table(polynomial: int) -> tuple[int, ...]:
    found = []
    for value in range(256):
        state = value
        for _ in range(8):
            state = state >> 1 ^ (polynomial if state & 1 else 0)
        found.append(state)
    return tuple(found)


@cache
def _over_a_stripe(polynomial: int, size: int) -> Operator:
    """Return what a stripe of zeros makes of a state: that of one zero, as often as a stripe has bytes."""
    table = _table(polynomial)
    operator = _operator(lambda state: state >> 8 ^ table[state & 0xFF], size)
    for _ in range(STRIPE.bit_length() - 1):
        before = operator
        operator = _operator(lambda state, before=before: _apply(before, _apply(before, state)), size)  # type: ignore[misc]
    return operator


def _operator(change: Callable[[int], int], size: int) -> Operator:
    return tuple(tuple(change(value << 8 * place) for value in range(256)) for place in range(size))


def _apply(operator: Operator, state: int) -> int:
    found = 0
    for row in operator:
        found ^= row[state & 0xFF]
        state >>= 8
    return found
