"""What a state means, in one line, and the lines under it that say why and count."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.readers.scope import KeyStanding, Openness
from trailseal.locale.language import aws_word
from trailseal.messages import Message, counted, message
from trailseal.view.reading import classes_told, statement_name
from trailseal.view.words import listed


def headline(standing: KeyStanding) -> Message:
    """Return what the state means, in one line. A number is of the principals that were read."""
    counts: dict[str, str | int] = {"readers": standing.readers, "all": standing.principals}
    if standing.unusable:
        return message("nobody can decrypt while the key is {state}", state=aws_word(standing.unusable))
    if standing.everybody and standing.scope not in {Openness.WORLD, Openness.NOT_KNOWN}:
        return counted(
            "the one principal of the account that was read can read",
            "all {count} principals of the account that were read can read",
            standing.principals,
        )
    if not standing.principals and standing.scope not in {Openness.WORLD, Openness.NOT_KNOWN}:
        return message("not known: the account's principals were not read")
    lines = {
        Openness.NOT_KNOWN: _not_known(standing),
        Openness.WORLD: message("every AWS account can decrypt"),
        Openness.NO_KEY: message(
            "no key guards the log files: S3 alone decides, {readers} of {all} can read", **counts
        ),
        Openness.ACCOUNT: message(
            "every principal of the account can decrypt: S3 alone decides, {readers} of {all} can read",
            **counts,
        ),
        Openness.KINDS: message(
            "some kinds of principals of the account can decrypt ({kinds}): {readers} of {all} can read",
            kinds=classes_told(standing.kinds),
            **counts,
        ),
        Openness.CONDITIONAL: message(
            "who can decrypt could not be decided: {readers} of {all} can read", **counts
        ),
        Openness.IAM: message("IAM policies decide who decrypts: {readers} of {all} can read", **counts),
        Openness.NAMED: message(
            "only principals that are named can decrypt: {readers} of {all} can read", **counts
        ),
    }
    return lines[standing.scope]


def _not_known(standing: KeyStanding) -> Message:
    if standing.too_many:
        return message("not known: the key policy distinguishes too many kinds of callers")
    return message("not known: the key policy could not be read")


def causes(standing: KeyStanding) -> Iterator[Message]:
    """Yield the statements behind it, and who is beside those that the headline counts."""
    if standing.causes:
        names = listed(map(statement_name, standing.causes))
        yield message("because of {names} in the key policy", names=names)
    if standing.delegates:
        names = listed(map(statement_name, standing.delegates))
        yield message("and {names} lets the account's IAM policies decide besides", names=names)
    if standing.unknown:
        yield counted(
            "{count} of these {all} could not be decided",
            "{count} of these {all} could not be decided",
            standing.unknown,
            all=standing.principals,
        )
    if standing.sessions:
        yield counted(
            "not counted: {count} session that a policy names and that can read",
            "not counted: {count} sessions that a policy names and that can read",
            standing.sessions,
        )
    if standing.elsewhere:
        yield counted(
            "not counted: {count} principal of another account that can read",
            "not counted: {count} principals of other accounts that can read",
            standing.elsewhere,
        )
