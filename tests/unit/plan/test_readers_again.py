"""What a plan says of readers, decided anew on the account as it stands."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from key_policies import ACCOUNT, TRAIL, console
from plan_estate import OTHER, TAG, MemoryJournal, Told, World, plan_of, ports_for
from story_account import ADMIN, ALICE, KEY, REGION, USER1, document, people, person
from story_account import delivering_account as account
from trailseal.access.readers.reading import Access
from trailseal.errors import WorldMoved
from trailseal.locale.language import choose_language, say
from trailseal.model.key import KeyPolicies
from trailseal.model.trail import UnreadTrail
from trailseal.model.unreadable import Unreadable
from trailseal.plan.build import build_plan
from trailseal.plan.history_readers import plan_readers
from trailseal.plan.intent import Intent, WantedReaders
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.plan import seal
from trailseal.plan.readers import shape_readers
from trailseal.plan.readers_again import decide_again, is_about_readers
from trailseal.plan.reading import ReaderImpact, ReaderOutlook
from trailseal.plan.restriction import admit, reader_statement
from trailseal.plan.step import PutKeyPolicy, UpdateTrail
from trailseal.run.apply import apply

NOW = plan_of().made_at
REFUSED = Unreadable(call="iam:GetAccountAuthorizationDetails", code="AccessDenied")
FETCHING = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
LEAST = least_policy(KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,)))
STRANGER = f"arn:aws:iam::{ACCOUNT}:user/stranger"


def seen(*more, **changed):
    return structs.replace(account(sealed=False, principals=(*people(), *more)), **changed)


def made(snapshot=None, **intent):
    return build_plan(snapshot or seen(), Intent(**intent), made_at=NOW, tag=TAG, shape=shape_readers({}))


def sentences(plan, snapshot):
    return [str(each) for each in decide_again(plan, snapshot).moved]


def test_what_the_plan_says_is_found_again():
    found = decide_again(made(), seen())

    assert (found.moved, found.left) == ((), 0)
    assert found.agreeing == len(made().readers) > 2


def test_what_a_restriction_asked_for_is_found_again():
    snapshot = seen(person("auditor", FETCHING))
    plan = made(snapshot, readers=WantedReaders(principals=(ALICE,)), accept=("readers-lose-access",))
    outlooks = {each.outlook for each in plan.readers}

    assert plan.can_apply
    assert {ReaderOutlook.SHUT_OUT, ReaderOutlook.KEEPS} <= outlooks
    assert decide_again(plan, snapshot).moved == ()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    ("outlook", "after"),
    [
        (ReaderOutlook.BREAKS, Access.FETCH_ONLY),
        (ReaderOutlook.SHUT_OUT, Access.FETCH_ONLY),
        (ReaderOutlook.NEWLY_ABLE, Access.READ),
    ],
)
def test_another_outlook_is_told(outlook, after, language):
    plan = made()
    wrong = structs.replace(plan.readers[0], outlook=outlook, before=Access.READ, after=after)
    twisted = structs.replace(plan, readers=(wrong, *plan.readers[1:]))
    choose_language(["--lang", language])
    told = [say(each) for each in decide_again(twisted, seen()).moved]
    choose_language(["--lang", "en"])

    assert len(told) == 1
    assert wrong.principal in told[0]
    assert TRAIL in told[0]


def test_a_statement_that_lets_somebody_in_and_that_no_row_tells_of_is_found():
    """A plan file with one statement more, whose readers are as they were."""
    plan = made(seen(person("stranger", FETCHING)))
    first, *others = plan.steps
    policy = json.loads(first.policy)
    policy["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "kms:*", "Resource": "*"}
    )
    evil = structs.replace(plan, steps=(structs.replace(first, policy=json.dumps(policy)), *others))

    assert STRANGER in {each.principal for each in plan.readers}
    assert sentences(plan, seen(person("stranger", FETCHING))) == []
    assert sentences(evil, seen(person("stranger", FETCHING))) == [
        f"{STRANGER} keeps reading {TRAIL}, and the plan says something else"
    ]


def test_a_reader_that_the_plan_leaves_out_is_found():
    plan = made()
    without = structs.replace(plan, readers=plan.readers[1:])

    assert sentences(without, seen()) == [
        f"{plan.readers[0].principal} keeps reading {TRAIL}, and the plan says something else"
    ]


def test_a_reader_that_is_gone_or_was_made_up_is_found():
    plan = made(seen(person("stranger", FETCHING)))

    assert sentences(plan, seen()) == [
        f"{STRANGER} can read {TRAIL} neither today nor afterwards, and the plan says something else"
    ]


def test_somebody_newly_able_is_found():
    plan = made()
    first, *others = plan.steps
    opened = structs.replace(plan, steps=(structs.replace(first, policy=console()), *others))

    assert any("can read" in line and "cannot today" in line for line in sentences(opened, seen()))


def test_readers_of_an_account_that_cannot_be_read_stand_by_the_plan():
    plan = made()
    hidden = seen(inventories=())
    abroad = structs.replace(plan.readers[0], principal=f"arn:aws:iam::{OTHER}:role/Reader")

    assert decide_again(plan, hidden).left == len(plan.readers)
    assert decide_again(plan, hidden).moved == ()
    assert decide_again(structs.replace(plan, readers=(*plan.readers, abroad)), seen()).left == 1


def test_a_service_that_a_statement_more_lets_in_is_found():
    """The plan tells of nobody there, and no inventory has it: key and bucket decide for certain."""
    service = {"Effect": "Allow", "Principal": {"Service": "athena.amazonaws.com"}, "Resource": "*"}
    bucket = seen().buckets[0]
    document = json.loads(bucket.policy) if bucket.policy else {"Version": "2012-10-17", "Statement": []}
    document["Statement"].append(
        {**service, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket.name}/*"}
    )
    snapshot = seen(buckets=(structs.replace(bucket, policy=json.dumps(document)),))
    plan = made(snapshot)
    first, *others = plan.steps
    policy = json.loads(first.policy)
    policy["Statement"].append({**service, "Action": "kms:Decrypt"})
    evil = structs.replace(
        plan,
        steps=(structs.replace(first, policy=json.dumps(policy)), *others),
        readers=tuple(each for each in plan.readers if "athena" not in each.principal),
    )

    assert any("athena.amazonaws.com" in line for line in sentences(evil, snapshot))


def test_what_is_not_known_contradicts_nothing():
    plan = made()
    refused = Unreadable(call="organizations:ListPoliciesForTarget", code="AccessDeniedException")
    doubtful = seen(inventories=tuple(structs.replace(i, guardrails=refused) for i in seen().inventories))
    unknown = made(doubtful)

    assert decide_again(plan, doubtful).left == len(plan.readers)
    assert decide_again(unknown, seen()).left == len(unknown.readers)
    assert decide_again(plan, doubtful).moved == decide_again(unknown, seen()).moved == ()


def test_a_trail_that_was_turned_already_is_left_to_its_step():
    plan = made()
    turned = seen(trails=tuple(structs.replace(t, kms_key_id=KEY) for t in seen().trails))
    hidden = seen(trails=(UnreadTrail(arn=TRAIL, name="t", home_region=REGION, reason=REFUSED),))

    for snapshot in (turned, hidden):
        assert decide_again(plan, snapshot).left == len(plan.readers)
        assert decide_again(plan, snapshot).moved == ()


def holding(snapshot, policies):
    """The account with this on its keys."""
    return structs.replace(
        snapshot, keys=tuple(structs.replace(each, policies=policies) for each in snapshot.keys)
    )


def restricting():
    everyone = WantedReaders(principals=(USER1, ALICE))
    accepted = ("readers-lose-access",)
    return made(account(), trails=("management-events",), key=KEY, readers=everyone, accept=accepted)


def test_a_plan_for_a_key_that_stands_is_decided_on_its_policy():
    plan = restricting()
    policy = plan.steps[0].after
    done, unread = (holding(account(), each) for each in (KeyPolicies(default=policy), REFUSED))

    assert not plan.switches
    assert decide_again(plan, account()).agreeing == len(plan.readers) > 1
    assert decide_again(structs.replace(plan, readers=()), account()).moved != ()
    assert decide_again(plan, done).left == decide_again(plan, unread).left == len(plan.readers)


def test_a_switch_to_a_key_that_stands_is_decided_on_what_it_has():
    snapshot = structs.replace(seen(), keys=account().keys)
    plan = made(snapshot, key=KEY)
    turns = tuple(step for step in plan.steps if isinstance(step, UpdateTrail))
    beside = PutKeyPolicy(key=KEY + "0", before=LEAST, after=LEAST)
    bare = structs.replace(plan, steps=(beside, *turns))
    unread = holding(snapshot, REFUSED)

    assert decide_again(plan, snapshot).moved == ()
    assert decide_again(bare, snapshot).agreeing + len(decide_again(bare, snapshot).moved) > 0
    assert decide_again(bare, unread).left == len(plan.readers)


def test_a_plan_for_the_history_tells_only_of_those_whom_it_adds():
    snapshot = account(admit(LEAST, (ALICE, USER1), (TRAIL,)))
    held = snapshot.keys[0].policies.default
    again, more = (reader_statement(who, (TRAIL,)) for who in ((ALICE,), (ALICE, ADMIN)))
    kept, opened = (
        plan_readers(held, (new,), key_arn=KEY, trail_arn=TRAIL, made_at=NOW) for new in (again, more)
    )

    assert decide_again(kept, snapshot).moved == ()
    assert decide_again(structs.replace(kept, readers=()), snapshot).moved == ()
    assert [each.facts["reader"] for each in decide_again(opened, snapshot).moved] == []
    assert ADMIN in {each.principal for each in opened.readers}


def test_a_policy_that_lets_somebody_in_and_calls_it_keeping_is_found():
    snapshot = account(LEAST, principals=(*people(), person("stranger", FETCHING)))
    letting = reader_statement((STRANGER,), (TRAIL,))
    plan = plan_readers(LEAST, (letting,), key_arn=KEY, trail_arn=TRAIL, made_at=NOW)

    for twisted in (plan, structs.replace(plan, readers=())):
        assert sentences(twisted, snapshot) == [
            f"{STRANGER} can read {TRAIL} afterwards and cannot today, and the plan does not say so"
        ]


def test_a_plan_that_says_that_nobody_looked_is_not_looked_into():
    unexamined = plan_of()

    assert not is_about_readers(unexamined)
    assert is_about_readers(made())
    assert not is_about_readers(structs.replace(made(), steps=()))
    assert is_about_readers(structs.replace(unexamined, concerns=()))
    assert decide_again(unexamined, seen()).moved == ()


class OneAccount:
    """A collector of one snapshot that was taken before."""

    def __init__(self, snapshot):
        self.snapshot, self.scopes = snapshot, []

    def collect(self, scope):
        self.scopes.append(scope)
        return self.snapshot


def applied(plan, snapshot, world, told):
    ports = structs.replace(ports_for(world, MemoryJournal(), told=told), collector=OneAccount(snapshot))
    return apply(plan, ports, name="p", wait=False)


def test_apply_stops_before_the_first_step_where_readers_are_not_as_the_plan_says():
    plan = made()
    without = seal(structs.replace(plan, readers=plan.readers[2:]))
    world, told = World(account=ACCOUNT, trails={TRAIL: ""}), Told()
    world.by_name[TRAIL] = {"s3_bucket_name": "trail-logs"}

    with pytest.raises(WorldMoved, match="2 things are not as the plan was made from") as stopped:
        applied(without, seen(), world, told)

    assert "nothing was changed" in str(stopped.value.hint)
    assert world.calls == []
    assert plan.readers[0].principal in told.text


def test_apply_says_whom_it_decided_anew_and_who_stands_by_the_plan():
    plan, told = made(), Told()
    abroad = ReaderImpact(
        principal=f"arn:aws:iam::{OTHER}:role/Reader",
        outlook=ReaderOutlook.KEEPS,
        before=Access.READ,
        after=Access.READ,
        trails=(TRAIL,),
    )
    more = seal(structs.replace(plan, readers=(*plan.readers, abroad)))
    world = World(account=ACCOUNT, trails={TRAIL: ""})
    world.by_name[TRAIL] = {"s3_bucket_name": "trail-logs"}

    applied(more, seen(), world, told)

    assert f"{len(plan.readers)} readers were checked again" in told.text
    assert "1 reader is as the plan says, which could not be checked" in told.text
    assert "UpdateTrail" in world.calls


def test_apply_names_what_it_could_not_read_when_it_decides_anew():
    plan, told = made(), Told()
    world = World(account=ACCOUNT, trails={TRAIL: ""})
    world.by_name[TRAIL] = {"s3_bucket_name": "trail-logs"}
    blind = Unreadable(call="iam:GetAccountAuthorizationDetails", code="AccessDenied", where=ACCOUNT)

    applied(plan, structs.replace(seen(), inventories=(blind,)), world, told)

    assert "without what was not read: iam:GetAccountAuthorizationDetails" in told.text
    assert "which could not be checked here" in told.text


def test_a_plan_that_changes_nothing_for_readers_is_not_looked_into():
    collector = OneAccount(seen())
    world = World()
    ports = structs.replace(ports_for(world, MemoryJournal()), collector=collector)

    apply(plan_of(), ports, name="p", wait=False)

    assert collector.scopes == []
