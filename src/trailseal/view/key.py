"""A key as text."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from trailseal.access.service_name import CLOUDTRAIL
from trailseal.locale.aws_words import AWS_WORDS
from trailseal.locale.language import aside, aws_word, say, translate
from trailseal.messages import N_, Message, message
from trailseal.model.key import Grant, KeyLastUse, KeyMaterial, KeyState, KmsKey, Rotation
from trailseal.model.unreadable import Unreadable
from trailseal.plan.key_kinds import to_new_material
from trailseal.run.key import KeyShown
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.words import clauses, listed, when

MANAGERS = {"CUSTOMER": N_("the customer (customer managed key)"), "AWS": N_("AWS (AWS managed key)")}


def print_key(shown: KeyShown, console: Terminal) -> None:
    """Write the key's state, names, rotation and material."""
    key = shown.key
    console.print(Text(key.arn, "bold"))
    rows = ((Text(translate(name), "dim"), value) for name, value in (*_rows(key), *_of_its_use(shown)))
    print_rows(rows, console, indent=2)
    for warning in shown.warnings:
        console.prose(Text(f"  {say(warning)}", "yellow"))
    console.print()
    for each in shown.done:
        console.prose(Text(say(each), "green"))
    console.prose(Text(say(_last(shown)), "bold"))


def _last(shown: KeyShown) -> Message:
    """Return what matters most: a key that cannot be used, else whom its policy lets in."""
    key = shown.key
    if not key.state.is_usable:
        return message(
            "Nothing can be encrypted or decrypted with it while it is {state}. What to do: {command}",
            state=aws_word(key.state.value),
            command="trailseal check",
        )
    command = f"trailseal policy show {key.arn}"
    return message("Whom its policy lets in, statement by statement: {command}", command=command)


def _rows(key: KmsKey) -> Iterator[tuple[str, str]]:
    yield N_("state"), state_told(key)
    if key.state is KeyState.PENDING_DELETION and key.deletion_date:
        yield N_("deletion"), when(key.deletion_date)
    yield N_("aliases"), _listed(key.aliases)
    yield N_("spec"), listed((key.key_spec, aws_word(key.key_usage)))
    yield (
        N_("managed by"),
        translate(MANAGERS[key.key_manager]) if key.key_manager in MANAGERS else key.key_manager,
    )
    yield N_("multi-Region"), _several(key)
    yield N_("origin"), _origin(key)
    yield N_("rotation"), rotation_told(key)
    if isinstance(key.rotation, Rotation):
        yield from _past(key.rotation)
    yield from _grants(key.grants)
    if isinstance(key.tags, Unreadable):
        yield N_("tags"), _not_read(key.tags)


def state_told(key: KmsKey) -> str:
    """Return AWS's word for the state of a key, and whether the key can be used."""
    style = translate(N_("usable")) if key.state.is_usable else translate(N_("NOT usable"))
    word = key.state.value
    meant = translate(AWS_WORDS.get(word, word))
    return word + aside(clauses(dict.fromkeys(each for each in (meant, style) if each != word)))


def _of_its_use(shown: KeyShown) -> Iterator[tuple[str, str | Text]]:
    """Yield the materials of the user's own, what the policy means, and what the key was last used for."""
    if isinstance(shown.materials, Unreadable):
        yield N_("material"), _not_read(shown.materials)
    else:
        yield from ((N_("material"), _material(each)) for each in shown.materials)
    if isinstance(shown.key.policies, Unreadable):
        yield N_("policy"), _not_read(shown.key.policies)
    elif shown.policy_sense:
        yield N_("policy"), clauses(say(each) for each in shown.policy_sense)
    yield N_("last used"), _used(shown.last_use)


def _material(material: KeyMaterial) -> str:
    parts = [material.material_id, aws_word(material.state), aws_word(material.import_state)]
    if material.rotated:
        parts.append(say(message("rotated {when}", when=when(material.rotated))))
    if material.valid_to:
        parts.append(say(message("expires {when}", when=when(material.valid_to))))
    return " ".join(part for part in parts if part)


def _used(use: KeyLastUse | Unreadable | None) -> str:
    match use:
        case None:
            return translate(N_("not asked: only the key's own account may, with a botocore that can"))
        case Unreadable():
            return _not_read(use)
        case KeyLastUse(operation=""):
            return _never(use)
        case KeyLastUse(user=Unreadable() as reason):
            return clauses((_what(use), _not_read(reason), *_proves_nothing(use)))
        case _:
            return f"{_what(use)} {_by(use)}"


def _what(use: KeyLastUse) -> str:
    return f"{use.operation} {when(use.at)}"


def _by(use: KeyLastUse) -> str:
    """Return who it was, and what that does not prove."""
    unknown = translate(N_("(CloudTrail's Event history does not show by whom)"))
    by = say(message("by {user}", user=str(use.user))) if use.user else unknown
    return clauses((by, *_proves_nothing(use)))


def _proves_nothing(use: KeyLastUse) -> Iterator[str]:
    """Yield that the data key which CloudTrail makes at UpdateTrail looks like one for a delivery."""
    may_be_its = isinstance(use.user, Unreadable) or use.user in {"", CLOUDTRAIL}
    if may_be_its and use.operation.startswith("GenerateDataKey"):
        yield translate(N_("the test of UpdateTrail counts too: this proves no delivery"))


def _never(use: KeyLastUse) -> str:
    """Return that KMS knows of no use: none at all only where it has watched the key from its start."""
    if use.created and use.tracked_since and use.created >= use.tracked_since:
        return translate(N_("never"))
    return say(message("not since {when}; before that KMS kept nothing", when=when(use.tracked_since)))


def _grants(grants: tuple[Grant, ...] | Unreadable) -> Iterator[tuple[str, str]]:
    if isinstance(grants, Unreadable):
        yield N_("grants"), _not_read(grants)
        return
    yield N_("grants"), str(len(grants))
    for grant in grants:
        yield N_("grant"), _grant(grant)


def _grant(grant: Grant) -> str:
    """Return whom a grant lets do what, within which limits, and who can end it."""
    equals = [] if grant.encryption_context_equals is None else ["EncryptionContextEquals"]
    subset = ["EncryptionContextSubset"] if grant.encryption_context_subset else []
    limits = [*equals, *subset, *([f"SourceArn {grant.source_arn}"] if grant.source_arn else [])]
    parts = [
        grant.grantee_principal or grant.grantee_service_principal or "?",
        listed(grant.operations),
        *limits,
    ]
    if ended_by := grant.retiring_principal or grant.retiring_service_principal:
        parts.append(say(message("retired by {principal}", principal=ended_by)))
    return clauses([*parts, *([grant.name] if grant.name else []), grant.grant_id])


def _several(key: KmsKey) -> str:
    if not key.multi_region:
        return translate(N_("no"))
    if key.is_replica:
        return say(message("replica of {primary}", primary=key.primary_key or "?"))
    others = listed(each for each in key.replica_keys if each != key.arn)
    return say(message("primary; replicas: {replicas}", replicas=others or "-"))


def _past(rotation: Rotation) -> Iterator[tuple[str, str]]:
    if isinstance(rotation.past, Unreadable):
        yield N_("rotated"), _not_read(rotation.past)
        return
    for at, kind in rotation.past:
        yield N_("rotated"), f"{when(at)} {aws_word(kind)}"


def _not_read(reason: Unreadable) -> str:
    return say(message("not read: {call} {code}", call=reason.call, code=reason.code))


def _origin(key: KmsKey) -> str:
    if key.origin != "EXTERNAL":
        return aws_word(key.origin)
    ends = when(key.valid_to, none=translate(N_("never")))
    return say(message("EXTERNAL (your own key material), expires {when}", when=ends))


def rotation_told(key: KmsKey) -> str:
    """Return when a key rotates by itself, or why it does not."""
    match key.rotation:
        case Unreadable():
            return _not_read(key.rotation)
        case Rotation(enabled=True, period_in_days=days, next_rotation=following):
            return say(message("every {days} days, next {when}", days=days or 365, when=when(following)))
        case Rotation():
            return translate(N_("no rotation"))
        case None:
            return _none(key)


def _none(key: KmsKey) -> str:
    """Return why there is no rotation by itself: by spec, usage, origin."""
    if key.key_manager != "CUSTOMER":
        return translate(N_("each year, by AWS"))
    if not key.is_symmetric:
        return say(message("none: {spec} for {usage}", spec=key.key_spec, usage=key.key_usage))
    if key.origin == "EXTERNAL":
        return say(message("on demand; {how}", how=say(to_new_material(key))))
    return say(message("none: the material lies in a custom key store ({origin})", origin=key.origin))


def _listed(names: tuple[str, ...] | Unreadable) -> str:
    if isinstance(names, Unreadable):
        return _not_read(names)
    return listed(names) or "-"
