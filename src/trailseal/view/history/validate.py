"""How a validation looks: each file that is not valid with the time it covers, gaps, counts."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.errors import ExitCode
from trailseal.history.rules.validation import ChainResult, Count, Validation
from trailseal.history.rules.verdict import FileVerdict, Gap, GapKind, Validity
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.model.log_file import Delivered
from trailseal.model.passed_over import sentences
from trailseal.view.streams import Line
from trailseal.view.words import SHOWN, when

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
GAPS = {
    GapKind.NOT_DELIVERED: N_("no log files were delivered"),
    GapKind.DIGESTS_MISSING: N_("digest files are missing, so nothing proves this time"),
    GapKind.NEWEST_DELETED: N_("CloudTrail delivered later digest files than the bucket has"),
    GapKind.LINK_BROKEN: N_("the digest file is not the one that the next names"),
}


def validation_lines(validation: Validation) -> Iterator[Line]:
    """Yield the lines of the report."""
    span = {"start": when(validation.start), "end": when(validation.end)}
    yield say(message("Log files of {trail}, {start} to {end}", trail=validation.trail.arn, **span))
    if not validation.chains:
        yield say(message("no digest files found: nothing is proven"))
    for chain in validation.chains:
        yield ""
        yield from _chain_lines(chain)
    for problem in validation.problems:
        yield file_line(problem)
    yield from _unnamed_lines(validation)
    for reason in validation.not_asked:
        yield say(message("not asked: {reason}", reason=reason))
    yield from _passed_over(validation)
    yield ""
    yield _summary(validation)


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
    for gap in chain.gaps:
        yield "  " + gap_line(gap)


def _count(name: str, count: Count) -> str:
    total = count.valid + count.invalid + count.unreadable
    text = say(message("{valid}/{total} {what} valid", valid=count.valid, total=total, what=translate(name)))
    if count.invalid:
        text += ", " + say(message("{count} INVALID", count=count.invalid))
    if count.unreadable:
        text += ", " + say(message("{count} unreadable", count=count.unreadable))
    return text


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
    detail = f" ({verdict.detail})" if verdict.detail else ""
    return kind, place, f"{mark}{detail}", covers


def gap_line(gap: Gap) -> str:
    """Return one gap with its time."""
    text = f"{when(gap.start, none='?')} .. {when(gap.end, none='?')}: {translate(GAPS[gap.kind])}"
    return f"{text} ({gap.key})" if gap.key else text


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


def _summary(validation: Validation) -> str:
    summary: Message
    match validation.exit_code:
        case ExitCode.CLEAN:
            summary = message(
                "valid: every file is as CloudTrail delivered it, and no digest file is missing"
            )
        case ExitCode.INCOMPLETE:
            summary = message("incomplete: some files could not be read, so they are not proven")
        case _:
            summary = message("NOT valid: files are missing, changed or without proof")
    return say(summary)
