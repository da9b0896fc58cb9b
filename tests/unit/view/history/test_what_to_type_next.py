"""What to type after a validation and after a re-encryption: a command that can be typed, and fits."""

from __future__ import annotations

import json
import shlex

import pytest
from msgspec import structs

from history_estate import PLACE, START
from trailseal.cli.history.ask import Said, typed_again
from trailseal.cli.history.count import after_census
from trailseal.history.census.options import CensusOptions
from trailseal.history.reencrypt.engines import EngineName, EngineOptions
from trailseal.history.reencrypt.options import ReencryptOptions, WantedMethod
from trailseal.history.reencrypt.s3batch import BatchOptions
from trailseal.history.reencrypt.spark import SparkOptions
from trailseal.history.rules.chain import ChainId
from trailseal.history.rules.hours import HOUR, HourState, Span, Why, counted_hours
from trailseal.history.rules.method import Method, MethodReason
from trailseal.history.rules.outlook import Outlook, Share
from trailseal.history.rules.state import State
from trailseal.history.rules.summary import Summary, Verify
from trailseal.history.rules.validation import ChainResult, Validation
from trailseal.model.trail_place import place_of_arn
from trailseal.view.brief.validate import validate_brief
from trailseal.view.history.placed import CENSUS, REENCRYPT, VALIDATE, CallerOptions, placed
from trailseal.view.history.reencrypt_next import after_outlook, after_run
from trailseal.view.history.validate import validation_lines
from trailseal.view.history.validate_next import next_step
from trailseal.view.json_document import json_document
from verb_tree import verbs

GONE = place_of_arn(PLACE.arn, bucket="logs", prefix="sec", organization="o-exampleorg")
AGAIN = (
    f"trailseal history validate --trail {PLACE.arn}"
    " --start-time 2026-11-20T00:00:00Z --end-time 2026-11-20T01:00:00Z"
)
ELSEWHERE = "--s3-bucket logs --s3-prefix sec --organization-id o-exampleorg"


def validation(state: HourState, why: Why = Why.NONE, **changed: object) -> Validation:
    span = Span(start=START, end=START + HOUR, state=state, why=why)
    hours = counted_hours((span,))
    chain = ChainId(account="1" * 12, region="eu-west-3", trail_name="audit", home_region="eu-west-3")
    found = Validation(
        trail=PLACE,
        start=START,
        end=START + HOUR,
        looked_until=START + HOUR,
        due_until=START + HOUR,
        hours=hours,
        chains=[ChainResult(chain=chain, spans=(span,), hours=hours)],
    )
    return structs.replace(found, **changed)


@pytest.mark.parametrize(
    ("found", "command"),
    [
        pytest.param(validation(HourState.PROVEN), f"trailseal who --trail {PLACE.arn}", id="valid"),
        pytest.param(
            validation(HourState.NOT_PROVEN, Why.MISSING), f"{AGAIN} --format json > FILE", id="bad"
        ),
        pytest.param(
            validation(HourState.NOT_PROVEN, Why.MISSING, trail=GONE),
            f"{AGAIN} --format json > FILE".replace(" --start", f" {ELSEWHERE} --start"),
            id="bad-and-gone",
        ),
        pytest.param(validation(HourState.NOT_PROVEN, Why.UNREADABLE), AGAIN, id="unread"),
        pytest.param(validation(HourState.PROVEN, not_asked=["s3: 500"]), AGAIN, id="not-asked"),
        pytest.param(
            validation(HourState.NOT_KNOWN, lacking=["kms:Decrypt"]),
            "trailseal permissions history validate",
            id="refused",
        ),
        pytest.param(
            validation(HourState.NOT_KNOWN, Why.OFF), f"trailseal check --trail {PLACE.arn}", id="not-known"
        ),
        pytest.param(
            validation(HourState.NOT_KNOWN, Why.NONE_HERE, trail=GONE),
            f"trailseal history census --trail {PLACE.arn} {ELSEWHERE}",
            id="not-known-and-gone",
        ),
        pytest.param(
            validation(HourState.PROVEN, trail=GONE),
            f"trailseal history census --trail {PLACE.arn} {ELSEWHERE}",
            id="valid-and-gone",
        ),
        pytest.param(validation(HourState.NOT_DUE), AGAIN, id="not-due"),
    ],
)
def test_a_validation_ends_with_the_command_to_type_next(found: Validation, command: str) -> None:
    assert next_step(found).facts["command"] == command
    assert is_typed(command)


@pytest.mark.parametrize(
    "found",
    [
        validation(HourState.NOT_PROVEN, Why.MISSING),
        validation(HourState.NOT_PROVEN, Why.UNREADABLE),
        validation(HourState.NOT_DUE),
    ],
    ids=["bad", "unread", "not-due"],
)
def test_a_second_look_is_at_the_same_accounts_and_regions(found: Validation) -> None:
    narrowed = structs.replace(found, accounts=("1" * 12, "2" * 12), regions=("eu-west-3",))
    *_, last = validation_lines(narrowed)

    assert f"--account {'1' * 12} --account {'2' * 12} --only-region eu-west-3" in str(last)
    assert is_typed(str(last).partition(": ")[2])


def test_a_validation_in_short_is_a_line() -> None:
    (told,) = validate_brief(validation(HourState.NOT_PROVEN, Why.MISSING))

    assert told == (
        "management-events: NOT valid: files are missing, changed or without proof; 1 hour: 1 not proven;"
        " 2026-11-20T00:00:00Z .. 2026-11-20T01:00:00Z"
    )


ONE, TWO, PARIS = "1" * 12, "2" * 12, "eu-west-3"


@pytest.mark.parametrize(
    ("accounts", "regions", "said"),
    [
        ((ONE, TWO), (), f"only of accounts {ONE}, {TWO}: no other was looked at"),
        ((), (PARIS,), f"only of Regions {PARIS}: no other was looked at"),
        ((ONE,), (PARIS,), f"only of accounts {ONE} in Regions {PARIS}: nothing else was looked at"),
    ],
)
@pytest.mark.parametrize("state", HourState)
def test_a_narrowed_look_says_so_and_is_valid_of_nothing_else(
    accounts: tuple[str, ...], regions: tuple[str, ...], said: str, state: HourState
) -> None:
    found = validation(state, accounts=accounts, regions=regions)
    text = [str(line) for line in validation_lines(found)]
    (brief,) = validate_brief(found)

    assert said in text
    assert said in brief
    assert not any("valid: every file" in line for line in (*text, brief))
    told = json.loads(json_document(found))
    assert (told["accounts"], told["regions"]) == (list(accounts), list(regions))


def test_a_whole_look_is_valid_without_more_words() -> None:
    found = validation(HourState.PROVEN)

    assert not any("only of" in str(line) for line in (*validation_lines(found), *validate_brief(found)))
    assert any(str(line).startswith("valid: every file") for line in validation_lines(found))


@pytest.mark.parametrize("words", [VALIDATE, CENSUS])
def test_a_trail_that_is_gone_is_named_with_its_place(words: str) -> None:
    assert placed(words, PLACE) == f"{words} --trail {PLACE.arn}"
    assert placed(words, GONE) == f"{words} --trail {PLACE.arn} {ELSEWHERE}"
    assert is_typed(placed(words, GONE))


def outlook(objects: int, **changed: object) -> Outlook:
    share = Share(method=Method.UPDATE, reason=MethodReason.UPDATE, objects=objects, size=1)
    found = Outlook(
        bucket="logs",
        key_arn="k",
        shares=(share,),
        requests=1,
        seconds_at_least=1,
        prefixes=1,
        consequences=(),
    )
    return structs.replace(found, **changed)


@pytest.mark.parametrize(
    ("found", "accepted", "command"),
    [
        pytest.param(outlook(0), False, "VALIDATE", id="nothing"),
        pytest.param(outlook(1), False, "RUN", id="ready"),
        pytest.param(outlook(1, lost=1, reader_statements=({},)), False, "KEEP", id="readers"),
        pytest.param(outlook(1, lost=1, reader_statements=({},)), True, "RUN", id="readers-accepted"),
        pytest.param(outlook(1, lost=1, denying=("No",)), False, "RUN --dry-run", id="denied"),
    ],
)
def test_a_dry_run_ends_with_the_command_to_type_next(
    found: Outlook, *, accepted: bool, command: str
) -> None:
    told = after_outlook(found, run="RUN", keep="KEEP", validate="VALIDATE", accepted=accepted)

    assert told.facts["command"] == command


@pytest.mark.parametrize(
    ("states", "command"),
    [
        ((State.DONE, State.SKIPPED, State.NOTHING), "VALIDATE"),
        ((State.DONE, State.FAILED, State.DIFFERS), "RUN --retry-failed"),
        ((State.STARTED, State.CHANGED), "RUN"),
        ((State.CHANGED, State.DONE), "CENSUS"),
        ((State.GONE,), "CENSUS"),
        ((State.GONE, State.DIFFERS), "VALIDATE"),
    ],
)
def test_a_run_ends_with_the_command_to_type_next(states: tuple[State, ...], command: str) -> None:
    summary = Summary(bucket="logs", key_arn="k", counts=dict.fromkeys(states, 1), problems=())

    told = after_run(summary, run="RUN", census="CENSUS", validate="VALIDATE")

    assert told.facts["command"] == command


@pytest.mark.parametrize(
    ("asked", "engine", "given", "options"),
    [
        (ReencryptOptions(dry_run=True), EngineName.LOCAL, EngineOptions(), ""),
        (
            ReencryptOptions(),
            EngineName.SPARK,
            EngineOptions(spark=SparkOptions(shard_size=500)),
            " --engine spark --shard-size 500",
        ),
        (
            ReencryptOptions(
                key="arn:k",
                method=WantedMethod.COPY,
                context=False,
                bucket_key=True,
                from_other_keys=True,
                verify=Verify.ALL,
                ledger="my ledger",
                accept=("copies", "readers-lose-access"),
            ),
            EngineName.S3BATCH,
            EngineOptions(batch=BatchOptions(role_arn="arn:r", place="s3://b/p")),
            (
                " --key arn:k --engine s3batch --method copy --no-context --bucket-key --from-other-keys"
                " --verify all --ledger 'my ledger' --batch-place s3://b/p --role arn:r"
                " --accept copies --accept readers-lose-access"
            ),
        ),
    ],
)
def test_what_was_asked_for_is_typed_again(
    asked: ReencryptOptions, engine: EngineName, given: EngineOptions, options: str
) -> None:
    said = Said(
        manifest="old.jsonl",
        trail="",
        engine=engine,
        options=given,
        connections=64,
        yes=True,
        output="text",
    )
    command = typed_again(asked, said)

    assert command == f"trailseal history reencrypt --manifest old.jsonl{options}"
    assert is_typed(command)


HOW_IT_LOOKS = {"output", "brief", "quiet", "verbose", "lang", "help"}
"""Options that change no answer, but how it is shown."""
NOT_AGAIN = {
    ("history", "reencrypt"): {
        "yes",
        "dry_run",
        "retry_failed",
        "reader_plan",
    },  # asked again, or told beside
    ("history", "census"): {"quick", "sql", "table"},  # other answers, which end without a command
    ("history", "validate"): set[str](),
}
GIVEN = {
    "every": "--all",
    "context": "--no-context",
    "bucket_key": "--bucket-key",
    "from_other_keys": "--from-other-keys",
    "versions": "--versions",
}
"""Options without a value, as they differ from what holds without a word."""


def typed_after(verb: tuple[str, str]) -> str:
    """Return the command to type again after a verb of which every option was given."""
    caller = CallerOptions(profile="p", region="eu-west-1")
    if verb == ("history", "validate"):
        found = validation(HourState.NOT_DUE, trail=GONE, accounts=(ONE,), regions=(PARIS,))
        return str(next_step(found, caller, every=True).facts["command"])
    if verb == ("history", "census"):
        wanted = CensusOptions(prefixes=("a/",), versions=True, source="listing")
        return after_census(GONE, wanted, caller).keep
    asked = ReencryptOptions(
        key="arn:k",
        method=WantedMethod.COPY,
        context=False,
        bucket_key=True,
        from_other_keys=True,
        verify=Verify.ALL,
        ledger="l",
        accept=("copies",),
    )
    said = Said(
        manifest="old.jsonl",
        trail="audit",
        engine=EngineName.SPARK,
        options=EngineOptions(
            batch=BatchOptions(role_arn="arn:r", place="s3://b/p"), spark=SparkOptions(shard_size=500)
        ),
        connections=8,
        caller=caller,
        yes=True,
        output="text",
    )
    return typed_again(asked, said)


@pytest.mark.parametrize("verb", sorted(NOT_AGAIN), ids=" ".join)
def test_every_option_that_changes_the_answer_is_typed_again(verb: tuple[str, str]) -> None:
    command = typed_after(verb)
    params = [p for p in dict(verbs())[verb].params if p.name not in HOW_IT_LOOKS | NOT_AGAIN[verb]]

    lacking = [
        p.name
        for p in params
        if not {*p.opts, *p.secondary_opts, GIVEN.get(p.name or "")} & set(shlex.split(command))
    ]

    assert lacking == []
    assert is_typed(command)
    assert all(flag in command for p in params if (flag := GIVEN.get(p.name or "")) is not None)


@pytest.mark.parametrize("manifest", [None, "old list.jsonl"])
def test_a_census_ends_with_commands_that_name_the_trail(manifest: str | None) -> None:
    following = after_census(PLACE, CensusOptions(manifest=manifest), CallerOptions(profile="p"))

    file = shlex.quote(manifest or "FILE")
    assert following.kept is (manifest is not None)
    assert following.keep == f"{CENSUS} --trail {PLACE.arn} --manifest {file} --profile p"
    assert following.reencrypt == f"{REENCRYPT} --manifest {file} --dry-run --profile p"
    assert following.validate == f"{VALIDATE} --trail {PLACE.arn} --profile p"


def is_typed(command: str) -> bool:
    """Whether a verb has all options of a command."""
    words = shlex.split(command.partition(" > ")[0])[1:]
    verb = max((names for names, _ in verbs() if names == tuple(words[: len(names)])), key=len)
    known = {opt for p in dict(verbs())[verb].params for opt in (*p.opts, *p.secondary_opts)}
    return {word for word in words if word.startswith("--")} <= known
