"""
The layers' answers put together: who needs what, by kind of caller and by whose account it is.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from msgspec.structs import replace

from trailseal.access.answers import Answers, for_the_caller
from trailseal.access.caller import Caller, CallerKind
from trailseal.access.cross_account import usable_from_elsewhere
from trailseal.access.decision import Decision, Effect, Reason
from trailseal.access.grants import RETIRE_GRANT
from trailseal.access.kleene import Kleene, both, either
from trailseal.access.layer import SILENT, LayerAnswer
from trailseal.access.match.statement import RequestFacts
from trailseal.access.unsigned import comes_unsigned
from trailseal.messages import message

TOLD_WHERE_UNKNOWN = frozenset({"unknown", "not decided", "allow", "delegates"})
OUTSIDE_IAM = {CallerKind.SERVICE, CallerKind.ANONYMOUS}
UNSIGNED = Reason(
    layer="request", outcome="missing", detail=message("AWS takes this request with a signature only")
)
CLOUDFRONT = "cloudfront"
"""What stands in the place of an account in the ARN of an origin access identity."""
TAKEN = LayerAnswer(allows=True, denies=False)
IF_UNSIGNED = message("(the service takes such a request unsigned)")
IF_SHARED = message("(the bucket's owner may hand this on to another account)")
IF_SIGNED_FOR_KMS = message("(CloudFront's origin access identity can use KMS)")
"""
CloudFront says of SSE-KMS that such an identity does not support it, or needs "extra workarounds" for it.

Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""
NOT_FROM_ELSEWHERE = Reason(
    layer="request",
    outcome="missing",
    detail=message("AWS lets no caller of another account do this, whatever the policies say"),
)
OTHER_PARTITION = Reason(
    layer="request", outcome="missing", detail=message("credentials work in their own partition of AWS only")
)
NO_LIMIT = {
    "boundary": message("(the permissions boundary does not limit the grant)"),
    "session": message("(the session policy does not limit the grant)"),
}
OF_ROOT = (("identity", LayerAnswer(allows=True, denies=False)),)
INFERRED = message("a grant lets in callers of other accounts by itself (inferred from AWS's pages)")


Way = tuple[tuple[str, LayerAnswer], ...]
"""One way to be granted something: the layers that have to allow it together, each with its answer."""


def combine(answers: Answers, caller: Caller, asked: RequestFacts, *, owner: str) -> Decision:
    """Return the decision: an explicit deny first, then a whole path of allows, else a denial."""
    answers = for_the_caller(answers, caller, asked, owner=owner)
    heard = _heard(answers, caller)
    denies = _denied(heard)
    if denies:
        return Decision(effect=Effect.EXPLICITLY_DENIED, reasons=_with(heard, "deny"))
    taken = _taken(caller, asked, owner)
    if taken.allows is False:
        return Decision(effect=Effect.IMPLICITLY_DENIED, reasons=taken.reasons)
    ways = _ways(answers, caller, asked, owner=owner)
    guards = _guards(answers, caller)
    if not taken.allows:
        guards = (*guards, ("request", taken))
    allows = both(_allows(guards), either(*[_allows(way) for way in ways]))
    if allows is False:
        return Decision(effect=Effect.IMPLICITLY_DENIED, reasons=_missing([guards, *ways], answers))
    if allows is None or denies is None:
        return _unknown(ways, guards, heard)
    return Decision(effect=Effect.ALLOWED, reasons=_granting(ways, guards))


def _denied(heard: tuple[LayerAnswer, ...]) -> Kleene:
    """Whether any of these layers denies."""
    denies: Kleene = False
    for answer in heard:
        if answer.denies:
            return True
        if answer.denies is None:
            denies = None
    return denies


def _allows(way: Way) -> Kleene:
    """Whether all layers of a way allow."""
    allows: Kleene = True
    for _, answer in way:
        if answer.allows is False:
            return False
        allows = allows and answer.allows
    return allows


def _taken(caller: Caller, asked: RequestFacts, owner: str) -> LayerAnswer:
    """Return whether a service takes such a request from this caller at all, whatever any policy says."""
    unsigned = caller.kind is not CallerKind.ANONYMOUS or comes_unsigned(asked.action, asked.resource)
    if unsigned is False:
        return _refused(UNSIGNED)
    if caller.account and asked.resource[:4] == "arn:" and asked.resource.split(":")[1] != caller.partition:
        return _refused(OTHER_PARTITION)
    shared = _is_shared(caller, asked.action, owner)
    if shared is False:
        return _refused(NOT_FROM_ELSEWHERE)
    by_cloudfront = caller.account == CLOUDFRONT and asked.action.lower().startswith("kms:")
    open_ones = (
        (unsigned is None, IF_UNSIGNED),
        (shared is None, IF_SHARED),
        (by_cloudfront, IF_SIGNED_FOR_KMS),
    )
    conditions = tuple(condition for is_open, condition in open_ones if is_open)
    return LayerAnswer(allows=None, denies=False, conditions=conditions) if conditions else TAKEN


def _refused(why: Reason) -> LayerAnswer:
    return LayerAnswer(allows=False, denies=False, reasons=(why,))


def _is_shared(caller: Caller, action: str, owner: str) -> Kleene:
    """
    Whether the caller is of the owner's account, or need not be.

    Services and anonymous callers are of none: what S3 keeps for the owner's account it keeps from them too.
    """
    is_free = caller.account == owner if caller.account else not action.lower().startswith("s3:")
    return is_free or usable_from_elsewhere(action)


def _ways(answers: Answers, caller: Caller, asked: RequestFacts, *, owner: str) -> list[Way]:
    resource = answers.resource
    if not caller.account.isdigit():
        # Nobody's IAM stands behind a service, an anonymous caller, or CloudFront's origin access identity.
        return [(("resource", resource.direct),), *_by_grant(answers)]
    own = _own(answers, caller)
    if asked.action.lower() == RETIRE_GRANT:
        own_grant = (("grant", answers.grant),)
        return [own_grant, *_through_another(answers), *_retiring(answers, caller, owner=owner)]
    if caller.account != owner:
        return [(*own, ("resource", _let_in(answers))), *_by_grant(_from_elsewhere(answers, caller))]
    limits = (("boundary", answers.boundary), ("session", answers.session))
    return [
        (("resource", resource.direct),),
        (("resource", resource.role), *limits),
        *_by_grant(answers),
        (("resource", resource.delegated), *own) if _needs_delegation(asked) else own,
    ]


def _retiring(answers: Answers, caller: Caller, *, owner: str) -> Iterable[Way]:
    """
    Yield the ways to retire a grant through an account: the key's own, and one that a grant names.

    Who may retire is told by the grant; a key policy alone lets nobody.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
    """
    own = _own(answers, caller)
    if caller.account == owner:
        resource = answers.resource
        yield ("resource", resource.direct if caller.kind is CallerKind.ROOT else resource.delegated), *own
    if answers.retiring_account is not SILENT:
        yield ("grant", answers.retiring_account), *own


def _by_grant(answers: Answers) -> list[Way]:
    """A grant that says nothing is not named as missing: nobody asks for one where a policy would do."""
    direct = [] if answers.grant is SILENT else [(("grant", answers.grant),)]
    return [*direct, *_through_another(answers)]


def _through_another(answers: Answers) -> list[Way]:
    """
    Return the way by a grant to a session's role, or to the user who made it.

    That a boundary or a session policy limits what such a grant gives, as it limits what a policy gives to a
    role, AWS does not say: where one does not allow the request, the answer is unknown. Of a grant to the
    very caller its rule on direct naming is taken, which neither limits.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """
    grant = answers.grant_through_another
    if grant is SILENT:
        return []
    limits = (("boundary", answers.boundary), ("session", answers.session))
    return [(("grant", grant), *((layer, _untold(layer, answer)) for layer, answer in limits))]


def _untold(layer: str, limit: LayerAnswer) -> LayerAnswer:
    """Return a limit's answer to a grant of which it is not known that it limits it."""
    if limit.allows is not False:
        return limit
    return replace(limit, allows=None, conditions=(*limit.conditions, NO_LIMIT[layer]))


def _from_elsewhere(answers: Answers, caller: Caller) -> Answers:
    """
    Return the answers with the grant told as what lets in a caller of another account by itself.

    AWS opens a foreign key to a service-linked role so, which can get no IAM permission for it; of others
    it says that they cannot use the key until IAM policies are attached "or use grants".
    Sources: https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
    and https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
    """
    if (answers.grant is SILENT and answers.grant_through_another is SILENT) or caller.is_service_linked:
        return answers
    return replace(
        answers,
        grant=_inferred(answers.grant),
        grant_through_another=_inferred(answers.grant_through_another),
    )


def _inferred(grant: LayerAnswer) -> LayerAnswer:
    if grant is SILENT:
        return grant
    told = tuple(replace(r, detail=INFERRED) if r.outcome == "allow" else r for r in grant.reasons)
    return replace(grant, reasons=told)


def _own(answers: Answers, caller: Caller) -> Way:
    """What the caller brings along. The root user needs no IAM policy in its own account."""
    if caller.kind is CallerKind.ROOT:
        return OF_ROOT
    return ("identity", answers.identity), ("boundary", answers.boundary), ("session", answers.session)


def _let_in(answers: Answers) -> LayerAnswer:
    """What the policy of the resource's owner says of a caller from elsewhere; it takes both sides."""
    heard = [answer for answer in answers.resource.answers if answer is not SILENT]
    if not heard:
        return SILENT
    return LayerAnswer(
        allows=either(*[answer.allows for answer in heard]),
        denies=False,
        reasons=tuple([r for answer in heard for r in answer.reasons if r.outcome != "deny"]),
        conditions=tuple([c for answer in heard for c in answer.conditions]),
    )


def _needs_delegation(asked: RequestFacts) -> bool:
    """
    A key and a role are used only by those whom their own policy lets in, IAM or not.

    Of a role that goes for sts:TagSession and sts:SetSourceIdentity too:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
    """
    action = asked.action.lower()
    if action.startswith("kms:"):
        return ":key/" in asked.resource
    return action.startswith("sts:") and ":role/" in asked.resource


def _guards(answers: Answers, caller: Caller) -> Way:
    """SCPs limit the principals of accounts, not services; RCPs and endpoints limit everybody."""
    guards = (("rcp", answers.rcp), ("vpc_endpoint", answers.vpc_endpoint))
    return guards if caller.kind in OUTSIDE_IAM else (("scp", answers.scp), *guards)


def _heard(answers: Answers, caller: Caller) -> tuple[LayerAnswer, ...]:
    """Every layer whose denies count for this caller."""
    resource = answers.resource
    limits = (answers.public_access_block, answers.rcp, answers.vpc_endpoint)
    common = (*limits, resource.direct, resource.role, resource.delegated)
    if caller.kind in OUTSIDE_IAM:
        return common
    if caller.kind is CallerKind.ROOT:
        return answers.scp, *common
    return answers.scp, answers.identity, answers.boundary, answers.session, *common


def _with(answers: Iterable[LayerAnswer], outcome: str) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys([r for a in answers for r in a.reasons if r.outcome == outcome]))


def _granting(ways: list[Way], guards: Way) -> tuple[Reason, ...]:
    whole = [*[way for way in ways if _allows(way)], guards]
    told = [r for way in whole for _, a in way for r in a.reasons if r.outcome in {"allow", "delegates"}]
    return tuple(dict.fromkeys(told))


def _missing(ways: list[Way], answers: Answers) -> tuple[Reason, ...]:
    """Name each layer that would have had to allow the request and did not."""
    lacking = dict.fromkeys([name for way in ways for name, answer in way if answer.allows is False])
    missing = _lacking(tuple(lacking))
    if not (delegated := answers.resource.delegated.reasons):
        return missing
    return (*[r for r in delegated if r.outcome == "delegates"], *missing)


@cache
def _lacking(layers: tuple[str, ...]) -> tuple[Reason, ...]:
    """There are few layers, so few sets of them."""
    return tuple([Reason(layer=layer, outcome="missing") for layer in layers])


def _unknown(ways: list[Way], guards: Way, heard: tuple[LayerAnswer, ...]) -> Decision:
    possible = [*[way for way in ways if _allows(way) is not False], guards]
    answers = [answer for way in possible for _, answer in way]
    open_ones = [*answers, *(answer for answer in heard if answer.denies is None)]
    reasons = [r for a in open_ones for r in a.reasons if r.outcome in TOLD_WHERE_UNKNOWN]
    conditions = [condition for a in open_ones for condition in a.conditions]
    return Decision(
        effect=Effect.UNKNOWN,
        reasons=tuple(dict.fromkeys(reasons)),
        conditions=tuple(dict.fromkeys(conditions)),
    )
