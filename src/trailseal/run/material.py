"""
The user's own key material: reading it from a file, or making it. It is never logged and never shown.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-create-key.html
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from pathlib import Path

from trailseal.errors import UsageProblem
from trailseal.files import write_new
from trailseal.messages import message
from trailseal.run.user_file import SMALL, read_file

HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]+")
LENGTH = 32
"""Bytes in the material of a SYMMETRIC_DEFAULT key: 256 bits."""


def read_material(path: str, *, raw: bool = False) -> bytes:
    """
    Return the 32 bytes in a file: raw, as 64 hexadecimal digits, or in base64.

    With `raw`, 32 bytes are taken as they are even where they could be the text of half a key.

    Raises:
        UsageProblem: the file cannot be read, holds something else, or could be meant in two ways.
    """
    held = read_file(path, most=SMALL)
    if len(held) == LENGTH:
        if HEXADECIMAL.fullmatch(held) and not raw:
            raise UsageProblem(
                message("`{path}` holds 32 hexadecimal digits, which write 16 bytes only", path=path),
                message(
                    "give 64 digits for 32 bytes; key import --raw-material takes the 32 letters themselves"
                ),
            )
        return held
    text = held.strip()
    for read in (bytes.fromhex, base64.b64decode):
        try:
            material = read(text.decode())
        except (ValueError, UnicodeDecodeError, binascii.Error):
            continue
        if len(material) == LENGTH:
            return material
    raise UsageProblem(
        message("`{path}` does not hold 32 bytes of key material", path=path),
        message("give 32 raw bytes, 64 hexadecimal digits, or their base64: openssl rand -out FILE 32"),
    )


def make_material(path: str) -> bytes:
    """
    Make 32 random bytes, write them to a new file that only its owner can read, and return them.

    Raises:
        UsageProblem: the file exists already, or none can be written there.
        TrailsealError: there is no room for it.
    """
    material = secrets.token_bytes(LENGTH)
    write_new(
        Path(path), material, hint=message("use it with --material {path}, or name another file", path=path)
    )
    return material


def chosen_material(path: str | None, generate: str | None, *, raw: bool = False) -> bytes:
    """
    Return the material that the user gave, or had made.

    Raises:
        UsageProblem: both or neither was asked for, or the file will not do.
    """
    if path and not generate:
        return read_material(path, raw=raw)
    if generate and not path:
        return make_material(generate)
    raise UsageProblem(
        message("say where the key material comes from"),
        message("--material FILE, or --generate FILE to have some made and kept there"),
    )
