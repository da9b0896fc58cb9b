"""More readers: settings, checks, signatures and keys, lists in columns, the journal, answers."""

from __future__ import annotations

import base64
import io
import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pyarrow import orc, parquet

from answer_samples import model_of, sample, written
from fuzz import mutate
from fuzz.reader import Reader, json_begins, of_file, sqlite_begins, toml_begins, xml_begins
from history_estate import BUCKET, estate, public_key
from inventory_rows import inventory_rows
from plan_estate import NOW, delivery, key, log_file, plan_of, snapshot
from trailseal.aws.response_parsers import NotAwsAnswerError, StrictParsers
from trailseal.aws.wrapping import ALGORITHMS, wrap
from trailseal.errors import TrailsealError
from trailseal.history.census.duckdb import Files, census_of_files, rows_of_files
from trailseal.history.reencrypt.shard_file import ShardEntry, count_shard, read_shard, write_shard
from trailseal.history.reencrypt.shard_ledger import ABOUT, About, ShardLedger
from trailseal.history.rules.census_query import ObjectScope
from trailseal.history.rules.digest import Digest, open_digest, signature_verdict
from trailseal.history.rules.inventory import FileFormat
from trailseal.history.rules.state import State
from trailseal.journal.store import SqliteJournal
from trailseal.model.document import encode
from trailseal.model.settings import UserSettings, read_settings
from trailseal.plan.codec import write_plan
from trailseal.run.check import check_snapshot
from trailseal.run.compare import compare
from trailseal.run.documents import check_in
from trailseal.run.journal import Direction, JournalEntry, Phase
from trailseal.run.material import read_material
from trailseal.run.plan_signature import NAMESPACE
from trailseal.run.runs import list_runs
from trailseal.run.ssh_keys import read_private_key, read_signers
from trailseal.run.ssh_signature import NotASignatureError, blob_of, is_of, read_signature, sign

BUCKETFUL = estate(hours=1, files=1)
DIGEST = next(name for name in BUCKETFUL if "Digest" in name)
META = {name.removeprefix("x-amz-meta-"): value for name, value in BUCKETFUL[DIGEST].headers.items()}
CHECKED = check_snapshot(snapshot(keys=(key(),), deliveries=(delivery(log_file=log_file(NOW)),)))
RAW = write_plan(plan_of())
ED = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SETTINGS = b'# mine\nprofile = "audit"\nlanguage = "ja"\nformat = "json"\n'
OPENSSH = b"ssh-ed25519 " + base64.b64encode(blob_of(ED.public_key())) + b" me@example.com\n"
SIGNERS = (
    b"# who may\n"
    b'me@example.com namespaces="file,trailseal-*,!git",valid-after="20200101Z",valid-before="20990101Z" '
    + OPENSSH
    + b'"a b",*@example.com namespaces="trailseal-plan" '
    + OPENSSH
)
SCOPE = ObjectScope(prefixes=("AWSLogs/",), folders=("CloudTrail",))
COLUMNS = tuple(inventory_rows(1)[0])
ANSWERS = (
    "GetTrail",
    "DescribeKey",
    "ListPublicKeys",
    "GetCallerIdentity",
    "GetBucketAcl",
)


@cache
def rsa_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def check_read(raw: bytes) -> None:
    compare(of_file(raw, check_in), CHECKED)


def signature_read(raw: bytes) -> None:
    is_of(RAW, read_signature(raw), NAMESPACE)


def signers_read(raw: bytes) -> None:
    of_file(raw, lambda path: read_signers(path, NAMESPACE, now=NOW))


def private_key_read(raw: bytes) -> None:
    of_file(raw, read_private_key)


def material_read(raw: bytes) -> None:
    assert len(of_file(raw, lambda path: read_material(str(path)))) == 32


def public_key_read(raw: bytes) -> None:
    """Judge a signature by a key that ListPublicKeys gave, and wrap material under one that KMS gave."""
    found = open_digest(BUCKET, DIGEST, BUCKETFUL[DIGEST].body, META)
    assert isinstance(found, Digest)
    signature_verdict(found, {found.text.digest_public_key_fingerprint: raw})
    with suppress(ValueError):
        wrap(bytes(32), raw, next(iter(ALGORITHMS)))


def der(form: PublicFormat) -> bytes:
    return rsa_key().public_key().public_bytes(Encoding.DER, form)


def of_table(table: Any, form: FileFormat) -> bytes:
    file = io.BytesIO()
    if form is FileFormat.PARQUET:
        parquet.write_table(table, file)
    else:
        orc.write_table(table, file)
    return file.getvalue()


def columns_of(number: int = 40) -> Any:
    return pa.table({name: [row[name] for row in inventory_rows(number)] for name in COLUMNS})


def changed_columns(form: FileFormat) -> mutate.Mutate:
    """Return what makes a column another one: gone, of another type or name; or what changes bytes."""

    def change(seed: bytes, chance: random.Random) -> bytes:
        if chance.random() < 0.4:
            return mutate.of_bytes(seed, chance)
        held = (parquet if form is FileFormat.PARQUET else orc).read_table(io.BytesIO(seed))
        name = chance.choice(held.column_names)
        at, count = held.column_names.index(name), held.num_rows
        match chance.randrange(4):
            case 0:
                held = held.remove_column(at)
            case 1:
                held = held.rename_columns(
                    [
                        chance.choice(("x", '"', "a'); --", "KEY", "")) if n == name else n
                        for n in held.column_names
                    ]
                )
            case _:
                values: tuple[Any, ...] = (
                    [None] * count,
                    [2**62] * count,
                    [-1] * count,
                    [1e300] * count,
                    ["\u202ex\x1b"] * count,
                    ["%ff%"] * count,
                    [b"\xff"] * count,
                    [["a"]] * count,
                    [{"a": 1}] * count,
                    [datetime(1, 1, 1, tzinfo=UTC)] * count,
                    [datetime(9999, 12, 31, tzinfo=UTC)] * count,
                    [True] * count,
                )
                held = held.set_column(at, name, pa.array(chance.choice(values)))
        with suppress(pa.ArrowException):
            return of_table(held, form)
        return seed

    return change


def list_read(form: FileFormat, raw: bytes) -> None:
    """Take the census of a list, and its rows."""

    def read(path: Path) -> None:
        files = Files(paths=(path,), file_format=form, columns=COLUMNS if form is FileFormat.CSV else ())
        census_of_files(files, SCOPE)
        list(rows_of_files(files, SCOPE))

    of_file(raw, read)


def csv_seed() -> bytes:
    rows = (
        ",".join(f'"{str(row[name]).replace("True", "true").replace("False", "false")}"' for name in COLUMNS)
        for row in inventory_rows(5)
    )
    return "\n".join(rows).encode() + b"\n"


def grown_columns(form: FileFormat, size: int) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield lists of a size: of many rows, and of one value that is large."""

    def rows() -> bytes:
        few = columns_of(1000)
        times = size // len(of_table(few, form)) + 1
        made = [
            few.set_column(1, "key", pa.array([f"{n}/{v}" for v in few["key"].to_pylist()]))
            for n in range(times)
        ]
        return of_table(pa.concat_tables(made), form)

    def long(name: str) -> bytes:
        few = columns_of(3)
        at = few.column_names.index(name)
        text = few[name].to_pylist()[1] or "a"
        return of_table(few.set_column(at, name, pa.array([text * (size // 3 // len(text))] * 3)), form)

    yield "rows", rows
    yield from ((f"{name} long", partial(long, name)) for name in ("key", "version_id", "storage_class"))


def grown_shard(size: int) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield shards of a size: of many rows, and of one large value."""

    def made(count: int, detail: str) -> bytes:
        rows = (
            ShardEntry(
                number=n, key=f"{n:032x}", version_id=f"{n * n:032x}", state=State.FAILED, detail=detail
            )
            for n in range(count)
        )
        return write_shard(rows)

    yield "rows", lambda: made(size // 40, "AccessDenied")
    yield "detail long", lambda: made(1, "x" * size)


def shard_read(raw: bytes) -> None:
    entries = list(read_shard(raw, name="x"))
    count_shard(raw, name="x")
    write_shard(entries)


def of_shard(seed: bytes, chance: random.Random) -> bytes:
    return changed_columns(FileFormat.PARQUET)(seed, chance)


class OneDocument:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def read(self, name: str) -> bytes | None:
        return self.raw if name == ABOUT else None

    def write(self, name: str, content: bytes) -> None: ...

    def names(self) -> Iterator[str]:
        yield from ()


def about_read(raw: bytes) -> None:
    ShardLedger(OneDocument(raw)).belong(About(manifest="m", target="t"))


def journal_seed() -> bytes:
    plan = plan_of()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        journal = SqliteJournal(path)
        journal.start(plan, at=NOW)
        for phase in (Phase.BEGUN, Phase.DONE):
            journal.write(
                JournalEntry(
                    run=plan.id, at=NOW, direction=Direction.APPLY, phase=phase, position=0, detail="k"
                )
            )
        return path.read_bytes()


STRANGE = (
    -1,
    99,
    2**62,
    1.5,
    "x",
    "",
    b"\xff",
    b"{}",
    "{",
    None,
    b"[" * 5000,
    "0001-01-01",
    "9999-12-31T23:59:59-23:59",
)
JOURNAL = tuple(
    f"update {table} set {column} = ?"  # noqa: S608 - our own names
    for table, columns in {
        "run": ("id", "account", "started_at", "plan", "endpoint"),
        "entry": ("run", "at", "direction", "phase", "position", "detail", "endpoint"),
        "shown": ("digest",),
    }.items()
    for column in columns
)


def of_journal(seed: bytes, chance: random.Random) -> bytes:
    """Change a journal as SQLite would, the plan in it as JSON, or its bytes."""
    if chance.random() < 0.3:
        return mutate.of_bytes(seed, chance)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        path.write_bytes(seed)
        with sqlite3.connect(path) as database, suppress(sqlite3.Error):
            if chance.random() < 0.3:
                raw = mutate.of_json(database.execute("select plan from run").fetchone()[0], chance)
                database.execute("update run set plan = ?", (raw,))
            else:
                database.execute(chance.choice(JOURNAL), (chance.choice(STRANGE),))
        database.close()
        return path.read_bytes()


def journal_read(raw: bytes) -> None:
    """Ask of a journal what `runs`, `apply` and `undo` ask; then go on writing."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        path.write_bytes(raw)
        journal, plan = SqliteJournal(path), plan_of()
        for ask in (
            lambda: list_runs(journal.every_run()),
            lambda: journal.runs(plan.account),
            lambda: _facts(journal.run(plan.id)),
            lambda: journal.was_shown("d"),
            lambda: journal.start(plan, at=NOW),
            lambda: journal.note_shown("d", at=NOW),
        ):
            with suppress(TrailsealError):
                ask()


def _facts(record: Any) -> None:
    if record is not None:
        _ = record.made_keys, record.begun, record.switched_at


def answer_of(operation: str) -> bytes:
    _, shape = model_of(operation)
    return written(operation, sample(shape))


def answer_read(operation: str, raw: bytes) -> None:
    """Read an answer of AWS as its client would."""
    protocol, shape = model_of(operation)
    context = {"operation_name": operation}
    response = {"status_code": 200, "headers": {}, "body": raw, "context": context}
    StrictParsers().create_parser(protocol).parse(response, shape)


def _der_begins(raw: bytes) -> bool:
    return raw[:1] == b"0"


def _ascii_begins(raw: bytes) -> bool:
    return bool(raw[:1].strip())


def _magic(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda raw: raw.startswith(starts)


def shard_seed() -> bytes:
    return write_shard(
        ShardEntry(number=number, key=f"k{number}", version_id="v", state=state, detail="d")
        for number, state in enumerate(State)
    )


PEM = partial(ED.private_bytes, Encoding.PEM)
FURTHER: dict[str, Reader] = {
    "settings": Reader(
        (SETTINGS,), mutate.of_text, lambda r: read_settings(r, UserSettings, name="x"), toml_begins
    ),
    "check": Reader((encode(CHECKED), encode(snapshot())), mutate.of_json, check_read, json_begins),
    "signature": Reader(
        (sign(RAW, ED, NAMESPACE),),
        mutate.of_text,
        signature_read,
        _magic(b"-----"),
        (NotASignatureError,),
    ),
    "signers": Reader((OPENSSH, SIGNERS), mutate.of_text, signers_read, _ascii_begins),
    "private key": Reader(
        (PEM(PrivateFormat.OpenSSH, NoEncryption()), PEM(PrivateFormat.PKCS8, NoEncryption())),
        mutate.of_text,
        private_key_read,
        _magic(b"-----"),
    ),
    "key material": Reader(
        (bytes(range(100, 132)), bytes(range(32)).hex().encode(), base64.b64encode(bytes(range(32)))),
        mutate.of_text,
        material_read,
        bool,
    ),
    "public key": Reader(
        (public_key(), der(PublicFormat.PKCS1), der(PublicFormat.SubjectPublicKeyInfo)),
        mutate.of_bytes,
        public_key_read,
        _der_begins,
    ),
    "list in CSV": Reader(
        (csv_seed(),), mutate.of_text, partial(list_read, FileFormat.CSV), _magic(b'"'), is_slow=True
    ),
    "list in ORC": Reader(
        (of_table(columns_of(), FileFormat.ORC),),
        changed_columns(FileFormat.ORC),
        partial(list_read, FileFormat.ORC),
        _magic(b"ORC"),
        is_slow=True,
    ),
    "list in Parquet": Reader(
        (of_table(columns_of(), FileFormat.PARQUET),),
        changed_columns(FileFormat.PARQUET),
        partial(list_read, FileFormat.PARQUET),
        _magic(b"PAR1"),
        is_slow=True,
    ),
    "shard": Reader((shard_seed(),), of_shard, shard_read, _magic(b"PAR1")),
    "ledger's about": Reader(
        (json.dumps({"format": 1, "manifest": "m", "target": "t", "rows": 10}).encode(),),
        mutate.of_json,
        about_read,
        json_begins,
    ),
    "journal": Reader((journal_seed(),), of_journal, journal_read, sqlite_begins),
} | {
    f"answer of {operation}": Reader(
        (answer_of(operation),),
        mutate.of_json if answer_of(operation).startswith(b"{") else mutate.of_text,
        partial(answer_read, operation),
        json_begins if answer_of(operation).startswith(b"{") else xml_begins,
        (NotAwsAnswerError,),
    )
    for operation in ANSWERS
}
