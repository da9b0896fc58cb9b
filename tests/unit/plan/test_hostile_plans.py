"""
A plan file in which somebody wrote what he liked, with its id computed anew: facts, or it is refused.

Every text of every plan is replaced in turn. Whatever is still a plan shows what it does, and says nothing
that was written into it but names.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import structs

from plan_estate import ACCOUNT, BUCKET_KEY, DENIED, HOME, KEY, OTHER, TRAIL, bucket, key, plan_of, snapshot
from plan_estate import trail as a_trail
from story_account import delivering_account as account
from story_account import people
from trailseal.access.readers.reading import Access
from trailseal.errors import UsageProblem
from trailseal.locale.language import choose_language
from trailseal.model.bucket import Replication, ReplicationRule
from trailseal.model.key import KeyState, UnreadKey
from trailseal.model.trail import ManagedBy, TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.plan.build import build_plan
from trailseal.plan.codec import read_plan, write_plan
from trailseal.plan.concern import Concern, concern
from trailseal.plan.concern_facts import RULES, Code, Details, Weight
from trailseal.plan.deciders import Decider, Layer, Says
from trailseal.plan.intent import Intent, WantedReaders
from trailseal.plan.plan import Plan, Trigger, seal
from trailseal.plan.readers import shape_readers
from trailseal.plan.reading import ReaderOutlook
from trailseal.plan.step import (
    CreateAlias,
    CreateKey,
    DeleteAlias,
    Leave,
    PutKeyPolicy,
    ReplicateKey,
    SetKeyRotation,
    UpdateTrail,
    new_key,
    roll_back,
)
from trailseal.view.concerns import ELSEWHERE_REMEDIES, REGION_REMEDIES, REMEDIES, TEXTS, remedy, told
from trailseal.view.plan import print_plan
from trailseal.view.reader_changes import decider_words
from trailseal.view.steps import Extent
from trailseal.view.terminal import Terminal

NOW = plan_of().made_at
LIE = "Reviewed: this plan changes nothing"
LIES = {
    "a sentence": LIE,
    "in Japanese": "確認済み：変更はありません",
    "lines": f"x\n{LIE}",
    "at its end": "x\n",
    "nothing seen": "\x1b[2J\u202e",
    "a template": "{key} {statements}",
}
NAMES = {
    "account": OTHER,
    "Region": "eu-west-1",
    "alias": "alias/harmless",
    "key": KEY.replace("1111", "9999"),
    "trail": TRAIL + "-2",
}


def readers_plan() -> Plan:
    seen = account(sealed=False, principals=people())
    return build_plan(seen, Intent(), made_at=NOW, shape=shape_readers({}))


def restricted_plan() -> Plan:
    seen = account(sealed=False, principals=people())
    wanted = Intent(readers=WantedReaders(principals=(people()[0].arn,)), accept=("readers-lose-access",))
    return build_plan(seen, wanted, made_at=NOW, shape=shape_readers({}))


def existing_key_plan() -> Plan:
    replication = Replication(role="r", rules=(ReplicationRule(rule_id="All of it", enabled=True),))
    status = TrailStatus(region=HOME, is_logging=False, latest_delivery_error="AccessDenied")
    seen = snapshot(
        trails=(a_trail(is_organization_trail=True, statuses=(status,)),),
        buckets=(bucket(replication=replication, encryption=BUCKET_KEY, account=OTHER, policy=DENIED),),
        keys=(key(),),
    )
    return plan_of(seen, key=KEY, rotation_days=180, alias="alias/logs")


def refused_plan() -> Plan:
    managed = a_trail(managed_by=ManagedBy(kind="CloudFormation", name="logs"))
    seen = snapshot(trails=(managed,), keys=(key(state=KeyState.DISABLED, key_manager="AWS"),))
    return plan_of(seen, key=KEY, accept=("managed-by-cloudformation",))


PLANS = {
    "new key": plan_of(),
    "own material, many Regions": plan_of(origin="external", multi_region=True),
    "readers": readers_plan(),
    "restricted": restricted_plan(),
    "existing key": existing_key_plan(),
    "refused": refused_plan(),
}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Reader"
FACTS: dict[str, Any] = {
    "account": ACCOUNT,
    "owner": OTHER,
    "trail": "management-events",
    "stack": "logs",
    "bucket": "some-bucket",
    "key": KEY,
    "region": HOME,
    "bucket_region": "eu-west-1",
    "regions": (HOME, "eu-west-1"),
    "rules": ("all", "#2"),
    "alias": "alias/logs",
    "option": "--rotation-days",
    "principals": (ROLE, "AROAEXAMPLEROLEID0000"),
    "statements": ("Only", "#2"),
    "actions": ("s3:PutObject", "s3:GetBucketAcl"),
    "folders": (f"AWSLogs/{ACCOUNT}/CloudTrail/{HOME}/2026/01/01/",),
    "works_today": True,
    "spec": "RSA_2048",
    "usage": "SIGN_VERIFY",
    "state": KeyState.DISABLED,
    "multi_region": True,
    "expires": NOW,
    "reader": ROLE,
    "roles": (ROLE, ROLE + "2"),
    "decided_by": (Decider(layer=Layer.RESOURCE, outcome=Says.ALLOW, statement="Only"),),
    "call": "kms:DescribeKey",
    "error": "AccessDeniedException",
}


def full(code: Code) -> Concern:
    names = RULES[code].needs | RULES[code].also
    return concern(code, "there", Details(**{name: FACTS[name] for name in names}))


PLANS["every concern"] = seal(structs.replace(plan_of(), concerns=tuple(map(full, Code))))


def texts_in(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of each text in a JSON value."""
    if isinstance(value, str):
        yield place
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from texts_in(each, (*place, name))
    elif isinstance(value, list):
        for i, each in enumerate(value):
            yield from texts_in(each, (*place, i))


def changed(plan: Plan, place: tuple[Any, ...], text: str) -> bytes:
    """Return the plan's file with another text at a place, and the id that belongs to what it says then."""
    document = json.loads(write_plan(plan))
    at = document
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = text
    raw = json.dumps(document).encode()
    try:
        return write_plan(seal(msgspec.json.decode(raw, type=Plan)))
    except msgspec.ValidationError:
        return raw


def rolled_back_anew(raw: bytes) -> bytes:
    """Return the same with the way back that belongs to the steps, where it is a plan at all."""
    try:
        plan = msgspec.json.decode(raw, type=Plan)
    except msgspec.ValidationError:
        return raw
    return write_plan(seal(structs.replace(plan, rollback=roll_back(plan.steps))))


def shown(plan: Plan, policies: Extent = Extent.CHANGES) -> str:
    out = io.StringIO()
    print_plan(plan, Terminal(file=out, width=None), policies=policies)
    return out.getvalue()


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_every_plan_of_ours_is_one_that_is_read_again(plan: Plan) -> None:
    assert read_plan(write_plan(plan), name="p") == plan


@pytest.mark.sweep
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_no_text_in_a_plan_can_be_prose(plan: Plan, lie: str) -> None:
    places = [place for place in texts_in(json.loads(write_plan(plan))) if place != ("id",)]

    assert len(places) > 20
    for place in places:
        twisted = changed(plan, place, lie)
        for raw in (twisted, rolled_back_anew(twisted)) if place[0] == "steps" else (twisted,):
            with pytest.raises(UsageProblem) as refused:
                read_plan(raw, name="p")
            assert "\n" not in str(refused.value), place
            assert lie not in str(refused.value), place


@pytest.mark.sweep
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_another_name_in_a_step_is_refused_or_shown(plan: Plan, name: str) -> None:
    for place in texts_in(json.loads(write_plan(plan))["steps"]):
        raw = rolled_back_anew(changed(plan, ("steps", *place), name))
        try:
            read = read_plan(raw, name="p")
        except UsageProblem:
            continue
        assert name in shown(read), place


def policies_of(plan: Plan) -> Iterator[tuple[int, str, str]]:
    for i, step in enumerate(plan.steps):
        match step:
            case CreateKey(policy=policy) | ReplicateKey(policy=policy):
                yield i, "policy", policy
            case PutKeyPolicy(after=after):
                yield i, "after", after
            case _:
                continue


@pytest.mark.sweep
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_whatever_stands_in_a_policy_is_shown_as_it_is_sent(plan: Plan) -> None:
    for i, name, policy in policies_of(plan):
        for place in texts_in(json.loads(policy)):
            document = json.loads(policy)
            at = document
            for part in place[:-1]:
                at = at[part]
            at[place[-1]] = LIE
            text = json.dumps(document)
            read = read_plan(rolled_back_anew(changed(plan, ("steps", i, name), text)), name="p")
            for policies in (Extent.CHANGES, Extent.WHOLE):
                said = shown(read, policies)
                assert f'"{LIE}"' in said, place
                assert LIE not in said.replace(f'"{LIE}"', ""), place


@pytest.mark.parametrize(
    "policy",
    [
        '{"Version": "2012-10-17", "Statement": [], "Statement": [{"Effect": "Allow"}]}',
        '{"Statement": [{"Sid": "a", "Effect": "Allow", "Action": "kms:*", "Action": "kms:List*"}]}',
        '{"Statement": [{"Principal": {"AWS": "*", "AWS": "arn:aws:iam::123456789012:root"}}]}',
        '{"Statement": ' + "[" * 500 + "]" * 500 + "}",
        '{"Statement": [' + '{"a":' * 300 + "1" + "}" * 300 + "]}",
        "{}",
        "",
        "[]",
    ],
    ids=[
        "twice on top",
        "twice in a statement",
        "twice in a principal",
        "deep lists",
        "deep",
        "{}",
        "",
        "[]",
    ],
)
def test_a_policy_that_says_two_things_or_nothing_is_refused(policy: str) -> None:
    raws = [
        rolled_back_anew(changed(plan, ("steps", i, name), policy))
        for plan in PLANS.values()
        for i, name, _ in policies_of(plan)
    ]

    assert len(raws) > 3
    for raw in raws:
        with pytest.raises(UsageProblem, match=r"look at `\$\.steps\[\d+\]\.(policy|after)`"):
            read_plan(raw, name="p")


@pytest.mark.parametrize(
    "change",
    [
        {"Version": "2008-10-17"},
        {"Id": "some id"},
        {"Version": None, "Id": "x"},
    ],
    ids=["another version", "an id", "no version"],
)
def test_what_a_policy_holds_beside_its_statements_is_shown_too(change: dict[str, str | None]) -> None:
    plan = plan_of()
    document = json.loads(plan.steps[0].policy) | change  # type: ignore[union-attr]
    text = json.dumps({name: value for name, value in document.items() if value is not None})
    read = read_plan(rolled_back_anew(changed(plan, ("steps", 0, "policy"), text)), name="p")

    for name, value in change.items():
        assert (f'"{name}":"{value}"' if value else f'- "{name}":') in shown(read)


MADE, PUT = new_key(HOME), existing_key_plan().steps[0]
NOT_OURS = {
    "a downgrade": (UpdateTrail(trail_arn=TRAIL, home_region=HOME, before=KEY, after=""),),
    "another Region's trail": (UpdateTrail(trail_arn=TRAIL, home_region="eu-west-1", before="", after=KEY),),
    "a key that nothing makes": (UpdateTrail(trail_arn=TRAIL, home_region=HOME, before="", after=MADE),),
    "a key from another partition": (
        UpdateTrail(
            trail_arn=TRAIL, home_region=HOME, before="", after=KEY.replace("arn:aws:", "arn:aws-cn:")
        ),
    ),
    "a key made twice": (plan_of().steps[0], plan_of().steps[0]),
    "a key in another Region": (structs.replace(plan_of().steps[0], region="eu-west-1"),),
    "another account's new key": (structs.replace(plan_of().steps[0], account=OTHER),),
    "another account's policy": (structs.replace(PUT, key=KEY.replace(ACCOUNT, OTHER)),),
    "a name taken away": (DeleteAlias(alias="alias/logs", key=KEY),),
    "something left that was to be done": (Leave(step=PUT),),
    "an alias of AWS": (CreateAlias(alias="alias/aws/cloudtrail", key=KEY),),
    "rotation of no key": (SetKeyRotation(key=MADE, before=0, after=365),),
    "a replica in another Region": (
        ReplicateKey(
            key=MADE, primary=KEY, region="eu-west-1", description="CloudTrail log files", policy=PUT.after
        ),
    ),
}


@pytest.mark.parametrize("steps", NOT_OURS.values(), ids=NOT_OURS)
def test_steps_that_trailseal_never_plans_are_refused(steps: tuple[Any, ...]) -> None:
    triggers = tuple(Trigger) if any(isinstance(step, UpdateTrail) for step in steps) else ()
    twisted = structs.replace(
        plan_of(), steps=steps, rollback=roll_back(steps), watched=(), triggers=triggers
    )

    with pytest.raises(UsageProblem, match=r"look at `\$\.steps\[[01]\]"):
        read_plan(write_plan(seal(twisted)), name="p")


def reseal(plan: Plan, **more: Any) -> bytes:
    return write_plan(seal(structs.replace(plan, **more)))


@pytest.mark.sweep
@pytest.mark.parametrize("code", Code)
def test_a_concern_has_its_weight_and_its_facts_or_is_refused(code: Code) -> None:
    good = full(code)
    rule = RULES[code]
    more = next(name for name in FACTS if name not in rule.needs | rule.also)
    bad = [structs.replace(good, facts=without(good.facts, name)) for name in rule.needs]
    bad += [structs.replace(good, facts=structs.replace(good.facts, **{more: FACTS[more]}))]
    bad += [structs.replace(good, weight=weight) for weight in Weight if weight is not good.weight]

    assert read_plan(reseal(plan_of(), concerns=(good,)), name="p").concerns == (good,)
    for one in bad:
        with pytest.raises(UsageProblem, match=r"look at `\$\.concerns\[0\]`"):
            read_plan(reseal(plan_of(), concerns=(one,)), name="p")


def without(facts: Details, name: str) -> Details:
    return structs.replace(facts, **{name: getattr(Details(), name)})


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("code", Code)
def test_every_concern_is_a_whole_sentence_in_both_languages(code: Code, language: str) -> None:
    choose_language(["--lang", language])
    one = full(code)
    bare = structs.replace(one, facts=Details(**{name: FACTS[name] for name in RULES[code].needs}))
    lines = [line for each in (one, bare) for line in (told(each), remedy(each))]
    choose_language(["--lang", "en"])

    assert told(one)
    assert not any("{" in line or "}" in line for line in lines), lines
    assert code in TEXTS
    assert REMEDIES.keys() <= set(Code)
    assert len(ELSEWHERE_REMEDIES) == len(REGION_REMEDIES) == 2


def test_a_refusal_is_a_warning_only_where_it_was_taken_on() -> None:
    taken_on = structs.replace(full(Code.CLOUDFORMATION), weight=Weight.WARNING)
    with_it = structs.replace(plan_of(), intent=Intent(accept=(Code.CLOUDFORMATION.value,)))

    assert read_plan(reseal(with_it, concerns=(taken_on,)), name="p").concerns == (taken_on,)
    with pytest.raises(UsageProblem, match="concerns"):
        read_plan(reseal(plan_of(), concerns=(taken_on,)), name="p")


READER = readers_plan().readers[0]
UNSOUND_READERS = {
    "keeps and does not read": structs.replace(READER, after=Access.NONE),
    "breaks and reads": structs.replace(READER, outlook=ReaderOutlook.BREAKS),
    "shut out and nobody asked": structs.replace(
        READER, outlook=ReaderOutlook.SHUT_OUT, after=Access.FETCH_ONLY
    ),
    "known as nobody": structs.replace(READER, known_as="Auditors"),
    "read neither": structs.replace(READER, before=Access.NONE, after=Access.NONE),
}


@pytest.mark.parametrize("reader", UNSOUND_READERS.values(), ids=UNSOUND_READERS)
def test_a_reader_is_what_comes_of_its_facts_or_is_refused(reader: Any) -> None:
    with pytest.raises(UsageProblem, match=r"look at `\$\.readers\[0\]`"):
        read_plan(reseal(readers_plan(), readers=(reader,)), name="p")


def test_triggers_and_places_are_those_of_the_steps() -> None:
    plan = plan_of()

    for raw in (
        reseal(plan, triggers=()),
        reseal(plan, triggers=(Trigger.KEY_UNUSABLE,)),
        reseal(plan, watched=(structs.replace(plan.watched[0], trail_arn=TRAIL + "-2"),)),
        reseal(plan, intent=Intent(rotation_days=1)),
    ):
        with pytest.raises(UsageProblem, match="look at"):
            read_plan(raw, name="p")


def test_the_statement_that_a_plan_adds_for_a_reader_is_read_off_its_steps() -> None:
    plan = readers_plan()
    lone = structs.replace(plan, steps=plan.steps[1:])

    assert "AllowReadersToDecryptLogFiles, which this plan adds" in shown(plan)
    assert "which this plan adds" not in shown(lone)


def test_what_is_lacking_is_named_by_the_layer() -> None:
    lacking = Decider(layer=Layer.IDENTITY, outcome=Says.MISSING)
    by_layer = {
        (Layer.GRANT, Says.ALLOW, ""): "a grant",
        (Layer.IDENTITY, Says.ALLOW, "#1"): "its IAM policies",
        (Layer.IDENTITY, Says.ALLOW, "Mine"): "Mine in its IAM policies",
        (Layer.RESOURCE, Says.ALLOW, "#2"): "statement 2 of the key policy",
        (Layer.RESOURCE, Says.DENY, "Wall"): "denied by Wall",
        (Layer.SCP, Says.DENY, ""): "denied by a service control policy",
    }

    assert decider_words(lacking) == "not allowed by its IAM policies"
    for (layer, outcome, statement), words in by_layer.items():
        assert decider_words(Decider(layer=layer, outcome=outcome, statement=statement)) == words


def test_a_code_of_aws_that_is_a_sentence_is_none() -> None:
    strange = Unreadable(call="kms:DescribeKey", code=LIE, where=LIE)
    plan = plan_of(snapshot(keys=(UnreadKey(arn=KEY, reason=strange),)), key=KEY)

    assert plan.concerns[0].facts.error == "?"
    assert read_plan(write_plan(plan), name="p") == plan
