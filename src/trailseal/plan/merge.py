"""
Merging what CloudTrail needs into a key's policy: statements are added, none is edited or removed.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.access.decision import Decision, Effect
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.model.arn import Arn
from trailseal.plan.document import Document, Statement, parse, statements, write
from trailseal.plan.key_policy import CONTEXT, KeyUse, needed_statements

ASKED = ("kms:GenerateDataKey", "kms:DescribeKey", "kms:Decrypt")
"""The actions behind `needed_statements`, in the same order."""


class Merged(Struct, frozen=True, kw_only=True):
    """The policy that results, and the statements that keep CloudTrail out whatever is added."""

    policy: str
    denied_by: tuple[str, ...] = ()


def merge(policy: str, *, key_arn: str, use: KeyUse) -> Merged:
    """
    Return `policy` with what these trails lack added at its end.

    The text comes back unchanged where nothing is lacking. An answer that the engine cannot give
    counts as lacking: a statement too many is harmless, one too few stops the logs.

    Raises:
        ValueError: `policy` is no policy document.
    """
    document = parse(policy)
    added: list[Statement] = []
    denied: dict[str, None] = {}
    for action, position in zip(ASKED, range(len(needed_statements(use))), strict=False):
        answers = {arn: _ask(policy, action=action, key_arn=key_arn, trail_arn=arn) for arn in use.trail_arns}
        for answer in answers.values():
            denied.update(dict.fromkeys(_denials(answer)))
        lacking = tuple(arn for arn, answer in answers.items() if not answer.is_allowed)
        if lacking:
            added.append(needed_statements(_narrowed(use, lacking))[position])
    return Merged(policy=add(policy, document, tuple(added)), denied_by=tuple(denied))


def add(policy: str, document: Document, new: tuple[Statement, ...]) -> str:
    """Return the policy with `new` at its end, each under a Sid that nothing else has."""
    if not new:
        return policy
    kept = statements(document)
    taken = {str(statement.get("Sid", "")) for statement in kept}
    named: list[Statement] = []
    for statement in new:
        sid = _free(str(statement["Sid"]), taken)
        taken.add(sid)
        named.append({**statement, "Sid": sid})
    return write({**document, "Statement": [*kept, *named]})


def _free(sid: str, taken: set[str]) -> str:
    number, candidate = 2, sid
    while candidate in taken:
        candidate, number = f"{sid}{number}", number + 1
    return candidate


def _narrowed(use: KeyUse, trail_arns: tuple[str, ...]) -> KeyUse:
    return KeyUse(
        account=use.account, partition=use.partition, trail_arns=trail_arns, bucket_key=use.bucket_key
    )


def _ask(policy: str, *, action: str, key_arn: str, trail_arn: str) -> Decision:
    request = Request(
        principal=CLOUDTRAIL,
        action=action,
        resource=key_arn,
        resource_account=Arn.parse(key_arn).account,
        context={
            "aws:SourceArn": (trail_arn,),
            "aws:SourceAccount": (Arn.parse(trail_arn).account,),
            CONTEXT: (trail_arn,),
        },
    )
    return authorize(request, Policies(resource=policy), stored=True)


def _denials(answer: Decision) -> tuple[str, ...]:
    if answer.effect is not Effect.EXPLICITLY_DENIED:
        return ()
    return tuple(reason.statement for reason in answer.reasons if reason.outcome == "deny")
