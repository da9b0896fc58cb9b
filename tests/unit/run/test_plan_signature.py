"""Plans that are signed, as OpenSSH signs and checks them, and everything that is no such signature."""

from __future__ import annotations

import base64
import os
import pty
import select
import subprocess
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shutil import which

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from plan_estate import plan_of
from trailseal.errors import UsageProblem
from trailseal.plan.codec import write_plan
from trailseal.run import plan_signature
from trailseal.run.documents import plan_in
from trailseal.run.plan_signature import NAMESPACE, see_signed, signer, signers_in
from trailseal.run.ssh_keys import read_private_key, read_signers
from trailseal.run.ssh_signature import (
    NotASignatureError,
    PrivateKey,
    SshSignature,
    blob_of,
    is_of,
    public_key,
    read_signature,
    sign,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RAW = write_plan(plan_of())
PLAIN = NoEncryption()
SSH_KEYGEN = which("ssh-keygen")
with_openssh = pytest.mark.skipif(SSH_KEYGEN is None, reason="ssh-keygen is not installed")
KEYS: dict[str, PrivateKey] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "ecdsa 256": ec.generate_private_key(ec.SECP256R1()),
    "ecdsa 384": ec.generate_private_key(ec.SECP384R1()),
    "ecdsa 521": ec.generate_private_key(ec.SECP521R1()),
    "rsa 2048": rsa.generate_private_key(65537, 2048),
}
ED = KEYS["ed25519"]
every_key = pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)


def private(key, encryption=PLAIN, form=PrivateFormat.OpenSSH) -> bytes:
    return key.private_bytes(Encoding.PEM, form, encryption)


def public(key, comment="me@example.com") -> str:
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return f"{line} {comment}\n"


class Folder:
    """A plan, its signature, and the keys, as files."""

    def __init__(self, path: Path) -> None:
        self.plan, self.sig = path / "plan.json", path / "plan.json.sig"
        self.key, self.pub, self.allowed = path / "key", path / "key.pub", path / "allowed_signers"
        self.plan.write_bytes(RAW)

    def hold(self, key) -> None:
        self.key.write_bytes(private(key))
        self.key.chmod(0o600)
        self.pub.write_text(public(key))
        self.allowed.write_text(f"me@example.com {public(key)}")

    def sign(self, key, raw=RAW, namespace=NAMESPACE) -> None:
        self.sig.write_bytes(sign(raw, key, namespace))

    def read(self, signers=None):
        return plan_in(self.plan, signed_by=signers_in(signers or self.pub, now=NOW))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def openssh(*words, content=b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["ssh-keygen", "-Y", *map(str, words)], input=content, capture_output=True, check=False
    )


@every_key
def test_a_signed_plan_is_read_with_the_key_or_with_allowed_signers(folder, key):
    folder.hold(key)
    folder.sig.write_bytes(signer(folder.key, at_terminal=False)(RAW))

    assert folder.read() == folder.read(folder.allowed) == plan_of()


@with_openssh
@every_key
def test_openssh_checks_what_we_sign(folder, key):
    folder.hold(key)
    folder.sign(key)

    for content, ends in ((RAW, 0), (RAW + b" ", 255)):
        done = openssh(
            "verify", "-f", folder.allowed, "-I", "me@example.com", "-n", NAMESPACE, "-s", folder.sig,
            content=content,
        )  # fmt: skip
        assert done.returncode == ends, done.stderr


@with_openssh
@every_key
@pytest.mark.parametrize("options", [(), ("-O", "hashalg=sha256")], ids=["sha512", "sha256"])
def test_we_check_what_openssh_signs(folder, key, options):
    folder.hold(key)
    done = openssh("sign", "-f", folder.key, "-n", NAMESPACE, *options, folder.plan)

    assert done.returncode == 0, done.stderr
    assert folder.read() == plan_of()


@with_openssh
def test_a_signature_of_another_kind_of_openssh_is_not_taken(folder):
    folder.hold(ED)
    openssh("sign", "-f", folder.key, "-n", "file", folder.plan)

    with pytest.raises(UsageProblem, match="was not made for a plan"):
        folder.read()


BY_OPENSSH = b"""\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgA6EHv/POEL4dcN0Y50vAmWfk1j
CbpQ1fHdyGZBJVMbgAAAAOdHJhaWxzZWFsLXBsYW4AAAAAAAAABnNoYTUxMgAAAFMAAAAL
c3NoLWVkMjU1MTkAAABAhGcLeYOs+GIPB9aM6gjbCeDVtHI1SXm6pstDV3HdmnLy4Njkt5
Lo6qZe1jtE5Cjcwbkdub2REYjBlFZkI520BQ==
-----END SSH SIGNATURE-----
"""
"""`ssh-keygen -Y sign -n trailseal-plan` of `plan` and a line end, with the key of the bytes 0 to 31."""


def test_an_ed25519_key_signs_byte_by_byte_as_openssh_does():
    seed = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    found = read_signature(BY_OPENSSH)

    assert sign(b"plan\n", seed, NAMESPACE) == BY_OPENSSH
    assert (found.namespace, found.reserved, found.hash_name) == (b"trailseal-plan", b"", b"sha512")
    assert is_of(b"plan\n", found, NAMESPACE)


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_a_plan_with_one_byte_changed_is_not_what_was_signed(at, by):
    changed = RAW[:at] + bytes([RAW[at] ^ by]) + RAW[at + 1 :]
    signature = read_signature(sign(RAW, ED, NAMESPACE))

    assert is_of(RAW, signature, NAMESPACE)
    assert not is_of(changed, signature, NAMESPACE)


@every_key
def test_a_signature_with_one_bit_changed_is_none(key):
    """Every byte of it is signed, names the key, or is the signature."""
    armored = sign(RAW, key, NAMESPACE)
    own = blob_of(key.public_key())
    raw = bytearray(base64.b64decode(b"".join(armored.splitlines()[1:-1])))
    for at in range(len(raw)):
        raw[at] ^= 1
        body = base64.b64encode(bytes(raw))
        raw[at] ^= 1
        try:
            found = read_signature(b"-----BEGIN SSH SIGNATURE-----\n%s\n-----END SSH SIGNATURE-----\n" % body)
        except NotASignatureError:
            continue
        assert found.key != own or not is_of(RAW, found, NAMESPACE), at


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda b: b"SSHSIG\0\0\0\1" + b))
def test_whatever_stands_in_the_armor_is_a_signature_or_is_refused(content):
    body = base64.b64encode(content)
    try:
        found = read_signature(b"-----BEGIN SSH SIGNATURE-----\n%s\n-----END SSH SIGNATURE-----\n" % body)
    except NotASignatureError:
        return
    assert not is_of(RAW, found, NAMESPACE)


def refused(folder, said, signers=None):
    with pytest.raises(UsageProblem, match=said) as problem:
        folder.read(signers)
    assert "\n" not in str(problem.value)
    assert problem.value.exit_code == 2


def test_what_is_not_signed_by_the_key_is_refused_in_one_line(folder):
    other = ed25519.Ed25519PrivateKey.generate()
    folder.hold(ED)
    refused(folder, "is not signed: there is no file `.*plan.json.sig`")
    folder.sign(other)
    refused(folder, "is by no key in")
    folder.sign(ED, namespace="file")
    refused(folder, "was not made for a plan")
    folder.sign(ED, raw=RAW + b"\n")
    refused(folder, "is not what `.*` signs")
    for junk in (b"", b"\xff\xfe", RAW, sign(RAW, ED, NAMESPACE)[:-40], sign(RAW, ED, NAMESPACE) + b"x"):
        folder.sig.write_bytes(junk)
        refused(folder, "is not a signature of OpenSSH's")


def test_a_signature_that_names_a_key_and_is_by_another_is_refused():
    forged = structs.replace(
        read_signature(sign(RAW, ed25519.Ed25519PrivateKey.generate(), NAMESPACE)),
        key=blob_of(ED.public_key()),
    )

    assert not is_of(RAW, forged, NAMESPACE)


def test_the_bytes_that_are_read_are_those_that_are_signed(folder, monkeypatch):
    """Between two readings somebody could put another plan in its place."""
    folder.hold(ED)
    folder.sign(ED)
    monkeypatch.setattr(
        plan_signature, "read_signature", lambda raw: (folder.plan.write_bytes(b"{}"), read_signature(raw))[1]
    )

    assert folder.read() == plan_of()


LINE = public(ED)
SIGNERS = {
    "a public key": (LINE, True),
    "a key without a comment": (LINE.rpartition(" ")[0], True),
    "among others": (f"# ours\n\nssh-ed25519 AAAA x\n{public(KEYS['rsa 2048'])}{LINE}", True),
    "allowed": (f"me@example.com {LINE}", True),
    "of several": (f"a@example.com,me@example.com {LINE}", True),
    "quoted": (f'"me@example.com,x y" {LINE}', True),
    "for plans": (f'me namespaces="trailseal-plan" {LINE}', True),
    "for plans and more": (f'me namespaces="git,trailseal-*" {LINE}', True),
    "in capitals": (f'me Namespaces="trailseal-????" {LINE}', True),
    "for git": (f'me namespaces="git" {LINE}', False),
    "for all but plans": (f'me namespaces="*,!trailseal-plan" {LINE}', False),
    "since": (f'me valid-after="20260101" {LINE}', True),
    "since a minute of UTC": (f'me valid-after="202611231159Z" {LINE}', True),
    "not yet": (f'me valid-after="20261123120001Z" {LINE}', False),
    "until": (f'me valid-after="20260101",valid-before="20991231" {LINE}', True),
    "no longer": (f'me valid-before="20261123120000Z" {LINE}', False),
    "never": (f'me valid-before="tomorrow" {LINE}', False),
    "at no time": (f'me valid-before="20269999" {LINE}', False),
    "an authority": (f"me cert-authority {LINE}", False),
    "an option that is not known": (f'me namespaces="trailseal-plan",more="1" {LINE}', False),
    "an option without its value": (f"me namespaces {LINE}", False),
    "an option that is none": (f'me ,namespaces="trailseal-plan" {LINE}', False),
    "no key": (f"me {LINE.split()[0]}", False),
    "options and no key": ('me namespaces="trailseal-plan"', False),
    "options and a kind": ('me namespaces="trailseal-plan" ssh-ed25519', False),
    "another kind": (f"me ssh-dss {LINE.split()[1]}", False),
    "a key that is none": ("me ssh-ed25519 AAAA", False),
    "no base64": ("me ssh-ed25519 ?", False),
    "nothing": ("", False),
    "a private key": (private(ED).decode(), False),
    "bytes": ("\xff\xfe", False),
}


@pytest.mark.parametrize(("text", "is_one"), SIGNERS.values(), ids=SIGNERS)
def test_a_file_names_the_keys_that_may_sign(tmp_path, text, is_one):
    path = tmp_path / "signers"
    path.write_bytes(text.encode("latin-1"))
    read = partial(read_signers, path, NAMESPACE, now=NOW)

    if is_one:
        assert blob_of(ED.public_key()) in read()
    else:
        with pytest.raises(UsageProblem, match="holds no public key that may sign plans"):
            read()


SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it is to be refused


def test_a_short_rsa_key_signs_nothing(tmp_path):
    (tmp_path / "key").write_bytes(private(SHORT))

    with pytest.raises(UsageProblem, match="of a kind that signs no plans"):
        read_private_key(tmp_path / "key")
    with pytest.raises(NotASignatureError):
        public_key(blob_of(SHORT.public_key()))
    assert not is_of(RAW, read_signature(sign(RAW, SHORT, NAMESPACE)), NAMESPACE)


OTHERS = {
    "not a key": (b"x", "is not a private key of OpenSSH's"),
    "a public key": (LINE.encode(), "is not a private key of OpenSSH's"),
    "cut": (private(ED)[:100], "is not a private key of OpenSSH's"),
    "DSA": (
        private(dsa.generate_private_key(1024), form=PrivateFormat.TraditionalOpenSSL),  # noqa: S505 - the same
        "of a kind that signs no plans",
    ),
    "a curve of Bitcoin's": (
        private(ec.generate_private_key(ec.SECP256K1()), form=PrivateFormat.PKCS8),
        "of a kind that signs no plans",
    ),
    "encrypted PEM": (
        private(ED, BestAvailableEncryption(b"secret"), PrivateFormat.PKCS8),
        "is encrypted, and nobody can be asked here",
    ),
}


@pytest.mark.parametrize(("raw", "said"), OTHERS.values(), ids=OTHERS)
def test_what_cannot_sign_is_told_in_one_line(tmp_path, raw, said):
    (tmp_path / "key").write_bytes(raw)

    with pytest.raises(UsageProblem, match=said) as problem:
        signer(tmp_path / "key", at_terminal=False)
    assert "\n" not in str(problem.value)


def test_a_key_in_pem_signs_too(folder):
    folder.hold(ED)
    folder.key.write_bytes(private(ED, form=PrivateFormat.PKCS8))

    folder.sig.write_bytes(signer(folder.key, at_terminal=False)(RAW))

    assert folder.read() == plan_of()


@with_openssh
@pytest.mark.parametrize(("typed", "signs"), [("secret", True), ("wrong", False)], ids=["right", "wrong"])
def test_openssh_asks_for_a_passphrase_at_the_terminal(tmp_path, typed, signs):
    folder = Folder(tmp_path)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", folder.key], check=True)
    process, terminal = pty.fork()
    if not process:  # pragma: no cover - this is another process
        try:
            folder.sig.write_bytes(signer(folder.key, at_terminal=True)(RAW))
        except UsageProblem as problem:
            os._exit(5 if "ssh-keygen did not sign" in str(problem) else 6)
        os._exit(0)
    while select.select([terminal], [], [], 30)[0]:
        try:
            if b"assphrase" in os.read(terminal, 1000):
                os.write(terminal, typed.encode() + b"\n")
        except OSError:
            break
    _, status = os.waitpid(process, 0)

    assert os.waitstatus_to_exitcode(status) == (0 if signs else 5)
    assert folder.sig.exists() is signs
    if signs:
        assert folder.read() == plan_of()


def test_without_openssh_an_encrypted_key_is_told_of(tmp_path, monkeypatch):
    (tmp_path / "key").write_bytes(private(ED, BestAvailableEncryption(b"secret"), PrivateFormat.PKCS8))
    monkeypatch.setattr(plan_signature, "which", lambda _: None)

    with pytest.raises(UsageProblem, match="there is no ssh-keygen here"):
        signer(tmp_path / "key", at_terminal=True)


MADE = read_signature(sign(RAW, ED, NAMESPACE))
STRANGE = {
    "another hash": structs.replace(MADE, hash_name=b"md5"),
    "another algorithm": structs.replace(MADE, algorithm=b"ssh-rsa"),
    "a key that is none": structs.replace(MADE, key=b"\0\0\0\1x"),
    "something reserved": structs.replace(MADE, reserved=b"x"),
    "no numbers": structs.replace(
        read_signature(sign(RAW, KEYS["ecdsa 256"], NAMESPACE)), value=b"\0\0\0\1\0\0\0\0\1\0"
    ),
}


@pytest.mark.parametrize("signature", STRANGE.values(), ids=STRANGE)
def test_a_strange_signature_is_of_nothing(signature: SshSignature):
    assert not is_of(RAW, signature, NAMESPACE)


def test_nothing_is_read_of_a_plan_that_is_not_signed(folder):
    folder.plan.write_bytes(b"not a plan at all")
    folder.hold(ED)
    folder.sign(ED)

    with pytest.raises(UsageProblem, match="is not what"):
        see_signed(folder.plan.read_bytes(), path=folder.plan, signers=signers_in(folder.pub, now=NOW))


LONG = 300_000
ENDLESS = {
    "quotations": '"' + '\\"' * LONG,
    "a quotation that does not end": 'me "' + "a" * LONG,
    "blanks": " " * LONG + "x",
    "stars": 'me namespaces="' + "*" * LONG + 'x" KEY',
    "stars and letters": 'me namespaces="' + "*a" * LONG + '" KEY',
    "many patterns": 'me namespaces="' + "*q*z*," * LONG + '" KEY',
    "options": "me " + 'namespaces="x",' * (LONG // 10) + " KEY",
    "a time before all others": 'me valid-after="00010101" KEY',
    "a time after all others": 'me valid-after="99991231235959" KEY',
    "letters that are none of base64": "me ssh-ed25519 \u202e",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_hostile_line_of_signers_costs_no_time_and_lets_nobody_in_by_itself(folder, name):
    line = ENDLESS[name]
    words = public(ED).split()[:2]
    folder.allowed.write_text(line.replace("KEY", " ".join(words)) + "\n" + public(KEYS["ecdsa 256"]))
    began = time.process_time()

    found = read_signers(folder.allowed, NAMESPACE, now=NOW)

    assert time.process_time() - began < 10
    assert blob_of(KEYS["ecdsa 256"].public_key()) in found
    assert (blob_of(ED.public_key()) in found) is (name == "a time before all others")


@pytest.mark.parametrize(
    "held", [b" " * LONG, b"A\n" * LONG, b"=" * LONG, b"-" * LONG], ids=["blanks", "lines", "signs", "dashes"]
)
def test_a_hostile_signature_costs_no_time(held):
    began = time.process_time()
    for end in (b"", b"-----END SSH SIGNATURE-----"):
        with pytest.raises(NotASignatureError):
            read_signature(b"-----BEGIN SSH SIGNATURE-----\n" + held + end)

    assert time.process_time() - began < 10


@pytest.mark.parametrize("begin", [b"-----BEGIN SSH SIGNATURE-----", b""])
def test_beginning_and_end_may_not_be_one(begin):
    with pytest.raises(NotASignatureError):
        read_signature(begin + b"-----END SSH SIGNATURE-----")
