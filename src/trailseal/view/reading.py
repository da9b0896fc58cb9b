"""How one reader's access is worded: its name, and why S3 and KMS let it or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from rich.text import Text

from trailseal.access.decision import Decision, Effect, Reason
from trailseal.access.readers.naming import NOT_DECIDED
from trailseal.access.readers.reading import Access, NamedSession, Reading
from trailseal.access.readers.subject import Knowledge
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.locale.language import aside, say, translate
from trailseal.messages import N_, Words, message
from trailseal.view.terminal import Terminal
from trailseal.view.words import SHOWN, clauses, listed

MAX_REASONS = 3
MAX_CLASSES = 3
NAMED_LAYERS = frozenset({"boundary", "scp", "rcp"})
WORDS: dict[str, str] = {
    Access.READ: N_("can read"),
    Access.UNKNOWN: N_("unknown"),
    Access.DECRYPT_ONLY: N_("can decrypt, cannot fetch"),
    Access.FETCH_ONLY: N_("can fetch, cannot decrypt"),
    Access.NONE: N_("cannot read"),
    Effect.ALLOWED: N_("allowed"),
    Effect.IMPLICITLY_DENIED: N_("denied"),
    Effect.EXPLICITLY_DENIED: N_("denied explicitly"),
    Effect.UNKNOWN: N_("unknown"),
    Effect.INVALID: N_("unknown: a policy is invalid"),
}
LAYERS = {
    "identity": N_("IAM policies"),
    "boundary": N_("the permissions boundary"),
    "session": N_("the session policy"),
    "scp": N_("a service control policy"),
    "rcp": N_("a resource control policy"),
    "resource": N_("the policy on the resource"),
    "vpc_endpoint": N_("the policy of a VPC endpoint"),
    "grant": N_("a grant"),
}
THE_KEY_POLICY, THE_BUCKET_POLICY = N_("the key policy"), N_("the bucket policy")
"""What the policy on the resource is, for decrypting and for fetching."""


class PrincipalNames(Struct, frozen=True, kw_only=True):
    """How principals are called: shortly, and with their accounts where there are several."""

    several: bool = False

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> PrincipalNames:
        """Return the names for these rows."""
        accounts = {r.account for r in readings if r.knowledge is Knowledge.READ and r.account}
        return cls(several=len(accounts) > 1)

    def short(self, arn: str) -> str:
        """Return a principal's name without what is the same for all."""
        head, _, name = arn.rpartition(":")
        return f"{head.rpartition(':')[2]} {name}" if self.several and head else name

    def reader(self, reading: Reading) -> str:
        """Return who it is, as short as can be understood."""
        many = name_of_many(reading.kind, reading.principal, reading.account)
        if many is not None:
            return many
        if reading.kind is SubjectKind.SERVICE:
            return say(message("service {name}", name=reading.principal))
        name = self.short(reading.principal)
        if reading.knowledge is Knowledge.MISSING:
            return say(message("{name} (no such principal now)", name=name))
        return name if reading.knowledge is Knowledge.READ else reading.principal


def name_of_many(kind: SubjectKind, principal: str, account: str) -> str | None:
    """Return how somebody is called who stands for many, None for anybody else."""
    match kind:
        case SubjectKind.ANYBODY:
            return translate(N_("any other AWS account"))
        case SubjectKind.CANONICAL:
            return say(message("the account of canonical user {id}", id=principal))
        case SubjectKind.ANONYMOUS:
            return translate(N_("anybody, unsigned"))
        case SubjectKind.ACCOUNT:
            return say(message("account {account}", account=account))
        case _:
            return None


def print_rest(number: int, console: Terminal) -> None:
    """Write how many of a list are not shown."""
    if number > SHOWN:
        text = message("and {number} more: --format json lists all", number=number - SHOWN)
        console.prose(Text("  " + say(text), "dim"))


def reader_reasons(reading: Reading) -> str:
    """Return as whom, of those who stand for many, and why; S3 first."""
    parts = [say(message("as {callers}", callers=classes_told(reading.classes)))] if reading.classes else []
    parts += [_session(each) for each in reading.sessions[:MAX_CLASSES]]
    parts.append(f"s3 {_short(reading.fetch, THE_BUCKET_POLICY)}")
    if reading.decrypt is not None:
        parts.append(f"kms {_short(reading.decrypt, THE_KEY_POLICY)}")
    if reading.access is Access.UNKNOWN and reading.conditions:
        parts.append(
            say(message("if {conditions}", conditions=clauses(map(say, reading.conditions[:MAX_REASONS]))))
        )
    return " · ".join(parts)


def _session(session: NamedSession) -> str:
    access = translate(WORDS[session.access])
    name = session.principal.rpartition("/")[2]
    return say(message("but its session {name}: {access}", name=name, access=access))


def classes_told(classes: Sequence[Words]) -> str:
    """Return classes of callers in one line, the first few by name."""
    shown = listed(map(say, classes[:MAX_CLASSES]))
    more = len(classes) - MAX_CLASSES
    return say(message("{shown} and {more} more", shown=shown, more=more)) if more > 0 else shown


def statement_name(name: str) -> str:
    """Return how a statement is called: its Sid as it stands, without one its number."""
    number = name.removeprefix("#")
    return say(message("statement {number}", number=number)) if name.startswith("#") else f"`{name}`"


def _short(decision: Decision, resource: str) -> str:
    """Return what is decided and by what; `resource` is what the policy on the resource is."""
    word = translate(WORDS[decision.effect])
    if decision.effect is Effect.IMPLICITLY_DENIED:
        return word + aside(_lacking(decision, resource))
    told = dict.fromkeys(text for reason in decision.reasons if (text := _reason(reason, resource)))
    shown = listed(list(told)[:MAX_REASONS])
    return word + aside(shown) if shown else word


def _lacking(decision: Decision, resource: str) -> str:
    if detail := next((r.detail for r in decision.reasons if r.detail), ""):
        return say(detail)
    layers = [r.layer for r in decision.reasons if r.outcome == "missing"]
    if "resource" in layers:
        layers = [layer for layer in layers if layer != "grant"]
    words = LAYERS | {"resource": resource}
    names = list(dict.fromkeys(translate(words[layer]) for layer in layers if layer in words))
    if len(names) == 2:  # noqa: PLR2004 - one or the other
        return say(message("neither {one} nor {other} allow it", one=names[0], other=names[1]))
    return say(message("not allowed by {layers}", layers=listed(names)))


def _reason(reason: Reason, resource: str) -> str:
    """The statement of a key or bucket policy by its Sid or number, any other policy by its name."""
    if reason.outcome == NOT_DECIDED:
        named = statement_name(reason.statement) if reason.statement else ""
        return " ".join(part for part in (say(reason.policy), named, say(reason.detail)) if part)
    if reason.layer == "identity" and reason.policy:
        return say(reason.policy).rpartition("/")[2]
    if reason.layer in NAMED_LAYERS and reason.policy:
        named = f"{translate(LAYERS[reason.layer])} {say(reason.policy).rpartition('/')[2]}"
        return f"{named}, {statement_name(reason.statement)}" if reason.statement else named
    if reason.statement.startswith("#"):
        place = translate((LAYERS | {"resource": resource}).get(reason.layer, reason.layer))
        number = reason.statement.removeprefix("#")
        return say(message("statement {number} of {policy}", number=number, policy=place))
    if reason.statement:
        return statement_name(reason.statement)
    return say(reason.detail) or translate(LAYERS.get(reason.layer, reason.layer))
