"""The signature beside a plan's file: who stands for the plan, which its own id cannot tell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from shutil import which

from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.messages import Message, message
from trailseal.run.ssh_keys import read_private_key, read_signers
from trailseal.run.ssh_signature import NotASignatureError, is_of, read_signature, sign
from trailseal.run.user_file import SMALL, is_there, read_file

NAMESPACE = "trailseal-plan"
"""What a signature is for: one that was made for anything else is none of a plan."""
SUFFIX, PROGRAM = ".sig", "ssh-keygen"


def signature_beside(path: str | Path) -> Path:
    """Return where the signature of a plan's file lies: where `ssh-keygen -Y sign` puts it too."""
    return Path(f"{path}{SUFFIX}")


Signer = Callable[[bytes], bytes]
"""Takes a plan's file and returns its signature's."""


def signer(path: str | Path, *, at_terminal: bool) -> Signer:
    """
    Return what signs with the private key in a file; nothing is asked and nothing signed yet.

    An encrypted key is left to ssh-keygen, which asks for the passphrase at the terminal: it never is here.

    Raises:
        UsageProblem: it is no key that signs plans, or it is encrypted and nobody can be asked.
    """
    key = read_private_key(path)
    if key is not None:
        return partial(sign, key=key, namespace=NAMESPACE)
    if not at_terminal:
        raise UsageProblem(
            message("the private key `{path}` is encrypted, and nobody can be asked here", path=str(path)),
            message(
                "sign the plan later: ssh-keygen -Y sign -n {namespace} -f KEY PLAN", namespace=NAMESPACE
            ),
        )
    program = which(PROGRAM)
    if program is None:
        raise UsageProblem(
            message("the private key `{path}` is encrypted, and there is no ssh-keygen here", path=str(path))
        )
    return partial(_by_ssh_keygen, program, str(path))


def _by_ssh_keygen(program: str, path: str, raw: bytes) -> bytes:
    command = [program, "-Y", "sign", "-n", NAMESPACE, "-f", path]
    environment = {**os.environ, "SSH_ASKPASS_REQUIRE": "never"}
    done = subprocess.run(command, input=raw, capture_output=True, check=False, env=environment)  # noqa: S603 - no shell, and the program was looked up
    if done.returncode:
        raise UsageProblem(message("ssh-keygen did not sign with `{path}`", path=path))
    return done.stdout


class Signers(Struct, frozen=True, kw_only=True):
    """The public keys that may sign plans, and the file that they stand in."""

    name: str
    keys: frozenset[bytes]


def signers_in(path: str | Path, *, now: datetime) -> Signers:
    """
    Return the keys in a public key's file, or an allowed-signers file, that may sign plans now.

    Raises:
        UsageProblem: it cannot be read, or holds none.
    """
    return Signers(name=str(path), keys=read_signers(path, NAMESPACE, now=now))


def see_signed(raw: bytes, *, path: str | Path, signers: Signers) -> None:
    """
    Return when `raw`, which was read from `path`, is signed by one of these keys.

    Raises:
        UsageProblem: there is no signature, it is none, or it is of something else, for something else, or by
            somebody else.
    """
    beside = signature_beside(path)
    if not is_there(beside):
        raise _refused(
            message("`{path}` is not signed: there is no file `{sig}`", path=str(path), sig=str(beside))
        )
    try:
        signature = read_signature(read_file(beside, most=SMALL))
    except NotASignatureError:
        raise _refused(message("`{sig}` is not a signature of OpenSSH's", sig=str(beside))) from None
    if signature.namespace != NAMESPACE.encode():
        raise _refused(message("the signature `{sig}` was not made for a plan", sig=str(beside)))
    if signature.key not in signers.keys:
        raise _refused(
            message("the signature `{sig}` is by no key in `{keys}`", sig=str(beside), keys=signers.name)
        )
    if not is_of(raw, signature, NAMESPACE):
        raise _refused(message("`{path}` is not what `{sig}` signs", path=str(path), sig=str(beside)))


def _refused(what: Message) -> UsageProblem:
    return UsageProblem(
        what, message("sign it with ssh-keygen -Y sign -n {namespace} -f KEY PLAN", namespace=NAMESPACE)
    )
