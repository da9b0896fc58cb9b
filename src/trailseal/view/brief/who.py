"""`who --brief`, with `--prove` and without."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.prove.proof import ProofVerdict
from trailseal.locale.language import say
from trailseal.messages import message
from trailseal.run.who import WhoAnswer
from trailseal.run.who_proof import ProofAnswer
from trailseal.view.brief.lines import line, unread
from trailseal.view.standing import headline
from trailseal.view.trail_names import trail_names

ALL = message("trails")


def who_brief(answer: WhoAnswer) -> Iterator[str]:
    """Yield who can read each trail's log files, in one sentence."""
    names = trail_names(trail.trail for trail in answer.trails)
    for trail in answer.trails:
        yield line(names[trail.trail], [say(headline(trail.standing))])
    yield from unread(say(ALL), answer.unread)


def proof_brief(answer: ProofAnswer) -> Iterator[str]:
    """Yield whether nobody else can read each trail's log files."""
    names = trail_names(trail.trail for trail in answer.trails)
    for trail in answer.trails:
        proof = trail.proof
        verdict = {
            ProofVerdict.PROVEN: message("PROVEN: nobody outside the list can read"),
            ProofVerdict.REFUTED: message("REFUTED: {principal} can read", principal=proof.principal),
            ProofVerdict.UNKNOWN: message("NOT KNOWN: {why}", why=say(proof.why)),
        }[proof.verdict]
        yield line(names[trail.trail], [say(verdict)])
    yield from unread(say(ALL), answer.unread)
