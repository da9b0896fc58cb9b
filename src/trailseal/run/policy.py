"""Showing, linting and comparing policies, from files or from keys."""

from __future__ import annotations

from typing import Literal, Protocol

from msgspec import Struct

from trailseal.access.lint.console import Recognised, recognise
from trailseal.access.lint.difference import Change, StatementChange, VersionChange, compare, compare_versions
from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.plain import PlainStatement, tell
from trailseal.access.lint.rules import lint
from trailseal.access.lint.written import WrittenPolicy, read_written
from trailseal.access.parse.kind import PolicyKind
from trailseal.errors import ExitCode, UsageProblem
from trailseal.messages import message
from trailseal.model.arn import Arn, is_arn
from trailseal.model.given import is_key, key
from trailseal.run.documents import policy_in
from trailseal.run.user_file import is_there


class KeyPolicyReader(Protocol):
    """Reads the policy of a key."""

    def key_policy(self, key_id: str) -> str:
        """
        Return the `default` key policy of a key ARN, key ID or alias as JSON text.

        Raises:
            TrailsealError: there is no such key, or it may not be read.
        """
        ...


class PolicyShown(Struct, frozen=True, kw_only=True):
    """A policy told; `console` is set when it started as the CloudTrail console's."""

    format: Literal[1] = 1
    source: str
    console: Recognised | None
    statements: tuple[PlainStatement, ...]


class PolicyLinted(Struct, frozen=True, kw_only=True):
    """What is wrong with a policy."""

    format: Literal[1] = 1
    source: str
    console: Recognised | None
    findings: tuple[LintFinding, ...]

    @property
    def exit_code(self) -> ExitCode:
        """3 for errors and warnings; a note alone is no reason to fail."""
        return (
            ExitCode.FINDINGS
            if any(f.severity is not LintSeverity.NOTE for f in self.findings)
            else ExitCode.CLEAN
        )


class PolicyCompared(Struct, frozen=True, kw_only=True):
    """What changed from the first to the second."""

    format: Literal[1] = 1
    before: str
    after: str
    changes: tuple[StatementChange, ...]
    version: VersionChange | None = None

    @property
    def exit_code(self) -> ExitCode:
        """3 when anything changed."""
        return (
            ExitCode.FINDINGS
            if self.version or any(c.change is not Change.SAME for c in self.changes)
            else ExitCode.CLEAN
        )


def load(source: str, keys: KeyPolicyReader) -> str:
    """
    Return the policy text of a file, or else of the key that `source` names.

    Raises:
        UsageProblem: the file cannot be read, or is not JSON.
        TrailsealError: the key cannot be read.
    """
    if _is_key(source):
        return keys.key_policy(key(source))
    return policy_in(source, lenient=True)


def _is_key(source: str) -> bool:
    return (source.startswith(("arn:", "alias/")) or is_key(source)) and not is_there(source)


def _stored_as(source: str) -> PolicyKind | None:
    """Return the kind of a policy that AWS holds; a file may hold any and is only a draft."""
    return PolicyKind.KEY if _is_key(source) else None


def _owner(source: str) -> str:
    """Return the account of a key that is given by its ARN, "" for every other source."""
    return Arn.parse(source).account if is_arn(source) else ""


def show(source: str, keys: KeyPolicyReader) -> PolicyShown:
    """
    Return the policy of a file or key in plain words.

    Raises:
        TrailsealError: it cannot be read, or is no policy.
    """
    policy = read_written(load(source, keys), name=source)
    return PolicyShown(
        source=source,
        console=recognise(policy),
        statements=tell(policy, owner=_owner(source), stored_as=_stored_as(source)),
    )


def check(source: str, keys: KeyPolicyReader) -> PolicyLinted:
    """
    Return what is wrong with the policy of a file or key.

    Raises:
        TrailsealError: it cannot be read, or is no policy.
    """
    policy = read_written(load(source, keys), name=source)
    return PolicyLinted(
        source=source,
        console=recognise(policy),
        findings=lint(policy, owner=_owner(source), kind=_stored_as(source)),
    )


def _unambiguous(policy: WrittenPolicy, source: str) -> WrittenPolicy:
    """Return the policy if it says one thing only: which of two equal names counts is not told."""
    if policy.twice:
        raise UsageProblem(
            message(
                "`{name}` has `{place}` twice, so it says two things", name=source, place=policy.twice[0]
            ),
            message("trailseal policy lint {name}", name=source),
        )
    return policy


def difference(before: str, after: str, keys: KeyPolicyReader) -> PolicyCompared:
    """
    Return what changed between the policies of two files or keys.

    Raises:
        TrailsealError: one cannot be read, or is no policy.
    """
    old, new = (
        _unambiguous(read_written(load(source, keys), name=source), source) for source in (before, after)
    )
    return PolicyCompared(
        before=before, after=after, changes=compare(old, new), version=compare_versions(old, new)
    )
