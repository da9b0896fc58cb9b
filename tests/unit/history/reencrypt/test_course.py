"""The course of a re-encryption with nobody at the terminal: what is asked, told and written."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from history_estate import PLACE
from key_policies import administration, encrypting, policy, statement
from memory_s3 import SSE, MemoryS3
from plan_estate import FakeClock
from trailseal.errors import TrailsealError, UsageProblem
from trailseal.history.reencrypt.course import may_begin, prepare, reencrypt
from trailseal.history.reencrypt.engine import Assignment
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.local import LocalEngine
from trailseal.history.reencrypt.manifest_file import ManifestFile
from trailseal.history.reencrypt.options import CoursePorts, Prepared, ReencryptOptions, WantedMethod
from trailseal.history.rules.manifest import Header, Row, write_line
from trailseal.history.rules.method import Method, MethodReason
from trailseal.history.rules.shut_out import CallerWalls
from trailseal.history.rules.summary import Summary, Verify
from trailseal.messages import message
from trailseal.model.bucket import Bucket
from trailseal.model.principal import NamedPolicy
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import ObjectRequest, ObjectResponse
from trailseal.run.events import Observer, Told, ignore

KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1"
CLOCK = FakeClock()
OPEN_TO_ALL = CallerWalls()
OPEN = policy(administration(), encrypting(pinned=False))
TRAILS = {
    "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:123456789012:trail/*"}
}
NARROW = policy(administration(), encrypting(pinned=False), statement("Readers", Condition=TRAILS))


class Facts:
    """A bucket of the key's account, unless it is told otherwise."""

    def __init__(
        self,
        key_policy: str | None = OPEN,
        *,
        owned: bool | Unreadable = True,
        walls: CallerWalls = OPEN_TO_ALL,
        locks: bool | Unreadable = False,
    ) -> None:
        self.policy, self.owned, self._walls, self._locks = key_policy, owned, walls, locks

    def walls(self, name: str) -> CallerWalls:
        return self._walls

    def bucket(self, name: str) -> Bucket:
        return Bucket(name=name, region="ap-northeast-1", object_lock=self._locks)

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
        because = {} if event.because is None else {"what": str(event.because)}
        self.told.append(str(replace(event.what, facts={**event.what.facts, **because})))

    def save(self, path: Path, content: bytes) -> None:
        self.files[str(path)] = content


def ports(
    person: Person, facts: Facts | None = None, *, updates: str = "works", s3: MemoryS3 | None = None
) -> CoursePorts:
    return CoursePorts(
        place=PLACE,
        facts=facts or Facts(),
        objects=lambda: nullcontext(s3 or MemoryS3(updates=updates)),
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
    assert person.told == ["UpdateObjectEncryption is to be probed by a real run, before anything else"]


class Refusing(MemoryS3):
    """S3 that refuses the update, the copy, or to read what is under a key."""

    def __init__(self, what: str, error: str, message: str = "") -> None:
        super().__init__()
        self.what, self.error, self.message = what, error, message

    def answer(self, call: ObjectRequest) -> ObjectResponse:
        answer = super().answer(call)
        acts = call.query.startswith("encryption") or "x-amz-copy-source" in call.headers
        under = call.method == "GET" and answer.headers.get(SSE) == "aws:kms"
        if not {"acts": acts, "reads": under}[self.what]:
            return answer
        return ObjectResponse(call=call, status=403, error=self.error, message=self.message)


NO_DECRYPT = "User: a is not authorized to perform: kms:Decrypt on resource: key"
REFUSALS = [
    (
        "acts",
        "AccessDenied",
        "",
        "AWS does not allow",
        "give the caller s3:UpdateObjectEncryption, kms:Encrypt",
    ),
    (
        "reads",
        "AccessDenied",
        NO_DECRYPT,
        "AWS does not allow",
        "give the caller kms:Decrypt; or have copies",
    ),
    ("acts", "NotImplemented", "", "does not work here", "have copies made"),
    ("acts", "InternalError", "", "is not known", "have copies made"),
]


@pytest.mark.parametrize(("what", "error", "said", "told", "hint"), REFUSALS)
@pytest.mark.parametrize("method", [WantedMethod.AUTO, WantedMethod.UPDATE])
def test_a_run_does_not_turn_to_copies_by_itself(manifest, method, what, error, said, told, hint):
    person, engine = Person(), Ready()
    reached = ports(person, s3=Refusing(what, error, said))

    with pytest.raises(UsageProblem, match=told) as stopped:
        reencrypt(options(method=method), manifest, engine=engine, ports=reached)
    assert hint in str(stopped.value.hint)
    by = "--accept copies" if method is WantedMethod.AUTO else "--method copy"
    assert str(stopped.value.hint).endswith(f"by {by}")
    assert person.told[-1].startswith("UpdateObjectEncryption is not used: ")
    assert error in person.told[-1]
    assert (person.shown, engine.given) == ([], [])


@pytest.mark.parametrize(("what", "error", "said", "told", "hint"), REFUSALS[2:] + REFUSALS[:1])
def test_copies_that_were_accepted_are_shown_and_made(manifest, what, error, said, told, hint):
    del told, hint
    person, engine = Person(), Ready()

    class Update(Refusing):
        def answer(self, call):
            return (
                super().answer(call)
                if not call.headers.get("x-amz-copy-source")
                else MemoryS3.answer(self, call)
            )

    asked = options(accept=("copies",))
    reencrypt(asked, manifest, engine=engine, ports=ports(person, s3=Update(what, error, said)))

    assert not person.shown[0].target.update
    assert person.told[-1] == "the probe passed: a copy encrypted with the key can be read back"
    assert len(person.asked) == 2
    assert len(engine.given) == 1


@pytest.mark.parametrize(
    ("what", "said", "hint"),
    [
        ("reads", NO_DECRYPT, "give the caller kms:Decrypt; --verify none makes"),
        ("reads", "", "give the caller s3:GetObject, kms:Decrypt; --verify none makes"),
        ("acts", "", "give the caller s3:GetObject, s3:PutObject, kms:GenerateDataKey"),
    ],
)
def test_copies_that_nobody_could_read_back_are_not_begun(manifest, what, said, hint):
    person, engine = Person(), Ready()
    reached = ports(person, s3=Refusing(what, "AccessDenied", said))

    with pytest.raises(UsageProblem, match="a copy cannot be made and read back here") as stopped:
        reencrypt(options(method=WantedMethod.COPY), manifest, engine=engine, ports=reached)
    assert str(stopped.value.hint).startswith(hint)
    assert (person.shown, engine.given) == ([], [])

    not_read = options(method=WantedMethod.COPY, verify=Verify.NONE)
    reencrypt(not_read, manifest, engine=engine, ports=reached)
    assert len(engine.given) == 1


def test_a_server_that_answers_no_copy_is_asked_for_no_permission(manifest):
    reached = ports(Person(), s3=Refusing("acts", "InternalError"))

    with pytest.raises(UsageProblem) as stopped:
        reencrypt(options(method=WantedMethod.COPY), manifest, engine=Ready(), ports=reached)
    assert str(stopped.value.hint) == "--verify none makes copies that nobody reads back"


def denying(*actions: str, **more: Any) -> Facts:
    deny = {"Effect": "Deny", "Action": list(actions), "Resource": "*", "Sid": "CTS3PV8", **more}
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policies = [
        NamedPolicy(name=name, document=json.dumps({"Version": "2012-10-17", "Statement": [each]}))
        for name, each in (("FullAWSAccess", allow), ("guard", deny))
    ]
    caller = "arn:aws:iam::123456789012:role/admin"
    return Facts(walls=CallerWalls(caller=caller, scp=((policies[0],), tuple(policies))))


UPDATE = "s3:UpdateObjectEncryption"


@pytest.mark.parametrize(
    ("method", "by"), [(WantedMethod.AUTO, "--accept copies"), (WantedMethod.UPDATE, "--method copy")]
)
def test_what_a_policy_denies_is_not_tried_and_the_way_that_is_left_is_told(manifest, method, by):
    person, s3 = Person(), MemoryS3()
    reached = ports(person, denying(UPDATE), s3=s3)

    with pytest.raises(UsageProblem, match="is denied here, so nothing was changed") as stopped:
        reencrypt(options(method=method), manifest, engine=Ready(), ports=reached)
    assert f"--dry-run says what they cost, {by} makes them" in str(stopped.value.hint)
    assert (s3.sent, person.asked) == ([], [])
    (told,) = person.told
    assert told == (
        "service control policy guard CTS3PV8 denies s3:UpdateObjectEncryption to"
        " arn:aws:iam::123456789012:role/admin, whatever IAM allows"
    )


def test_a_dry_run_shows_the_copies_that_are_left_with_what_they_cost(manifest):
    person = Person()
    reencrypt(options(dry_run=True), manifest, engine=Ready(), ports=ports(person, denying(UPDATE)))
    (shown,) = person.shown

    assert [(share.method, share.reason) for share in shown.outlook.shares] == [
        (Method.COPY, MethodReason.UPDATE_DENIED)
    ]
    assert shown.cost.high > 0
    assert person.told[-1].startswith("copies are the way that is left")


def test_copies_that_are_left_are_made_when_accepted(manifest):
    engine = Ready()
    asked = options(accept=("copies",))
    reencrypt(asked, manifest, engine=engine, ports=ports(Person(), denying(UPDATE)))

    assert (len(engine.given), engine.given[0].target.update) == (1, False)


class AsRole(Ready):
    """An engine whose work a role does."""

    carries_context = False
    works_as = "arn:aws:iam::123456789012:role/batch"


BY_ROLE = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/batch"}}
BY_CALLER = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}


@pytest.mark.parametrize(
    ("engine", "condition", "denied"),
    [
        (Ready, BY_ROLE, False),
        (Ready, BY_CALLER, True),
        (AsRole, BY_ROLE, True),
        (AsRole, BY_CALLER, False),
    ],
)
def test_the_policies_over_whoever_does_the_work_are_asked(manifest, engine, condition, denied):
    person = Person()
    reached = ports(person, denying(UPDATE, Condition=condition))
    asked = options(dry_run=True)
    reencrypt(asked, manifest, engine=engine(), ports=reached)

    assert person.shown[0].target.update_denied == denied
    assert (" denies s3:UpdateObjectEncryption to " in person.told[0]) == denied


@pytest.mark.parametrize("method", list(WantedMethod))
@pytest.mark.parametrize("verify", list(Verify))
def test_a_probe_is_said_to_be_the_callers_where_a_role_does_the_work(manifest, method, verify):
    for engine in (Ready(), AsRole()):
        person = Person()
        reencrypt(options(method=method, verify=verify), manifest, engine=engine, ports=ports(person))
        probed = any("probe passed" in told for told in person.told)
        assert any("tried as the caller" in told for told in person.told) == (
            probed and bool(engine.works_as)
        )


@pytest.mark.parametrize("method", list(WantedMethod))
@pytest.mark.parametrize("locks", [True, False])
def test_a_probe_that_may_stay_is_told_before_anybody_agrees_to_it(manifest, method, locks):
    person = Person(agrees=False)
    with pytest.raises(TrailsealError):
        reencrypt(options(method=method), manifest, engine=Ready(), ports=ports(person, Facts(locks=locks)))

    assert any("cannot be deleted before that ends" in told for told in person.told) == locks


def test_where_copies_are_denied_too_no_way_is_left(manifest):
    reached = ports(Person(), denying("s3:*"))

    with pytest.raises(UsageProblem, match="denies s3:PutObject too, so no way is left here"):
        reencrypt(options(dry_run=True), manifest, engine=Ready(), ports=reached)


def test_a_method_that_was_named_is_not_left_for_another(manifest):
    with pytest.raises(UsageProblem, match="is not used without the probe"):
        prepared(manifest, Person(agrees=False), method=WantedMethod.UPDATE)


def test_a_bucket_of_another_account_is_copied_in_without_a_probe_of_the_update(manifest):
    person = Person()

    assert not prepared(manifest, person, facts=Facts(owned=False)).target.update
    assert [("copies can be read back" in asked) for asked in person.asked] == [True]


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


def test_a_deny_that_no_plan_overcomes_stops_the_work_too(manifest):
    person = Person()
    deny = statement(
        "Only",
        Effect="Deny",
        Principal="*",
        Condition={"Null": {"kms:EncryptionContext:aws:cloudtrail:arn": "true"}},
    )
    found = prepared(manifest, person, facts=Facts(policy(administration(), deny)))

    for asked in (options(), options(reader_plan="p.json")):
        with pytest.raises(UsageProblem, match="readers would lose 3 objects") as stopped:
            may_begin(asked, found, ports(person))
        assert str(stopped.value.hint).startswith("whoever manages the key policy must change Only first")
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
