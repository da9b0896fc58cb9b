from __future__ import annotations

import pytest

from trailseal.history.calls import Answer, Call
from trailseal.history.manifest import Row
from trailseal.history.method import Method, Target, choose
from trailseal.history.work import State, Step, Work, differences, first_call, next_call

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
SEALED = {"X-Amz-Server-Side-Encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": KEY}
PLAIN = {"x-amz-server-side-encryption": "AES256"}


def work(*, update: bool = False, proven: bool = False, **row: str) -> Work:
    target = Target(bucket="b", key_arn=KEY, update=update)
    found = Row(key="k", etag="e", **row)  # type: ignore[arg-type]
    return Work(number=1, row=found, choice=choose(found, target), target=target, proven=proven)


def answer(call: Call, *, status: int = 200, error: str = "", body: bytes = b"", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(call=call, status=status, error=error, body=body, headers=named)


def play(subject: Work, *answers: dict[str, object], seen_before: bool = False) -> list[str]:
    """Return the methods sent, giving each answer in turn."""
    call: Call | None = first_call(subject, seen_before=seen_before)
    sent = []
    for given in answers:
        assert call is not None
        sent.append(f"{call.method} {call.query}".strip())
        call = next_call(subject, Answer(call=call, **({"status": 200} | given)))  # type: ignore[arg-type]
    assert call is None
    return sent


def test_a_copy_is_one_request() -> None:
    subject = work()

    assert play(subject, {"headers": {"x-amz-version-id": "v2"}}) == ["PUT"]
    assert (subject.state, subject.version_id) == (State.DONE, "v2")


def test_an_update_is_one_request_on_its_version() -> None:
    subject = work(update=True, version_id="v")

    assert subject.choice.method is Method.UPDATE
    assert play(subject, {}) == ["PUT encryption=&versionId=v"]


def test_a_proof_reads_before_and_after() -> None:
    subject = work(proven=True)
    meta = {"x-amz-meta-signature": "s"}

    assert play(subject, {"body": b"x", "headers": meta}, {}, {"body": b"x", "headers": meta | SEALED}) == [
        "GET",
        "PUT",
        "GET",
    ]
    assert subject.state is State.DONE


@pytest.mark.parametrize(
    ("after", "detail"),
    [
        pytest.param({"body": b"y", "headers": SEALED}, "content", id="content"),
        pytest.param({"body": b"x", "headers": SEALED | {"x-amz-meta-a": "1"}}, "metadata", id="metadata"),
        pytest.param({"body": b"x", "headers": SEALED | {"x-amz-tagging-count": "1"}}, "tags", id="tags"),
        pytest.param({"body": b"x", "headers": PLAIN}, "encryption", id="encryption"),
        pytest.param({"status": 403, "error": "AccessDenied"}, "AccessDenied", id="unreadable"),
    ],
)
def test_what_differs_afterwards_is_told(after: dict[str, object], detail: str) -> None:
    subject = work(proven=True)
    play(subject, {"body": b"x", "headers": {}}, {}, after)

    assert (subject.state, subject.detail) == (State.DIFFERS, detail)


def test_a_copy_is_read_back_by_its_new_version_an_update_by_its_own() -> None:
    copied, updated = work(proven=True, version_id="v1"), work(proven=True, update=True, version_id="v1")
    good: dict[str, object] = {"headers": SEALED}

    assert play(copied, {}, {"headers": {"x-amz-version-id": "v2"}}, good)[-1] == "GET versionId=v2"
    assert play(updated, {}, {}, good)[-1] == "GET versionId=v1"
    assert play(work(proven=True, version_id="v1"), {}, {}, good)[-1] == "GET"


def test_what_an_earlier_run_finished_is_only_looked_at() -> None:
    subject = work()

    assert play(subject, {"headers": SEALED}, seen_before=True) == ["HEAD"]
    assert subject.state is State.DONE


def test_what_an_earlier_run_did_not_finish_is_done() -> None:
    assert play(work(), {"headers": PLAIN}, {}, seen_before=True) == ["HEAD", "PUT"]
    assert play(work(proven=True), {"headers": PLAIN}, {}, {}, {"headers": SEALED}, seen_before=True) == [
        "HEAD",
        "GET",
        "PUT",
        "GET",
    ]


def test_a_started_update_is_looked_at_by_its_version() -> None:
    subject = work(update=True, version_id="v1")

    assert play(subject, {"headers": SEALED}, seen_before=True) == ["HEAD versionId=v1"]


REFUSED: dict[str, object] = {"status": 412, "error": "PreconditionFailed"}


def test_a_copy_whose_answer_was_lost_is_recognised() -> None:
    subject = work()

    assert play(subject, REFUSED, {"headers": SEALED}) == ["PUT", "HEAD"]
    assert subject.state is State.DONE


def test_a_proven_copy_whose_answer_was_lost_is_still_compared() -> None:
    subject = work(proven=True)

    assert play(subject, {"body": b"x"}, REFUSED, {"headers": SEALED}, {"body": b"x", "headers": SEALED}) == [
        "GET",
        "PUT",
        "HEAD",
        "GET",
    ]


def test_what_changed_since_the_census_is_left_alone() -> None:
    subject = work()
    play(subject, {"status": 409, "error": "ConditionalRequestConflict"}, {"headers": PLAIN})

    assert subject.state is State.CHANGED


@pytest.mark.parametrize(
    ("step", "error", "state"),
    [
        pytest.param(Step.ACT, "NoSuchKey", State.GONE, id="gone"),
        pytest.param(Step.ACT, "AccessDenied", State.FAILED, id="denied"),
        pytest.param(Step.BEFORE, "AccessDenied", State.FAILED, id="unreadable"),
        pytest.param(Step.LOOK, "404", State.GONE, id="look-gone"),
        pytest.param(Step.LOOK_AGAIN, "404", State.GONE, id="look-again-gone"),
    ],
)
def test_an_error_ends_the_work_and_is_told(step: Step, error: str, state: State) -> None:
    subject = work()
    subject.step = step

    assert next_call(subject, answer(Call(method="GET", bucket="b"), status=403, error=error)) is None
    assert (subject.state, subject.detail) == (state, error)


def test_without_a_before_nothing_differs() -> None:
    assert differences(None, None) == ()  # type: ignore[arg-type]
