"""
Keys that come in pairs, tied to the key that lists their names: the encryption context, and tags of requests.

Sources:
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from trailseal.access.facts import KEPT, OTHERS, SHAPES, THERE, Context, Lack, OneOf, Value
from trailseal.access.keys.presence import goes_with
from trailseal.access.keys.table import find

CONTEXT = "kms:encryptioncontext:"
PAIR_NAMES = "kms:encryptioncontextkeys"
REQUEST_TAG, TAG_KEYS = "aws:requesttag/", "aws:tagkeys"
LISTS = {
    CONTEXT: PAIR_NAMES,
    REQUEST_TAG: TAG_KEYS,
    "s3:requestobjecttag/": "s3:requestobjecttagkeys",
}
"""The families of pairs that a request carries, each with the key that lists the names of its pairs."""
LISTED = frozenset(LISTS.values())
REMOVES = re.compile(r"untag|delete|remove", re.IGNORECASE | re.ASCII)
"""Actions that name tags to remove: such a request has names, and where it has pairs no page promises."""


class KeyNames(Struct, frozen=True):
    """What the names in a context tell, whatever the values are."""

    lowered: tuple[str, ...]
    pairs: dict[str, dict[str, str]]
    """For each family of pairs the names of its pairs, each with the key as it is written."""
    tied: bool
    """Whether there is any pair, or a list of the names of pairs."""


@lru_cache(maxsize=SHAPES)
def names_of(given: tuple[str, ...]) -> KeyNames:
    """
    Return what the names of a context tell.

    Kept because requests name the same few keys and differ in the values: it saves a look at each name.
    """
    lowered = tuple([key.lower() for key in given])
    pairs = {
        head: {key[len(head) :]: key for key, low in zip(given, lowered, strict=True) if low.startswith(head)}
        for head in LISTS
    }
    return KeyNames(lowered, pairs, any(pairs.values()) or not LISTED.isdisjoint(lowered))


@lru_cache(maxsize=KEPT)
def carries_context(action: str) -> bool | None:
    """
    Whether a request for the action carries an encryption context, None for what is no action of KMS.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    row = find(PAIR_NAMES)
    return goes_with(row, action) if row is not None and action.lower().startswith("kms:") else None


def drop_context(known: dict[str, Value]) -> None:
    """Take an encryption context out of the facts of a request that carries none."""
    for key in [key for key in known if key == PAIR_NAMES or key.startswith(CONTEXT)]:
        del known[key]


def tie_pairs(
    known: dict[str, Value], given: Context, pairs: dict[str, dict[str, str]], action: str, *, derive: bool
) -> None:
    """
    Add what a list of names tells of its pairs, and what the pairs tell of the list.

    The caller makes up both, so that one is absent where nobody speaks of it: but not beside the other.
    Without `derive` nothing more is said of it than that.
    """
    for head, names in _lists_of(action):
        if names in known:
            sure = derive and not (head == REQUEST_TAG and REMOVES.search(action))
            _tell_pairs(known, head, known[names], THERE if sure else Lack.UNKNOWN)
        elif (of_family := pairs[head]) and (told := _names_told(of_family, given)):
            known[names] = told if derive else Lack.UNKNOWN


@lru_cache(maxsize=KEPT)
def _lists_of(action: str) -> tuple[tuple[str, str], ...]:
    """Return those of LISTS that requests for the action can hold."""
    rows = ((head, names, find(names)) for head, names in LISTS.items())
    return tuple((head, names) for head, names, row in rows if row is not None and goes_with(row, action))


def _tell_pairs(known: dict[str, Value], head: str, names: Value, pair: Value) -> None:
    """A list of which not every name is known leaves open what other pairs there are."""
    certain = names.among if isinstance(names, OneOf) else names
    if names is Lack.UNKNOWN or isinstance(names, OneOf):
        known.setdefault(head + OTHERS, Lack.UNKNOWN)
    for name in certain if isinstance(certain, tuple) else ():
        known.setdefault(head + name.lower(), pair)


def _names_told(of_family: dict[str, str], given: Context) -> Value:
    """Return the names of the given pairs, of which one that may be absent leaves the list open."""
    values = {name: given[key] for name, key in of_family.items()}
    certain = tuple(sorted([n for n, value in values.items() if value and not isinstance(value, Lack)]))
    if Lack.UNKNOWN not in values.values():
        return certain
    return OneOf(("*",), among=certain) if certain else Lack.UNKNOWN
