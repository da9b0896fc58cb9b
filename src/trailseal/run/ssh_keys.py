"""
The key files of OpenSSH: a private key to sign with, public keys and allowed signers to check with.

Source: https://man.openbsd.org/ssh-keygen#ALLOWED_SIGNERS
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

from trailseal.access.match.wildcard import matches
from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.run.ssh_signature import NAMES, SHORTEST_RSA, NotASignatureError, PrivateKey, public_key
from trailseal.run.user_file import SMALL, read_file

OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"
KINDS = frozenset(
    {"ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"}
)
WORD = re.compile(r'\s*+((?:"(?:\\.|[^"\\])*+"|[^\s"])++)')
"""A word of a line; what is quoted may hold blanks. Nothing in it is tried twice, however long a line is."""
MOST_WORDS = 4
"""Principals, options, a kind and a key; then comes a comment."""
OPTION = re.compile(r'([A-Za-z-]+)(?:="((?:\\.|[^"\\])*)")?(?:,|$)')
STARS = re.compile(r"\*{2,}")
TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z)?", re.ASCII)


def read_private_key(path: str | Path) -> PrivateKey | None:
    """
    Return the private key in a file of OpenSSH's, or in PEM; None for one that is encrypted.

    Raises:
        UsageProblem: it cannot be read, is no private key, or one that signs no plans.
    """
    name = str(path)
    raw = read_file(path, most=SMALL)
    load = load_ssh_private_key if OPENSSH in raw else load_pem_private_key
    try:
        key = load(raw, None)
    except TypeError:
        return None
    except UnsupportedAlgorithm:
        raise _of_another_kind(name) from None
    except ValueError:
        raise UsageProblem(
            message("`{path}` is not a private key of OpenSSH's", path=name),
            message("make one with ssh-keygen -t ed25519"),
        ) from None
    if not isinstance(key, PrivateKey) or _is_weak(key):
        raise _of_another_kind(name)
    return key


def _is_weak(key: PrivateKey) -> bool:
    if isinstance(key, EllipticCurvePrivateKey):
        return key.curve.name not in NAMES
    return isinstance(key, RSAPrivateKey) and key.key_size < SHORTEST_RSA


def _of_another_kind(name: str) -> UsageProblem:
    return UsageProblem(
        message("the private key `{path}` is of a kind that signs no plans", path=name),
        message("take an Ed25519, an ECDSA or an RSA key of 2048 bits or more"),
    )


def read_signers(path: str | Path, namespace: str, *, now: datetime) -> frozenset[bytes]:
    """
    Return the public keys in a file that may sign for `namespace` at this time, as blobs.

    The file is a public key, or an allowed-signers file. A line that is not understood whole lets nobody in.

    Raises:
        UsageProblem: it cannot be read, or holds no such key.
    """
    lines = read_file(path, most=SMALL).decode("utf-8", "replace").splitlines()
    found = frozenset(key for line in lines for key in _key_in(line.strip(), namespace, now))
    if not found:
        raise UsageProblem(
            message("`{path}` holds no public key that may sign plans", path=str(path)),
            message("give a public key, as ssh-keygen writes it into KEY.pub, or an allowed-signers file"),
        )
    return found


def _key_in(line: str, namespace: str, now: datetime) -> Iterator[bytes]:
    words = _words(line)
    if line.startswith("#") or len(words) < 2:  # noqa: PLR2004 - a kind and a key at least
        return
    if words[0] not in KINDS:
        words = words[1:]
        if words[0] not in KINDS and (not _allows(words[0], namespace, now) or not words[1:]):
            return
        words = words if words[0] in KINDS else words[1:]
    if len(words) > 1 and words[0] in KINDS:
        try:
            blob = base64.b64decode(words[1], validate=True)
            public_key(blob)
        except (ValueError, NotASignatureError):  # no base64, or not even ASCII
            return
        yield blob


def _words(line: str) -> list[str]:
    """Return the words of a line that tell something, up to a quotation that does not end."""
    found: list[str] = []
    at = 0
    while len(found) < MOST_WORDS and (word := WORD.match(line, at)):
        found.append(word[1])
        at = word.end()
    return found


def _allows(options: str, namespace: str, now: datetime) -> bool:
    """Whether the options of a line let its key sign for `namespace` now; one that is not known does not."""
    at = 0
    while at < len(options):
        found = OPTION.match(options, at)
        if not found or not _holds(found[1].lower(), found[2], namespace, now):
            return False
        at = found.end()
    return True


def _holds(name: str, value: str | None, namespace: str, now: datetime) -> bool:
    if value is None:
        return False
    match name:
        case "namespaces":
            return _is_among(namespace, value.split(","))
        case "valid-after":
            return (begins := _time(value)) is not None and now >= begins
        case "valid-before":
            return (ends := _time(value)) is not None and now < ends
        case _:
            return False


def _is_among(name: str, patterns: list[str]) -> bool:
    """Whether a name meets a list of OpenSSH's patterns, of which one with a `!` shuts it out."""
    met = [pattern for pattern in patterns if _meets(name, pattern.removeprefix("!"))]
    return bool(met) and not any(pattern.startswith("!") for pattern in met)


def _meets(name: str, pattern: str) -> bool:
    """Whether a name meets one pattern; one with more letters than the name is not even looked at."""
    short = STARS.sub("*", pattern)
    return len(short) <= 2 * len(name) + 1 and matches(short, name)


def _time(text: str) -> datetime | None:
    """Return a time as OpenSSH writes it: of this machine's zone, or of UTC with a `Z` at its end."""
    found = TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        read = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    try:
        return read if found[7] else read.replace(tzinfo=None).astimezone()
    except (OverflowError, OSError, ValueError):  # in the first or the last year, where no zone matters
        return read
