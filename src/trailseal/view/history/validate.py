"""How a validation looks: each file that is not valid with the time it covers, gaps, counts."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.errors import ExitCode
from trailseal.history.rules.hours import HourCounts, HourState, Span, Why
from trailseal.history.rules.validation import ChainResult, Count, Validation
from trailseal.history.rules.verdict import FileVerdict, Validity
from trailseal.locale.language import aside, say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.model.log_file import Delivered
from trailseal.model.passed_over import sentences
from trailseal.view.breaking import joined
from trailseal.view.history.placed import SETTLED, CallerOptions
from trailseal.view.history.validate_next import next_step
from trailseal.view.streams import Line
from trailseal.view.words import SHOWN, clauses, listed, passing, when

KINDS = {Delivered.LOG_FILE: N_("Log file"), Delivered.DIGEST_FILE: N_("Digest file")}
VERDICTS = {
    Validity.VALID: N_("valid"),
    Validity.NOT_FOUND: N_("not found"),
    Validity.HASH_MISMATCH: N_("hash value doesn't match"),
    Validity.INVALID_FORMAT: N_("invalid format"),
    Validity.TOO_LARGE: N_("invalid format: it is larger than anything that CloudTrail delivers"),
    Validity.TOO_DEEP: N_("invalid format: it is nested too deeply"),
    Validity.TRAILING_DATA: N_("unexpected data after end of compressed stream"),
    Validity.BAD_SIGNATURE: N_("signature verification failed"),
    Validity.MOVED: N_("has been moved from its original location"),
    Validity.NO_PUBLIC_KEY: N_("public key not found"),
    Validity.BAD_PUBLIC_KEY: N_("unable to load PKCS #1 key"),
    Validity.UNREADABLE: N_("unreadable"),
}
WHYS = {
    Why.MISSING: N_("missing"),
    Why.CHANGED: N_("changed"),
    Why.INVALID: N_("invalid"),
    Why.UNREADABLE: N_("unreadable"),
    Why.UNNAMED: N_("no digest file names its log files"),
    Why.NO_LOG_FILES: N_("the digest file names no log files"),
    Why.STOPPED: N_("CloudTrail says that logging was stopped"),
    Why.NOT_BEGUN: N_("CloudTrail says that logging had not begun"),
    Why.OFF: N_("logging or validation was off"),
    Why.NONE_BEFORE: N_("no digest file before it"),
    Why.NONE_AFTER: N_("nothing after them tells"),
    Why.NONE_DELIVERED: N_("CloudTrail delivered no digest file after it"),
    Why.WRITTEN_ANEW: N_("the newest digest file was written again, so its time says nothing"),
    Why.NONE_HERE: N_("no digest files here"),
    Why.NOT_COVERED: N_("no digest file covers it"),
    Why.NOT_LISTED: N_("its folder cannot be listed"),
}
STATES = {
    HourState.PROVEN: N_("proven"),
    HourState.NOT_PROVEN: N_("not proven"),
    HourState.NOTHING_LOGGED: N_("nothing was logged"),
    HourState.NOT_KNOWN: N_("not known"),
    HourState.NOT_DUE: N_("not due yet"),
}


def validation_lines(
    validation: Validation, caller: CallerOptions = SETTLED, *, every: bool = False
) -> Iterator[Line]:
    """Yield the lines of the report, the last with what to type next as the same caller."""
    span = {"start": when(validation.start), "end": when(validation.end)}
    yield say(message("Log files of {trail}, {start} to {end}", trail=validation.trail.arn, **span))
    yield from map(say, _measures(validation))
    if not validation.chains:
        yield say(message("no digest files found: nothing is proven"))
    for chain in validation.chains:
        yield ""
        yield from _chain_lines(chain)
    for problem in validation.problems:
        yield file_line(problem)
    yield from _unnamed_lines(validation)
    yield from map(say, _not_asked(validation))
    yield from _passed_over(validation)
    yield ""
    if len(validation.chains) > 1:
        yield hours_line(validation.hours)
    yield say(summary(validation))
    yield say(next_step(validation, caller, every=every))


def _measures(validation: Validation) -> Iterator[Message]:
    """Yield what alone was looked at, and by what the newest hours are judged."""
    yield from only(validation)
    if validation.due_until < validation.looked_until:
        yield message(
            "digest files are due {due} after an hour begins: after {until}, one may still come",
            due=passing(validation.due_after_seconds),
            until=when(validation.due_until),
        )
    yield message(
        "CloudTrail's time of the newest digest file and S3's may differ by {tolerance}",
        tolerance=passing(validation.tolerance_seconds),
    )


def _chain_lines(chain: ChainResult) -> Iterator[str]:
    found = ""
    if chain.found_start and chain.found_end:
        found = f"{when(chain.found_start)} .. {when(chain.found_end)}"
    yield f"{chain.chain.account} {chain.chain.region}  {found}".rstrip()
    counts = (
        (N_("digest files"), chain.digest_files),
        (N_("backfill digest files"), chain.backfill_digest_files),
        (N_("log files"), chain.log_files),
    )
    for name, count in counts:
        if count.valid or count.invalid or count.unreadable or name == "digest files":
            yield "  " + _count(name, count)
    if chain.named_twice:
        yield "  " + say(
            counted(
                "{count} log file is named by both chains, and counted once",
                "{count} log files are named by both chains, and counted once",
                chain.named_twice,
            )
        )
    yield "  " + hours_line(chain.hours)
    for span in chain.spans:
        if span.state is not HourState.PROVEN and span.why is not Why.NO_LOG_FILES:
            yield "  " + span_line(span)


def hours_line(hours: HourCounts) -> str:
    """Return how many hours ended how; those that are not due are counted apart."""
    judged = hours.proven + hours.not_proven + hours.nothing_logged + hours.not_known
    parts = [
        (HourState.PROVEN, hours.proven),
        (HourState.NOTHING_LOGGED, hours.nothing_logged),
        (HourState.NOT_PROVEN, hours.not_proven),
        (HourState.NOT_KNOWN, hours.not_known),
    ]
    text = say(counted("{count} hour", "{count} hours", judged))
    told = listed(_hours(count, state) for state, count in parts if count)
    text = f"{text}: {told}" if told else text
    return clauses((text, _hours(hours.not_due, HourState.NOT_DUE))) if hours.not_due else text


def _hours(count: int, state: HourState) -> str:
    return say(message("{number} {state}", number=count, state=translate(STATES[state])))


def span_line(span: Span) -> str:
    """Return a time that is not proven: when, how it ended and why, and the file that decided it."""
    why = translate(WHYS[span.why]) if span.why is not Why.NONE else ""
    if span.why is Why.MISSING and not span.key:
        why = say(message("digest files are missing"))
    if span.backfill:
        note = message("(backfill; this says nothing of what an ordinary digest file names)")
        why = joined(why, say(note))
    told = f"{translate(STATES[span.state])}: {why}" if why else translate(STATES[span.state])
    if span.detail:
        told += aside(span.detail)
    if span.key:
        told += f": s3://{span.bucket}/{span.key}"
    return f"{when(span.start)} .. {when(span.end)}  {told}"


def _count(name: str, count: Count) -> str:
    total = count.valid + count.invalid + count.unreadable
    parts = [message("{valid}/{total} {what} valid", valid=count.valid, total=total, what=translate(name))]
    if count.invalid:
        parts.append(message("{count} INVALID", count=count.invalid))
    if count.unreadable:
        parts.append(message("{count} unreadable", count=count.unreadable))
    return listed(map(say, parts))


def file_line(verdict: FileVerdict) -> tuple[str, ...]:
    """Return the columns of one file's verdict, worded as the AWS CLI words it, with the time it covers."""
    mark = translate(VERDICTS[verdict.verdict])
    if verdict.verdict.is_invalid:
        mark = "INVALID: " + mark
    kind = translate(KINDS[verdict.kind])
    if verdict.backfill:
        kind = "(backfill) " + kind
    place = f"s3://{verdict.bucket}/{verdict.key}"
    if verdict.verdict is Validity.VALID:
        return kind, place, mark
    span = f"{when(verdict.start, none='?')} .. {when(verdict.end, none='?')}"
    covers = say(message("covers {span}", span=span))
    detail = aside(verdict.detail) if verdict.detail else ""
    return kind, place, f"{mark}{detail}", covers


def _unnamed_lines(validation: Validation) -> Iterator[str]:
    total = sum(chain.unnamed for chain in validation.chains)
    if not total:
        return
    yield ""
    yield say(
        counted(
            "{count} log file in this time is named by no digest file of the trail"
            " (another trail's, or not CloudTrail's):",
            "{count} log files in this time are named by no digest file of the trail"
            " (another trail's, or not CloudTrail's):",
            total,
        )
    )
    for key in validation.unnamed[:SHOWN]:
        yield f"  s3://{validation.trail.bucket}/{key}"
    if total > SHOWN:
        yield "  " + say(message("... all of them are in `--format json`"))


def _passed_over(validation: Validation) -> Iterator[str]:
    if validation.passed_over:
        yield ""
        yield from map(say, sentences(validation.passed_over))


def _not_asked(validation: Validation) -> Iterator[Message]:
    """Yield what was not told, and each missing action once."""
    if not validation.trail.told:
        yield message("not asked: {reason}", reason="cloudtrail:GetTrail, cloudtrail:GetTrailStatus")
    for reason in validation.not_asked:
        yield message("not asked: {reason}", reason=reason)
    for action in validation.lacking:
        yield message(
            "give the caller {action}; trailseal permissions prints all that is needed", action=action
        )


def only(validation: Validation) -> Iterator[Message]:
    """Yield to which accounts and Regions the look was narrowed, and that nothing is said of others."""
    accounts, regions = listed(validation.accounts), listed(validation.regions)
    if accounts and regions:
        yield message(
            "only of accounts {accounts} in Regions {regions}: nothing else was looked at",
            accounts=accounts,
            regions=regions,
        )
    elif accounts:
        yield message("only of accounts {accounts}: no other was looked at", accounts=accounts)
    elif regions:
        yield message("only of Regions {regions}: no other was looked at", regions=regions)


def summary(validation: Validation) -> Message:
    """Return the verdict on all that was looked at, in a sentence."""
    hours = validation.hours
    match validation.exit_code:
        case ExitCode.CLEAN if not (hours.proven or hours.nothing_logged):
            return message("nothing is due yet: no hour of the window must have its digest file already")
        case ExitCode.CLEAN if validation.accounts or validation.regions:
            return message(
                "valid as far as was looked: every file there is as CloudTrail delivered it,"
                " and every hour is proven or empty"
            )
        case ExitCode.CLEAN:
            return message(
                "valid: every file is as CloudTrail delivered it, and every hour is proven or empty"
            )
        case ExitCode.INCOMPLETE:
            return message(
                "incomplete: not every hour is proven, and of some nothing is known or could be read"
            )
        case _:
            return message("NOT valid: files are missing, changed or without proof")
