"""
S3 Block Public Access over a request: RestrictPublicBuckets shuts a public policy to other accounts.

Only AWS services and the bucket owner's account are left, also where a statement that is not public
lets an account in. The other settings judge ACLs and the putting of policies, not a request.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterable

from trailseal.access.caller import Caller, CallerKind
from trailseal.access.decision import Reason
from trailseal.access.layer import SILENT, LayerAnswer, documents
from trailseal.access.match.statement import RequestFacts
from trailseal.access.parse.statement import Statement
from trailseal.access.public import Publicness, publicness
from trailseal.access.request import Policies, PublicAccess
from trailseal.messages import Message, message
from trailseal.model.arn import Arn, is_arn

LAYER = "public_access_block"
SETTING = "RestrictPublicBuckets"


def public_access_block(
    policies: Policies, caller: Caller, asked: RequestFacts, *, owner: str
) -> LayerAnswer:
    """
    Return the layer's answer: a deny, or silence. It is unknown where the policy may be public.

    Where S3's own policy status contradicts the documented rule, neither is believed.
    """
    given = policies.public_access_block
    if given is None or given.restrict_public_buckets is False or policies.resource is None:
        return SILENT
    if not asked.action.lower().startswith("s3:") or not is_arn(asked.resource):
        return SILENT
    resource = Arn.parse(asked.resource)
    if resource.service != "s3" or _is_let_through(caller, owner):
        return SILENT
    [(name, policy)] = documents("resource", (policies.resource,), asked)
    of_access_point = resource.account != "" and resource.resource_type == "accesspoint"
    return _weighed(given, publicness(policy, of_access_point=of_access_point), name)


def _is_let_through(caller: Caller, owner: str) -> bool:
    if caller.kind is CallerKind.ANONYMOUS:
        return False
    return caller.kind is CallerKind.SERVICE or caller.account == owner


def _weighed(given: PublicAccess, found: Publicness, name: str) -> LayerAnswer:
    if given.is_public is not None and found.is_public is (not given.is_public):
        return _unknown((Reason(layer=LAYER, outcome="unknown", policy=name, detail=_contradiction(found)),))
    if found.is_public is False:
        return SILENT
    if given.restrict_public_buckets is None:
        unread = message("{setting} could not be read", setting=SETTING)
        return _unknown(_reasons((*found.sure, *found.untold), "unknown", name, unread))
    if found.is_public or given.is_public:
        deciding = found.sure or found.untold
        return LayerAnswer(allows=False, denies=True, reasons=_reasons(deciding, "deny", name, SETTING))
    untold = message("AWS does not say whether the statement is public")
    return _unknown(_reasons(found.untold, "unknown", name, untold))


def _contradiction(found: Publicness) -> Message:
    if found.is_public:
        return message("S3's policy status says that the policy is not public; by S3's documented rule it is")
    return message("S3's policy status says that the policy is public; by S3's documented rule it is not")


def _reasons(
    statements: Iterable[Statement], outcome: str, policy: str, detail: Message | str
) -> tuple[Reason, ...]:
    return tuple(
        Reason(layer=LAYER, outcome=outcome, policy=policy, statement=s.label, detail=detail)
        for s in statements
    )


def _unknown(reasons: tuple[Reason, ...]) -> LayerAnswer:
    wanted = message("S3 Block Public Access does not apply: the policy is not public")
    return LayerAnswer(allows=False, denies=None, reasons=reasons, conditions=(wanted,))
