"""`trailseal history reencrypt`: encrypt what was delivered before with the key."""

from __future__ import annotations

from trailseal.cli.command import AwsOptions, aws_options, command, common_options, format_option, option
from trailseal.cli.parameters import KEY_ARN, LEDGER, MANIFEST, OUT, PRINCIPAL, S3_PLACE, TRAIL, Whole, Word
from trailseal.errors import ExitCode
from trailseal.messages import N_


@command()
@option("--manifest", required=True, type=MANIFEST, metavar="FILE", help=N_("Written by `history census`."))
@option("--key", type=KEY_ARN, default="", metavar="ARN", help=N_("The KMS key; else the trail's."))
@option("--trail", type=TRAIL, default="", metavar="NAME|ARN", help=N_("The trail; else the manifest's."))
@option(
    "--engine",
    type=Word(["local", "s3batch", "spark"]),
    default="local",
    show_default=True,
    help=N_("Where the work runs."),
)
@option(
    "--method",
    type=Word(["auto", "update", "copy"]),
    default="auto",
    show_default=True,
    help=N_("How."),
)
@option("--context/--no-context", default=True, help=N_("Give copies the trail's encryption context."))
@option("--bucket-key", is_flag=True, help=N_("Use an S3 Bucket Key."))
@option("--from-other-keys", is_flag=True, help=N_("Include objects that are encrypted with other KMS keys."))
@option(
    "--verify",
    type=Word(["none", "sample", "all"]),
    default="sample",
    show_default=True,
    help=N_("Read objects before and after."),
)
@option(
    "--ledger",
    type=LEDGER,
    metavar="FILE|FOLDER|s3://…",
    help=N_("Else beside the manifest; on Spark a folder that all machines see, or a place in S3."),
)
@option("--retry-failed", is_flag=True, help=N_("Try again what failed before."))
@option("--dry-run", is_flag=True, help=N_("Only say what would happen."))
@option(
    "--batch-place",
    type=S3_PLACE,
    default="",
    metavar="s3://BUCKET/PREFIX",
    help=N_("For the job's manifest and report."),
)
@option(
    "--role", type=PRINCIPAL, default="", metavar="ARN", help=N_("The role of the S3 Batch Operations job.")
)
@option(
    "--shard-size",
    type=Whole(1, 1_000_000),
    default=10_000,
    show_default=True,
    help=N_("Objects in each shard of a Spark run."),
)
@option("--connections", type=Whole(1, 512), default=64, show_default=True, help=N_("Most at once."))
@option("--reader-plan", type=OUT, metavar="FILE", help=N_("Save the plan that keeps readers."))
@option(
    "--accept",
    multiple=True,
    type=Word(["readers-lose-access", "copies"]),
    help=N_("Begin without the plan for readers; make copies where the update does not work."),
)
@option("--yes", is_flag=True, help=N_("Do not ask."))
@aws_options
@format_option
@common_options
def reencrypt(  # noqa: PLR0913 - one for each option
    *,
    manifest: str,
    key: str,
    trail: str,
    engine: str,
    method: str,
    context: bool,
    bucket_key: bool,
    from_other_keys: bool,
    verify: str,
    ledger: str | None,
    retry_failed: bool,
    dry_run: bool,
    batch_place: str,
    role: str,
    shard_size: int,
    connections: int,
    reader_plan: str | None,
    accept: tuple[str, ...],
    yes: bool,
    profile: str | None,
    region: str | None,
    output: str,
) -> ExitCode:
    """
    Encrypt with the key what was delivered before, without losing evidence.

    It says first what will happen to this bucket, and asks. It can be killed at any moment and started again.
    UpdateObjectEncryption is tried on an object of its own before it is used. Where it does not work, nothing
    is begun unless copies are asked for; they carry everything over.
    It does not begin while the key policy would close objects to readers, until `apply` has done their plan.
    Exit code 1 when an object failed or differs, 3 when some were skipped.
    """
    from trailseal.cli.history.ask import Said, reencrypt_history
    from trailseal.history.reencrypt.engines import EngineName, EngineOptions
    from trailseal.history.reencrypt.options import ReencryptOptions, WantedMethod
    from trailseal.history.reencrypt.s3batch import BatchOptions
    from trailseal.history.reencrypt.spark import SparkOptions
    from trailseal.history.rules.summary import Verify
    from trailseal.view.history.placed import CallerOptions

    asked = ReencryptOptions(
        key=key,
        method=WantedMethod(method),
        context=context,
        bucket_key=bucket_key,
        from_other_keys=from_other_keys,
        verify=Verify(verify),
        ledger=ledger or "",
        retry_failed=retry_failed,
        dry_run=dry_run,
        reader_plan=reader_plan,
        accept=accept,
    )
    said = Said(
        manifest=manifest,
        trail=trail,
        engine=EngineName(engine),
        options=EngineOptions(
            batch=BatchOptions(role_arn=role, place=batch_place), spark=SparkOptions(shard_size=shard_size)
        ),
        connections=connections,
        caller=CallerOptions(profile=profile or "", region=region or ""),
        yes=yes,
        output=output,
    )
    return reencrypt_history(AwsOptions(profile=profile, region=region), asked, said)
