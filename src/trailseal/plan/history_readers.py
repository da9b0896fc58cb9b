"""The plan that keeps the history open to its readers: their statements, added before it is re-encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trailseal.access.readers.reading import Access
from trailseal.model.arn import Arn
from trailseal.plan.concern import Concern, concern
from trailseal.plan.concern_facts import Code, Weight
from trailseal.plan.document import Statement, listed, parse, statements
from trailseal.plan.footing import named_key
from trailseal.plan.intent import Intent
from trailseal.plan.merge import add
from trailseal.plan.plan import Plan, seal
from trailseal.plan.putting import PolicyPut, put_concerns
from trailseal.plan.reading import ReaderImpact, ReaderOutlook
from trailseal.plan.step import PutKeyPolicy, roll_back


def plan_readers(
    policy: str, new: tuple[Statement, ...], *, key_arn: str, trail_arn: str, made_at: datetime
) -> Plan:
    """
    Return the plan that adds `new` to the key's policy, for the account that owns the key.

    Nothing is edited or removed. Without statements, or when KMS would not take the policy, it has no step.

    Raises:
        ValueError: `policy` is no policy document.
    """
    before = parse(policy)
    after = add(policy, before, new)
    put = PolicyPut(key=key_arn, before=policy, after=after)
    found = tuple(put_concerns(put, None))
    refused = any(each.weight is Weight.REFUSED for each in found)
    steps = (PutKeyPolicy(key=key_arn, before=policy, after=after),) if new and not refused else ()
    owner = Arn.parse(key_arn)
    return seal(
        Plan(
            made_at=made_at,
            account=owner.account,
            partition=owner.partition,
            intent=Intent(trails=(trail_arn,) if trail_arn else (), key=key_arn),
            steps=steps,
            rollback=roll_back(steps),
            concerns=(*found, *(_notes(key_arn) if steps else ())),
            rests_on=(named_key(key_arn),) if steps else (),
            readers=tuple(_kept(after, since=len(statements(before)), trail_arn=trail_arn)) if steps else (),
        )
    )


def _kept(policy: str, *, since: int, trail_arn: str) -> Iterator[ReaderImpact]:
    for statement in statements(parse(policy))[since:]:
        principal = statement["Principal"]
        for reader in listed(principal if principal == "*" else principal["AWS"]):
            yield ReaderImpact(
                principal=reader,
                outlook=ReaderOutlook.KEEPS,
                before=Access.READ,
                after=Access.READ,
                trails=(trail_arn,) if trail_arn else (),
            )


def _notes(key_arn: str) -> Iterator[Concern]:
    for code in (Code.UNDO_CLOSES, Code.CONTEXT_UNDOCUMENTED, Code.OTHER_POLICIES):
        yield concern(code, key_arn)
