"""
What works here, tried with consent before the first object: the update, or that copies can be read back.

What a dry run showed is what is done. Where the update is refused, is not there or does not answer, copies
are made only when they were asked for: they cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.options import CoursePorts, ReencryptOptions, WantedMethod
from trailseal.history.reencrypt.probe import Probed, ProbeOutcome, probe_copy, probe_update
from trailseal.history.reencrypt.target import tell
from trailseal.history.rules.method import Target
from trailseal.history.rules.shut_out import COPY, UPDATE, shut_out
from trailseal.history.rules.summary import Verify
from trailseal.messages import Message, message

COPIES = "copies"
"""What `--accept` takes on: copies where the update does not work."""
_ACCEPTING, _NAMING = f"--accept {COPIES}", "--method copy"
"""How copies are asked for: an update that was named is left only by naming another method."""


def tried_target(
    asked: ReencryptOptions, wanted: Target, ports: CoursePorts, *, works_as: str, locks: bool
) -> Target:
    """
    Return what the objects should become, once it was tried what works here. A dry run tries nothing.

    `works_as` is the role that does the work, "" for the caller: the policies over it are asked, and the
    probe can only be the caller's. `locks` is whether the bucket has Object Lock.

    Raises:
        UsageProblem: the update does not work and copies were not asked for, or they could not be read back.
    """
    update = _wants_update(asked, wanted)
    if update and _is_shut_out(asked, wanted, ports, works_as=works_as):
        update, wanted = False, structs.replace(wanted, update_denied=True)
    if asked.dry_run:
        if update:
            tell(ports, message("UpdateObjectEncryption is to be probed by a real run, before anything else"))
        return structs.replace(wanted, update=update)
    if update or asked.verify is not Verify.NONE:
        _tell_of_trial(wanted, ports, works_as=works_as, locks=locks)
    if update and not ports.agree(_question_of_update(wanted)):
        _declined(asked)
    elif update and _update_works(asked, wanted, ports):
        return structs.replace(wanted, update=True)
    elif asked.verify is not Verify.NONE:
        _see_that_copies_can_be_read(wanted, ports, agreed=update)
    return structs.replace(wanted, update=False)


def _tell_of_trial(target: Target, ports: CoursePorts, *, works_as: str, locks: bool) -> None:
    """Tell what somebody should know of the trial before he agrees to it."""
    if works_as:
        tell(
            ports,
            message(
                "what is tried here is tried as the caller: what {role} may do, the job shows", role=works_as
            ),
        )
    if locks:
        tell(
            ports,
            message(
                "{bucket} has Object Lock: with a default retention, the object that is tried cannot be"
                " deleted before that ends",
                bucket=target.bucket,
            ),
        )


def _is_shut_out(asked: ReencryptOptions, target: Target, ports: CoursePorts, *, works_as: str) -> bool:
    """
    Return whether a policy denies the update to whoever does the work; then copies are shown, or asked for.

    Raises:
        UsageProblem: nothing else was asked for, or copies are denied as well.
    """
    walls = ports.facts.walls(target.bucket)
    walls = walls.over(works_as) if works_as and walls.caller else walls
    wall = shut_out(walls, ports.place, target, UPDATE)
    if wall is None:
        return False
    tell(
        ports,
        message(
            "{policy} denies {action} to {caller}, whatever IAM allows",
            policy=wall,
            action=UPDATE,
            caller=walls.caller,
        ),
    )
    if also := shut_out(walls, ports.place, target, COPY):
        raise UsageProblem(
            message("{policy} denies {action} too, so no way is left here", policy=also, action=COPY),
            message("let whoever those policies except run this"),
        )
    by = _ACCEPTING if asked.method is WantedMethod.AUTO else _NAMING
    left = message(
        "copies are the way that is left, with a new LastModified and ETag: --dry-run says what they cost,"
        " {option} makes them",
        option=by,
    )
    if asked.dry_run and asked.method is WantedMethod.AUTO:
        tell(ports, left)
    elif asked.method is WantedMethod.UPDATE or COPIES not in asked.accept:
        raise UsageProblem(message("UpdateObjectEncryption is denied here, so nothing was changed"), left)
    return True


def _wants_update(asked: ReencryptOptions, target: Target) -> bool:
    """
    Return whether the update is wanted.

    With a key of another account than the bucket's it is only when asked for by name, for AWS Support can
    allow it.
    """
    if asked.method is WantedMethod.AUTO:
        return target.key_in_bucket_account
    return asked.method is WantedMethod.UPDATE


def _question_of_update(target: Target) -> Message:
    return message(
        "May trailseal write, re-encrypt and delete one object of its own under .trailseal-probe/ in {bucket}"
        " to see whether UpdateObjectEncryption works there?",
        bucket=target.bucket,
    )


def _declined(asked: ReencryptOptions) -> None:
    """Go on to copies, which are shown and asked about, unless the update was named."""
    if asked.method is WantedMethod.UPDATE:
        raise UsageProblem(
            message("UpdateObjectEncryption is not used without the probe"), message("use --method copy")
        )


def _update_works(asked: ReencryptOptions, target: Target, ports: CoursePorts) -> bool:
    found = _probed(probe_update, target, ports)
    if found.works:
        tell(
            ports,
            message("the probe passed: UpdateObjectEncryption works and leaves content and metadata alone"),
        )
        return True
    tell(ports, message("UpdateObjectEncryption is not used: {what}"), found.why)
    if asked.method is WantedMethod.AUTO and COPIES in asked.accept:
        return False
    raise _no_update(found, by=_ACCEPTING if asked.method is WantedMethod.AUTO else _NAMING)


def _no_update(found: Probed, *, by: str) -> UsageProblem:
    """Return why nothing was begun, and what goes on from here."""
    match found.outcome:
        case ProbeOutcome.NOT_ALLOWED:
            return UsageProblem(
                message("AWS does not allow UpdateObjectEncryption here, so nothing was changed"),
                message(
                    "give the caller {action}; or have copies made, with a new LastModified and ETag, by"
                    " {option}",
                    action=found.action,
                    option=by,
                ),
            )
        case ProbeOutcome.NOT_SUPPORTED:
            what = message("UpdateObjectEncryption does not work here, so nothing was changed")
        case _:
            what = message("whether UpdateObjectEncryption works here is not known, so nothing was changed")
    return UsageProblem(
        what, message("have copies made, with a new LastModified and ETag, by {option}", option=by)
    )


def _see_that_copies_can_be_read(target: Target, ports: CoursePorts, *, agreed: bool) -> None:
    """
    Return when a copy of our own could be read back, or nobody wants it tried.

    Raises:
        UsageProblem: it could not.
    """
    question = message(
        "May trailseal write, copy and delete one object of its own under .trailseal-probe/ in {bucket} to"
        " see whether copies can be read back?",
        bucket=target.bucket,
    )
    if not agreed and not ports.agree(question):
        return
    found = _probed(probe_copy, target, ports)
    if found.works:
        tell(ports, message("the probe passed: a copy encrypted with the key can be read back"))
        return
    tell(ports, message("no copy can be read back: {what}"), found.why)
    raise _no_copy(found)


def _no_copy(found: Probed) -> UsageProblem:
    hint = message("--verify none makes copies that nobody reads back")
    if found.outcome is ProbeOutcome.NOT_ALLOWED:
        hint = message(
            "give the caller {action}; --verify none makes copies that nobody reads back", action=found.action
        )
    return UsageProblem(message("a copy cannot be made and read back here, so nothing was changed"), hint)


def _probed(probe: Callable[..., Probed], target: Target, ports: CoursePorts) -> Probed:
    with ports.objects() as objects:
        found = probe(objects, target, name=ports.probe_name)
    if found.left:
        tell(ports, message("the probe could not be deleted: {key}", key=found.left))
    return found
