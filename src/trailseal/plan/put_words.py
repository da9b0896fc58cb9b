"""What KMS would refuse of a policy, in words: for a plan that is shown, and for one that is carried out."""

from __future__ import annotations

from trailseal.messages import N_, Message
from trailseal.plan.concern import Concern
from trailseal.plan.concern_facts import Code

NOBODY_THERE = N_(
    "KMS would refuse the policy of {key}: {statements} names {principals}, and no such user or role is there"
)
EQUAL_SIDS = N_("{statements} in the policy of {key} have one Sid, and AWS says that each needs its own")
PUT_WORDS = {
    Code.KEY_POLICY_TOO_LONG: N_("the policy of {key} would be longer than the 32 KB that KMS takes"),
    Code.KEY_POLICY_CANNOT_BE_PUT: NOBODY_THERE,
    Code.UNDO_CANNOT_PUT: N_(
        "KMS would refuse the policy of {key} as it is now, so an undo cannot restore it"
    ),
    Code.CALLER_SHUT_OUT: N_(
        "{caller} may not change the policy of {key}, and no IAM policy of its own can help that"
    ),
    Code.LOCKS_OUT: N_("{caller} could not change the policy of {key} any more"),
    Code.LOCK_OUT_OPEN: N_(
        "whether {caller} could change the policy of {key} afterwards could not be decided"
    ),
}


def template_of(concern: Concern) -> str:
    """Return the sentence on what KMS would refuse, "" for any other concern."""
    if concern.code is Code.KEY_POLICY_CANNOT_BE_PUT and not concern.facts.principals:
        return EQUAL_SIDS
    return PUT_WORDS.get(concern.code, "")


def why_refused(concern: Concern) -> Message:
    """Return the sentence on what KMS would refuse, with its facts."""
    facts = concern.facts
    return Message(
        template_of(concern),
        {
            "key": facts.key,
            "caller": facts.reader,
            "statements": facts.statements,
            "principals": facts.principals,
        },
    )
