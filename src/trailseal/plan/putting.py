"""
Would KMS take this policy, from whoever puts it: asked before a step that puts one is offered.

KMS refuses a policy that names somebody who is not there, one that is too long, and one after which the
caller could not put another; and whom the policy that stands does not let change it, no IAM policy helps.
None of that passes by itself.
Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html and
https://repost.aws/knowledge-center/kms-policy-error-invalid-principals
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from trailseal.access.caller import CallerKind, caller_kind
from trailseal.access.lint.matching import account_root
from trailseal.access.lint.principals import is_deleted
from trailseal.access.lint.written import WrittenStatement, principals_in, statements_in
from trailseal.model.arn import account_of
from trailseal.model.principal import Inventory
from trailseal.model.snapshot import Snapshot
from trailseal.plan.author import Lockout, lockout_of
from trailseal.plan.concern import Concern, concern
from trailseal.plan.concern_facts import Code, Details
from trailseal.plan.document import as_sent, fits, labels, same
from trailseal.plan.names import word
from trailseal.plan.step import CreateKey, PutKeyPolicy, ReplicateKey, Step

MOST_NAMED = 5
"""So many principals are named in one concern."""


class PolicyPut(Struct, frozen=True, kw_only=True):
    """A policy about to be put on a key (its ARN, or `new:REGION`); before is "" for a key that is made."""

    key: str
    before: str
    after: str
    trails: tuple[str, ...] = ()
    """The ARNs of the trails that are kept out of the plan with it."""
    restricts: bool = False
    """Whether it shuts somebody out, so that what IAM denies the caller counts too."""


def put_concerns(put: PolicyPut, snapshot: Snapshot | None) -> Iterator[Concern]:
    """
    Yield what KMS would refuse, nothing for a policy that stands already.

    Without a snapshot only the text is looked at: nobody knows then who is there, and who the caller is.
    """
    if same(put.before, put.after):
        return
    found = tuple(text_concerns(put, snapshot))
    yield from found
    if not found and any(text_concerns(_back(put), snapshot)):
        yield concern(Code.UNDO_CANNOT_PUT, put.key, Details(key=put.key))
    if snapshot is not None:
        yield from _of_the_caller(put, snapshot)


def names_somebody_new(step: Step) -> bool:
    """Whether a step's policy names a principal that the key's policy did not name before."""
    match step:
        case PutKeyPolicy(before=before, after=after):
            return bool(set(principals_in(after)) - set(principals_in(before)))
        case CreateKey(policy=policy) | ReplicateKey(policy=policy):
            return any(
                kind == "AWS" and not account_root((kind, value)) for kind, value in principals_in(policy)
            )
        case _:
            return False


def text_concerns(put: PolicyPut, snapshot: Snapshot | None) -> Iterator[Concern]:
    """Yield what KMS would refuse of the text itself, whoever sends it."""
    if not put.after:
        return
    if not fits(as_sent(put.after)):
        yield concern(Code.KEY_POLICY_TOO_LONG, put.key, Details(key=put.key), trails=put.trails)
    there = _Known(snapshot)
    for statement in statements_in(put.after):
        if nobody := [value for kind, value in statement.principals if there.lacks(kind, value)]:
            named = tuple(word(value) or "?" for value in nobody[:MOST_NAMED])
            facts = Details(key=put.key, statements=_labels(statement, put.after), principals=named)
            yield concern(Code.KEY_POLICY_CANNOT_BE_PUT, put.key, facts, trails=put.trails)
    if again := _sids_again(put.after):
        facts = Details(key=put.key, statements=again)
        yield concern(Code.KEY_POLICY_CANNOT_BE_PUT, put.key, facts, trails=put.trails)


class _Known:
    """Who is there, as far as the accounts' inventories tell."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        inventories = [i for i in snapshot.inventories if isinstance(i, Inventory)] if snapshot else []
        self._accounts = {inventory.account for inventory in inventories}
        arns = {principal.arn for inventory in inventories for principal in inventory.principals}
        self._arns = arns
        self._roles = {(account_of(arn), arn.rpartition("/")[2]) for arn in arns if ":role/" in arn}

    def lacks(self, kind: str, value: str) -> bool:
        """Whether an entry certainly names nobody who is there."""
        if is_deleted(kind, value):
            return True
        if kind != "AWS" or account_of(value) not in self._accounts:
            return False
        match caller_kind(value):
            case CallerKind.SESSION:
                role = value.split(":", 5)[5].split("/")[1]
                return (account_of(value), role) not in self._roles
            case CallerKind.USER | CallerKind.ROLE:
                return value not in self._arns
            case _:
                return False


def _labels(statement: WrittenStatement, policy: str) -> tuple[str, ...]:
    return labels((statement.name,), policy) or (f"#{statement.position}",)


def _sids_again(policy: str) -> tuple[str, ...]:
    """Return the positions of statements whose Sid another one has too."""
    found = statements_in(policy)
    often = Counter(statement.sid for statement in found)
    return tuple(f"#{each.position}" for each in found if each.sid and often[each.sid] > 1)


def _back(put: PolicyPut) -> PolicyPut:
    return PolicyPut(key=put.key, before=put.after, after=put.before)


def _of_the_caller(put: PolicyPut, snapshot: Snapshot) -> Iterator[Concern]:
    """Yield what keeps the caller from putting the policy now, or from putting another one afterwards."""
    about = Details(key=put.key, reader=snapshot.caller_arn)
    if put.before and lockout_of(snapshot, put.key, put.before, by_iam=False) is Lockout.CERTAIN:
        yield concern(Code.CALLER_SHUT_OUT, put.key, about, trails=put.trails)
        return
    match lockout_of(snapshot, put.key, put.after, by_iam=put.restricts):
        case Lockout.CERTAIN:
            yield concern(Code.LOCKS_OUT, put.key, about, trails=put.trails)
        case Lockout.NOT_KNOWN if put.restricts:
            yield concern(Code.LOCK_OUT_OPEN, put.key, about)
        case _:
            return
