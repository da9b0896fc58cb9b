"""The course of a re-encryption with nobody at the terminal: what is asked, told and written."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from history_estate import PLACE
from key_policies import administration, encrypting, policy, statement
from memory_s3 import MemoryS3
from plan_estate import FakeClock
from trailseal.errors import TrailsealError, UsageProblem
from trailseal.history.reencrypt.course import may_begin, prepare, reencrypt
from trailseal.history.reencrypt.engine import Assignment
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.local import LocalEngine
from trailseal.history.reencrypt.manifest_file import ManifestFile
from trailseal.history.reencrypt.options import CoursePorts, Prepared, ReencryptOptions, WantedMethod
from trailseal.history.rules.manifest import Header, Row, write_line
from trailseal.history.rules.summary import Summary, Verify
from trailseal.messages import message
from trailseal.model.bucket import Bucket
from trailseal.model.unreadable import Unreadable
from trailseal.run.events import Observer, Told, ignore

KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1"
CLOCK = FakeClock()
OPEN = policy(administration(), encrypting(pinned=False))
TRAILS = {
    "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:123456789012:trail/*"}
}
NARROW = policy(administration(), encrypting(pinned=False), statement("Readers", Condition=TRAILS))


class Facts:
    """A bucket of the key's account, unless it is told otherwise."""

    def __init__(self, key_policy: str | None = OPEN, *, owned: bool | Unreadable = True) -> None:
        self.policy, self.owned = key_policy, owned

    def bucket(self, name: str) -> Bucket:
        return Bucket(name=name, region="ap-northeast-1")

    def is_of_account(self, name: str, account: str) -> bool | Unreadable:
        return self.owned

    def key_policy(self, key_arn: str) -> str | None:
        return self.policy


class Person:
    """Whoever is told and asked, and the files that were written."""

    def __init__(self, *, agrees: bool = True) -> None:
        self.agrees = agrees
        self.asked: list[str] = []
        self.told: list[str] = []
        self.files: dict[str, bytes] = {}
        self.shown: list[Prepared] = []

    def agree(self, question: object) -> bool:
        self.asked.append(str(question))
        return self.agrees

    def observe(self, event: object) -> None:
        assert isinstance(event, Told)
        self.told.append(str(event.what))

    def save(self, path: Path, content: bytes) -> None:
        self.files[str(path)] = content


def ports(person: Person, facts: Facts | None = None, *, updates: str = "works") -> CoursePorts:
    return CoursePorts(
        place=PLACE,
        facts=facts or Facts(),
        objects=lambda: nullcontext(MemoryS3(updates=updates)),
        clock=CLOCK,
        observe=person.observe,
        agree=person.agree,
        save=person.save,
        probe_name="1",
        show=person.shown.append,
    )


@pytest.fixture
def manifest(tmp_path: Path) -> ManifestFile:
    path = tmp_path / "manifest"
    header = Header(bucket="trail-logs", made_at=CLOCK.now())
    rows = [Row(key=f"AWSLogs/1/CloudTrail/r/2026/11/20/f{n}", size=10) for n in range(3)]
    path.write_bytes(b"".join(map(write_line, [header, *rows])))
    return ManifestFile(path)


class Ready(LocalEngine):
    """An engine on nothing, which keeps what it is given."""

    def __init__(self, *, problem: str = "") -> None:
        self.problem = problem
        self.given: list[Assignment] = []

    def ready(self) -> None:
        if self.problem:
            raise UsageProblem(message("{what}", what=self.problem))

    def run(self, given: Assignment, observe: Observer = ignore) -> Summary:
        self.given.append(given)
        return Summary(bucket="trail-logs", key_arn=KEY, counts={"done": 3}, problems=())


ENGINE = Ready()


def options(**changes: Any) -> ReencryptOptions:
    return ReencryptOptions(**{"key": KEY, **changes})


def prepared(
    manifest: ManifestFile, person: Person, *, facts: Facts | None = None, **changes: Any
) -> Prepared:
    return prepare(options(**changes), manifest, engine=ENGINE, ports=ports(person, facts))


def test_the_probe_runs_with_consent_and_its_result_is_told(manifest):
    person = Person()

    assert prepared(manifest, person).target.update
    assert "May trailseal write, re-encrypt and delete one object" in person.asked[0]
    assert person.told == [
        "the probe passed: UpdateObjectEncryption works and leaves content and metadata alone"
    ]


def test_a_ledger_of_another_key_is_told_before_anybody_is_asked_or_anything_is_written(manifest):
    with Ledger(Path(f"{manifest.path}.ledger"), manifest=manifest.identity, target="another"):
        pass
    person, s3 = Person(), MemoryS3()
    reached = structs.replace(ports(person), objects=lambda: nullcontext(s3))

    with pytest.raises(UsageProblem, match="belongs to another target"):
        reencrypt(options(), manifest, engine=ENGINE, ports=reached)
    assert (person.asked, person.told, person.shown, s3.sent) == ([], [], [], [])


def test_without_consent_nothing_is_probed_and_copies_are_made(manifest):
    person = Person(agrees=False)

    assert not prepared(manifest, person).target.update
    assert person.told == []


def test_a_dry_run_asks_nobody(manifest):
    person = Person()

    assert prepared(manifest, person, dry_run=True).target.update
    assert person.asked == []
    assert person.told == ["UpdateObjectEncryption is taken to work here; a real run probes it first"]


@pytest.mark.parametrize(
    ("agrees", "updates", "said"),
    [(False, "works", "is not used without the probe"), (True, "refuses", "does not work here")],
)
def test_a_method_that_was_named_is_not_left_for_another(manifest, agrees, updates, said):
    person = Person(agrees=agrees)

    with pytest.raises(UsageProblem, match=said):
        prepare(
            options(method=WantedMethod.UPDATE),
            manifest,
            engine=ENGINE,
            ports=ports(person, updates=updates),
        )


def test_a_bucket_of_another_account_is_copied_in_without_a_probe(manifest):
    person = Person()

    assert not prepared(manifest, person, facts=Facts(owned=False)).target.update
    assert person.asked == []


def test_an_owner_that_s3_does_not_tell_is_said_and_probed(manifest):
    person = Person()
    unknown = Facts(owned=Unreadable(call="s3:ListBucket", code="AccessDenied"))

    assert prepared(manifest, person, facts=unknown).target.key_in_bucket_account
    assert person.told[0].endswith("is not known (s3:ListBucket: AccessDenied)")


def test_a_key_that_is_no_arn_is_refused(manifest):
    with pytest.raises(UsageProblem, match="`alias/a` is not the ARN of a KMS key"):
        prepared(manifest, Person(), key="alias/a")


@pytest.mark.parametrize("text", [None, "", "{"])
def test_a_policy_that_cannot_be_read_is_not_known_and_stops_the_work(manifest, text):
    person = Person()
    found = prepared(manifest, person, facts=Facts(text))

    assert found.policy == ""
    with pytest.raises(TrailsealError, match="it is not known whether readers lose objects"):
        may_begin(options(), found, ports(person))


def test_nothing_begins_before_somebody_agrees(manifest):
    found = prepared(manifest, Person())
    asked = options()

    assert may_begin(asked, found, ports(Person()))
    with pytest.raises(TrailsealError, match="nothing was changed"):
        may_begin(asked, found, ports(Person(agrees=False)))


def test_readers_who_would_lose_objects_stop_the_work_until_their_plan_is_made(manifest):
    person = Person()
    found = prepared(manifest, person, facts=Facts(NARROW))

    with pytest.raises(UsageProblem, match="readers would lose 3 objects"):
        may_begin(options(), found, ports(person))
    assert not may_begin(options(reader_plan="p.json"), found, ports(person))
    assert json.loads(person.files["p.json"])["steps"]
    assert may_begin(options(accept=("readers-lose-access",)), found, ports(person))


def test_a_plan_that_no_reader_needs_is_not_written(manifest):
    person = Person()

    reencrypt(options(dry_run=True, reader_plan="p.json"), manifest, engine=ENGINE, ports=ports(person))

    assert person.files == {}
    assert person.told[-1] == "no reader needs a plan, so p.json was not written"


def test_what_was_shown_and_agreed_to_is_what_the_engine_is_given(manifest):
    person, engine = Person(), Ready()
    asked = options(verify=Verify.ALL, ledger="l", retry_failed=True)
    done = reencrypt(asked, manifest, engine=engine, ports=ports(person))
    (shown,) = person.shown

    assert done.prepared == shown
    assert done.summary is not None
    assert done.summary.counts == {"done": 3}
    assert engine.given == [
        Assignment(
            manifest=manifest,
            target=shown.target,
            verify=Verify.ALL,
            ledger="l",
            retry_failed=True,
            total=3,
        )
    ]


def test_a_dry_run_is_shown_and_not_begun(manifest):
    person, engine = Person(agrees=False), Ready()
    done = reencrypt(options(dry_run=True), manifest, engine=engine, ports=ports(person))

    assert (len(person.shown), done.summary, engine.given) == (1, None, [])


def test_what_nobody_agreed_to_is_shown_and_not_begun(manifest):
    person, engine = Person(agrees=False), Ready()
    with pytest.raises(TrailsealError, match="nothing was changed"):
        reencrypt(options(method=WantedMethod.COPY), manifest, engine=engine, ports=ports(person))

    assert (len(person.shown), engine.given) == (1, [])


def test_an_engine_that_cannot_begin_says_so_before_anybody_is_asked(manifest):
    person, engine = Person(), Ready(problem="Spark is missing")

    with pytest.raises(UsageProblem, match="Spark is missing"):
        reencrypt(options(), manifest, engine=engine, ports=ports(person))
    assert (person.asked, person.told, person.shown) == ([], [], [])
    assert reencrypt(options(dry_run=True), manifest, engine=engine, ports=ports(person)).summary is None


def test_an_engine_that_carries_no_context_is_given_none(manifest):
    class Bare(Ready):
        carries_context = False

    found = [
        prepare(options(), manifest, engine=engine, ports=ports(Person())) for engine in (ENGINE, Bare())
    ]

    assert [bool(each.target.context) for each in found] == [True, False]
