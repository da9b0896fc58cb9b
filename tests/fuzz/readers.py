"""Every reader of bytes that others wrote, with good inputs and what it may end in."""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
from contextlib import suppress
from hashlib import md5
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec import structs

from fuzz import mutate
from fuzz.further import FURTHER
from fuzz.reader import (
    Reader,
    gzip_begins,
    json_begins,
    log_begins,
    of_file,
    sqlite_begins,
    toml_begins,
    xml_begins,
)
from history_estate import BUCKET, PLACE, estate, public_key
from history_estate import fingerprint as key_fingerprint
from plan_estate import KEY, TRAIL, delivery, key, log_file, plan_of, snapshot, trail
from trailseal.access.lines import answer_line
from trailseal.access.lint.console import recognise
from trailseal.access.lint.plain import tell
from trailseal.access.lint.rules import lint
from trailseal.access.lint.written import read_written
from trailseal.access.readers.records import gathered, readers_in_access_log, readers_in_records
from trailseal.aws.activity import _records
from trailseal.aws.trail_history import _sets
from trailseal.cost.prices import LIST_PRICES, read_prices
from trailseal.errors import TrailsealError
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.manifest_file import ManifestFile
from trailseal.history.rules.batch import read_report, report_files
from trailseal.history.rules.census import context_class
from trailseal.history.rules.chain import end_in_key
from trailseal.history.rules.digest import (
    Digest,
    LoggedFile,
    log_file_verdict,
    open_digest,
    signature_verdict,
)
from trailseal.history.rules.facts import row_from_head, with_part
from trailseal.history.rules.inventory import read_inventory
from trailseal.history.rules.manifest import Header, Row, read_rows, write_line
from trailseal.history.rules.method import Target, choose
from trailseal.history.rules.state import State
from trailseal.history.rules.work import planned
from trailseal.model.document import encode
from trailseal.model.foreign import ForeignError, json_value_in
from trailseal.model.log_file import parse_log_file_key
from trailseal.objects.calls import ObjectResponse, get_part
from trailseal.objects.pages import Listed, read_page
from trailseal.plan.codec import read_plan, write_plan
from trailseal.plan.intent import Intent, read_intent
from trailseal.plan.plan import Plan, fingerprint
from trailseal.plan.step import roll_back
from trailseal.run.check import check_snapshot
from trailseal.run.cost import count_reads
from trailseal.run.documents import policy_in, snapshot_in
from trailseal.run.plan import plan_saved
from trailseal.run.verify import VerifyOptions, verify_snapshot

BUCKETFUL = estate(hours=1, files=2)
DIGEST = next(key for key in BUCKETFUL if "Digest" in key)
LOG_FILE = next(key for key in BUCKETFUL if "Digest" not in key)
META = {name.removeprefix("x-amz-meta-"): value for name, value in BUCKETFUL[DIGEST].headers.items()}
TARGET = Target(bucket=BUCKET, key_arn=KEY)
SEALED = snapshot(
    trails=(trail(kms_key_id=KEY),),
    keys=(key(),),
    deliveries=(delivery(log_file=log_file(plan_of().made_at, kms=KEY)),),
)


def snapshot_read(raw: bytes) -> None:
    """Read a snapshot, and ask of it what can be asked without AWS."""
    found = of_file(raw, snapshot_in)
    check_snapshot(found)
    with suppress(TrailsealError):
        verify_snapshot(found, VerifyOptions())
    with suppress(TrailsealError):
        plan_saved(Intent(), found)


def manifest_read(raw: bytes) -> None:
    def read(path: Path) -> None:
        for number, row in ManifestFile(path).rows():
            choose(row, TARGET)
            planned(number, row, TARGET)
            parse_log_file_key(row.key)

    of_file(raw, read)


def ledger_read(raw: bytes) -> None:
    def read(path: Path) -> None:
        with Ledger(path, manifest="m", target="t") as ledger:
            ledger.counts()
            list(ledger.problems(tuple(State)))
            ledger.described(range(1, 9))
            ledger.claim(range(1, 9))
            ledger.retry()

    of_file(raw, read)


def policy_read(raw: bytes) -> None:
    text = str(of_file(raw, lambda path: policy_in(path, lenient=True)))
    policy = read_written(text, name="x")
    recognise(policy)
    tell(policy)
    lint(policy)


def digest_read(raw: bytes) -> None:
    found = open_digest(BUCKET, DIGEST, raw, META)
    if isinstance(found, Digest):
        signature_verdict(found, {key_fingerprint(): public_key()})
        end_in_key(found.key)


LINES = 100
"""Lines are read one by one, so that many of them are no large input."""


class OneObject:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def each(self, calls: object, then: object = None) -> object:
        del then
        for call in calls:  # type: ignore[attr-defined]
            yield ObjectResponse(call=call, status=200, body=self.body)


def log_file_read(raw: bytes) -> None:
    log_file_verdict(LoggedFile(s3_bucket="b", s3_object="k", hash_value="0"), raw)
    count_reads(OneObject(raw), PLACE, ("k",))  # type: ignore[arg-type]
    gathered(readers_in_records(_records(raw), bucket=BUCKET))


def part_read(raw: bytes) -> None:
    row = Row(key="k")
    for part in ("acl", "retention", "legal-hold"):
        with_part(row, part, ObjectResponse(call=get_part("b", "k", part), status=200, body=raw))


def head_read(raw: bytes) -> None:
    """Read what HeadObject says, and ask of it what can be asked; the row is one that can be read again."""
    told = json_value_in(raw)
    headers = {name: str(value) for name, value in told.items()} if isinstance(told, dict) else {}
    row = row_from_head(Listed(key=LOG_FILE), headers)
    context_class(row)
    choose(row, structs.replace(TARGET, now=plan_of().made_at))
    assert list(read_rows([write_line(row)], name="x")) == [(1, row)]


def inventory_read(raw: bytes) -> None:
    checksum = md5(raw, usedforsecurity=False).hexdigest().encode()
    found = read_inventory(raw, checksum, name="x")
    assert isinstance(found.columns, tuple)
    assert found.bucket is not None
    assert found.as_of is None or found.as_of.tzinfo


def access_log_read(raw: bytes) -> None:
    gathered(readers_in_access_log(raw.decode("utf-8", "replace"), bucket="logs"))


def line_read(raw: bytes) -> None:
    for line in raw.splitlines()[:LINES]:
        assert json.loads(answer_line(line))["effect"]


def report_read(raw: bytes) -> None:
    list(read_report(raw.decode("utf-8", "replace").splitlines(keepends=True)))


def ledger_seed() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        with Ledger(path, manifest="m", target="t") as ledger:
            ledger.claim((1, 2, 3))
            row = Row(key="k", etag="e")
            work = planned(1, row, TARGET)
            work.state, work.detail = State.FAILED, "AccessDenied"
            ledger.enter((work,))
            ledger.describe((work,))
        with sqlite3.connect(path) as database:
            database.execute("pragma journal_mode=delete")
        database.close()
        return path.read_bytes()


def of_ledger(seed: bytes, chance: random.Random) -> bytes:
    """Change a ledger as SQLite would, or its bytes."""
    if chance.random() < 0.4:
        return mutate.of_bytes(seed, chance)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        path.write_bytes(seed)
        with sqlite3.connect(path) as database, suppress(sqlite3.Error):
            database.execute(
                chance.choice(
                    (
                        "update work set state = ?",
                        "update work set key = ?",
                        "update work set run = ?",
                        "update work set detail = ?",
                        "update described set row = ?",
                        "update about set value = ?",
                        "update runs set id = ?",
                        "insert into about values ('tries', ?)",
                        "update described set number = ?",
                    )
                ),
                (chance.choice((-1, 99, 2**62, 1.5, "x", "", b"\xff", b"{}", b"{", None, b"[" * 5000)),),
            )
        database.close()
        return path.read_bytes()


def of_plan(seed: bytes, chance: random.Random) -> bytes:
    """Change a plan, and mostly give it the id that belongs to it then."""
    return of_known_plan(mutate.of_json(seed, chance))


def of_known_plan(changed: bytes) -> bytes:
    """Return a plan that was changed under the id that belongs to it then, if it is one still."""
    try:
        plan = msgspec.json.decode(changed, type=Plan)
        whole = structs.replace(plan, rollback=roll_back(plan.steps))
        return write_plan(structs.replace(whole, id=fingerprint(whole)))
    except (ValueError, msgspec.MsgspecError):
        return changed


RECORDS = {
    "Records": [
        {
            "eventName": name,
            "eventTime": "2026-11-20T00:00:00Z",
            "userIdentity": {
                "arn": "arn:aws:sts::123456789012:assumed-role/R/s",
                "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::123456789012:role/R"}},
            },
            "requestParameters": {
                "bucketName": BUCKET,
                "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::{BUCKET}/k"},
            },
        }
        for name in ("GetObject", "Decrypt")
    ]
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "S",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root", "Service": ["cloudtrail.amazonaws.com"]},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {
                "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": ["arn:aws:cloudtrail:*:*:trail/*"]}
            },
        },
        {"Effect": "Deny", "NotPrincipal": {"AWS": "*"}, "NotAction": "kms:*", "Resource": "*"},
    ],
}
LINE = {
    "id": 1,
    "request": {
        "principal": "arn:aws:iam::123456789012:role/R",
        "action": "kms:Decrypt",
        "resource": KEY,
        "context": {"aws:SourceIp": "10.0.0.1", "aws:MultiFactorAuthPresent": True},
    },
    "policies": {"identity": [POLICY], "resource": POLICY, "scp": [[POLICY]], "public_access_block": {}},
}
PAGE = b"""<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>
<Contents><Key>a%2Fb</Key><Size>3</Size><ETag>"e"</ETag><LastModified>2026-11-20T00:00:00.000Z</LastModified></Contents>
<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes><IsTruncated>true</IsTruncated>
<NextContinuationToken>t</NextContinuationToken></ListBucketResult>"""
VERSIONS = b"""<ListVersionsResult><Version><Key>k</Key><VersionId>v</VersionId><IsLatest>true</IsLatest>
<Size>3</Size></Version><DeleteMarker><Key>k</Key></DeleteMarker><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>
<NextVersionIdMarker>v</NextVersionIdMarker></ListVersionsResult>"""
ACL = b"""<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>1</ID></Grantee>
<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"""
HEAD = {
    "content-length": "3",
    "last-modified": "Fri, 20 Nov 2026 00:00:00 GMT",
    "etag": '"e"',
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id": KEY,
    "x-amz-object-lock-mode": "GOVERNANCE",
    "x-amz-object-lock-retain-until-date": "2027-01-01T00:00:00Z",
    "x-amz-tagging-count": "2",
}
PARTS = (
    ACL,
    b"<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2027-01-01T00:00:00Z</RetainUntilDate></Retention>",
    b"<LegalHold><Status>ON</Status></LegalHold>",
)
INVENTORY = {
    "sourceBucket": "b",
    "destinationBucket": "arn:aws:s3:::d",
    "fileFormat": "CSV",
    "fileSchema": "Bucket, Key, Size, LastModifiedDate, StorageClass, EncryptionStatus",
    "creationTimestamp": "1700000000000",
    "files": [{"key": "k.csv.gz", "size": 1, "MD5checksum": "0"}],
}
ACCESS_LINE = (
    b"79a5 logs [20/Nov/2026:10:00:00 +0000] 192.0.2.3 arn:aws:sts::123456789012:assumed-role/R/s 3E57 "
    b'REST.GET.OBJECT AWSLogs/x.gz "GET /x HTTP/1.1" 200 - 113 113 7 - "-" "S3Console/0.4" -\n'
)
TOML = b"""trails = ["management-events"]
key = "create"
alias = "alias/trailseal"
rotation_days = 365
[readers]
mode = "grant"
principals = ["arn:aws:iam::123456789012:role/R"]
"""
EVENT = {
    "requestParameters": {"name": "t", "kmsKeyId": KEY},
    "responseElements": {"kmsKeyId": KEY},
    "errorCode": None,
}
REPORT = (
    b'"b","a%2Fb","v","failed","403","AccessDenied","Access Denied"\n"b","c","","succeeded","200","",""\n'
)
ROWS = (
    Row(key=LOG_FILE, etag="e", size=3, modified=plan_of().made_at),
    Row(key="k", version_id="v", latest=False, encryption="aws:kms", kms_key_id=KEY),
    Row(key="b", bare=True),
)
MADE = write_line(Header(bucket=BUCKET, region="us-east-1", made_at=plan_of().made_at)) + b"".join(
    map(write_line, ROWS)
)


def raw(value: object) -> bytes:
    return json.dumps(value).encode()


READERS: dict[str, Reader] = {
    "plan": Reader(
        (write_plan(plan_of()), write_plan(plan_of(snapshot(keys=(key(),)), key=KEY))),
        of_plan,
        lambda r: read_plan(r, name="x"),
        json_begins,
    ),
    "snapshot": Reader((encode(snapshot()), encode(SEALED)), mutate.of_json, snapshot_read, json_begins),
    "manifest": Reader((MADE,), mutate.of_lines, manifest_read, lambda r: json_begins(r.partition(b"\n")[0])),
    "ledger": Reader((ledger_seed(),), of_ledger, ledger_read, sqlite_begins),
    "toml": Reader((TOML,), mutate.of_text, lambda r: read_intent(r, name="x"), toml_begins),
    "policy": Reader((raw(POLICY),), mutate.of_json, policy_read, json_begins),
    "prices": Reader((encode(LIST_PRICES),), mutate.of_json, lambda r: read_prices(r, name="x"), json_begins),
    "digest": Reader((BUCKETFUL[DIGEST].body,), mutate.packed(mutate.of_json), digest_read, gzip_begins),
    "log file": Reader(
        (gzip.compress(raw(RECORDS)), BUCKETFUL[LOG_FILE].body),
        mutate.packed(mutate.of_json),
        log_file_read,
        gzip_begins,
        (ForeignError,),
    ),
    "listing": Reader((PAGE, VERSIONS), mutate.of_text, read_page, xml_begins, (ValueError,)),
    "parts of an object": Reader(PARTS, mutate.of_text, part_read, xml_begins),
    "head of an object": Reader((raw(HEAD),), mutate.of_json, head_read, json_begins, (ForeignError,)),
    "inventory": Reader((raw(INVENTORY),), mutate.of_json, inventory_read, json_begins),
    "access log": Reader((ACCESS_LINE * 3,), mutate.of_text, access_log_read, log_begins),
    "JSON lines": Reader((raw(LINE),), mutate.of_json, line_read, json_begins),
    "event": Reader(
        (raw(EVENT),), mutate.of_json, lambda r: _sets(r.decode(errors="replace"), TRAIL, KEY), json_begins
    ),
    "report's manifest": Reader(
        (raw({"Results": [{"Key": "k"}]}),), mutate.of_json, report_files, json_begins, (ValueError,)
    ),
    "report": Reader((REPORT,), mutate.of_text, report_read, lambda r: b"," in r, (ValueError,)),
    "object keys": Reader(
        (LOG_FILE.encode(), DIGEST.encode()),
        mutate.of_text,
        lambda r: parse_log_file_key(r.decode(errors="replace")),
        lambda r: r.startswith(b"AWS"),
    ),
} | FURTHER
