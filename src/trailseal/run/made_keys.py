"""
Which key a plan made: found by its tag, taken only if everything fits, all others told and left alone.

KMS has no lock and CreateKey no token, so two machines, or a call whose answer was lost, can make two keys
of one plan. The alias decides, because KMS gives a name once: the key that it names is the plan's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from trailseal.errors import TrailsealError
from trailseal.messages import Message, message
from trailseal.model.arn import Arn
from trailseal.model.key import KeyState, KmsKey, UnreadKey
from trailseal.model.named_trails import not_told
from trailseal.model.unreadable import Unreadable
from trailseal.plan.drift import StepStanding, compare
from trailseal.plan.facts import NOT_THERE, Facts, fact_of, key_facts
from trailseal.plan.step import CreateAlias, CreateKey, ReplicateKey, named
from trailseal.run.control import NotYet
from trailseal.run.course import Run
from trailseal.run.events import Told

Key = KmsKey | UnreadKey
Making = CreateKey | ReplicateKey
GONE = frozenset({KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION})
ANCIENT = datetime.min.replace(tzinfo=UTC)


def made_key(run: Run, step: Making) -> Facts:
    """
    Return the key that `step` made, as it stands, which may differ from the step in any way.

    It is the one that the alias names, else the one that this run knows, else the oldest that fits. Where
    none fits, one that carries the tag comes back all the same: it may be the plan's own, changed since, and
    nothing goes on before somebody has looked. A replica is known by its primary's ID.

    Raises:
        NotYet: a key that this plan made is not shown by KMS.
    """
    key = _replica(run, step) if isinstance(step, ReplicateKey) else _original(run, step)
    return key_facts(key) if key is not None else NOT_THERE


def key_to_take_back(run: Run, step: Making) -> str:
    """
    Return the ARN of the key that `step` made, "" for none, however it stands now.

    To take a trail off a key it is enough to know it; a key that no trail names changes nothing.
    """
    own = {key.arn for key in run.control.tagged_keys(run.plan.tag, step.region)}
    known = run.keys.get(step.key, "")
    for arn in (*_of_trails(run, step), _of_alias(run, step)):
        if arn and arn in {*own, known}:
            return arn
    return known or min(own, default="")


def tell_unused(run: Run) -> None:
    """
    Tell of each key that is as the plan makes it and is not used, once the alias has decided.

    The steps are done by then, so that what cannot be looked at is told and stops nothing.
    """
    try:
        run.unused |= dict.fromkeys(_unused(run))
    except TrailsealError as problem:
        told = message(
            "whether another start of this plan made a key is not known: {what}", what=str(problem.what)
        )
        run.observe(Told(what=told, because=problem.what))
    for arn in run.unused:
        run.observe(Told(what=unused(arn)))


def _unused(run: Run) -> Iterator[str]:
    for step in run.plan.steps:
        if isinstance(step, CreateKey | ReplicateKey):
            for key in _kept(run, step):
                if key.arn != run.keys.get(step.key) and fits(run, step, key):
                    yield key.arn


def _original(run: Run, step: CreateKey) -> Key | None:
    alias, known = _of_alias(run, step), run.keys.get(step.key, "")
    if alias and alias != known:
        key = run.control.read_key(alias, step.region)
        if run.plan.tag and key_facts(key).get("Tag") == run.plan.tag:
            return key
    if known:
        key = run.control.read_key(known, step.region)
        if isinstance(key, UnreadKey) and key.is_missing:
            raise not_shown(known)
        return key
    return _by_tag(run, step)


def _by_tag(run: Run, step: CreateKey) -> Key | None:
    kept = sorted(_kept(run, step), key=_age)
    fitting = [key for key in kept if fits(run, step, key)]
    for key in kept:
        if key not in fitting:
            _tell(run, step, key)
    if len(fitting) > 1:
        trails = _of_trails(run, step)
        fitting.sort(key=lambda key: key.arn not in trails)
    return next(iter((*fitting, *kept)), None)


def _replica(run: Run, step: ReplicateKey) -> Key | None:
    """Return the replica: its primary's ID in the other Region, and no other key can be it."""
    primary = run.keys.get(step.primary, step.primary)
    arn = primary.replace(f":{Arn.parse(primary).region}:", f":{step.region}:", 1)
    key = run.control.read_key(arn, step.region)
    return None if isinstance(key, UnreadKey) and key.is_missing else key


def fits(run: Run, step: Making, key: Key) -> bool:
    """Whether a key is in every property what `step` makes."""
    made = compare(named(step, run.keys), key_facts(key), tag=run.plan.tag)
    return made.standing is StepStanding.DONE


def _kept(run: Run, step: Making) -> tuple[Key, ...]:
    """Return the keys with the plan's tag that are not pending deletion."""
    found = run.control.tagged_keys(run.plan.tag, step.region)
    return tuple(key for key in found if not (isinstance(key, KmsKey) and key.state in GONE))


def _age(key: Key) -> tuple[datetime, str]:
    created = key.created if isinstance(key, KmsKey) else None
    return (created or ANCIENT, key.arn)


def _of_alias(run: Run, step: Making) -> str:
    """Return the key that the plan's alias for this key names, "" for none."""
    names = (s.alias for s in run.plan.steps if isinstance(s, CreateAlias) and s.key == step.key)
    alias = next(names, "")
    return run.control.alias_target(alias, step.region) if alias else ""


def _of_trails(run: Run, step: Making) -> tuple[str, ...]:
    """
    Return the keys of the trails that the plan gives this key.

    Raises:
        Incomplete: a trail cannot be described.
    """
    turned = (s for s in run.plan.switches if s.after == step.key)
    return tuple(_key_of(run.control.trail_facts(s.trail_arn, s.home_region)) for s in turned)


def _key_of(trail: Facts) -> str:
    key = fact_of(trail, "KmsKeyId")
    if isinstance(key, Unreadable):
        raise not_told(key)
    return key


def not_shown(key: str) -> NotYet:
    """Return the error for a key that was made and that KMS does not show."""
    return NotYet(
        message("KMS does not show {key}, which this plan made", key=key),
        message("run the same command again; if the key was deleted, plan again"),
    )


def _tell(run: Run, step: Making, key: Key) -> None:
    """Tell once of a key that carries the tag and is not what the plan makes."""
    if key.arn not in run.others:
        run.others.add(key.arn)
        seen = compare(named(step, run.keys), key_facts(key), tag=run.plan.tag)
        names = [difference.name for difference in seen.differences] or [r.call for r in seen.unread]
        told = message(
            "{key} carries this plan's tag, is not what the plan makes ({names}), and is left alone",
            key=key.arn,
            names=tuple(names),
        )
        run.observe(Told(what=told))


def unused(arn: str) -> Message:
    """Return what is said of a key that this plan made and that nothing uses."""
    return message(
        "{key} was made by this plan too and is used for nothing: "
        "`aws kms schedule-key-deletion --key-id {key} --region {region}`",
        key=arn,
        region=Arn.parse(arn).region,
    )
