"""The engine that is S3 Batch Operations: jobs of AWS's own, made from the manifest and watched."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.batch_run import BatchJobs, BatchRun
from trailseal.history.reencrypt.engine import Assignment, Planes
from trailseal.history.reencrypt.ledger_file import open_ledger, see_ledger
from trailseal.history.reencrypt.manifest_file import summary_of
from trailseal.history.rules.batch import BatchPlace
from trailseal.history.rules.summary import Summary
from trailseal.messages import message
from trailseal.run.events import Observer, ignore
from trailseal.run.ports import Clock

PREFIX = "trailseal-batch"
"""Where nothing else is said."""


class BatchOptions(Struct, frozen=True, kw_only=True):
    """The role that does the work, and `s3://BUCKET/PREFIX` for the job's manifest and report."""

    role_arn: str = ""
    place: str = ""


class BatchEngine:
    """Needs a role and a place; its jobs go on without us, and the same command finds them again."""

    carries_context: ClassVar[bool] = False
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3CopyObjectOperation.html has no field."""
    priced_as_job: ClassVar[bool] = True

    def __init__(
        self,
        options: BatchOptions,
        *,
        planes: Planes,
        jobs: BatchJobs,
        account: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._options = options
        self._planes = planes
        self._jobs = jobs
        self._account = account
        self._clock = clock

    @property
    def works_as(self) -> str:
        """Return the job's role."""
        return self._options.role_arn

    def ready(self) -> None:
        """
        See that role and place are named.

        Raises:
            UsageProblem: one of them is not.
        """
        if not self._options.role_arn or not self._place()[0]:
            raise UsageProblem(
                message("an S3 Batch Operations job needs a role and a place for its manifest and report"),
                message(
                    "name them with --role ARN and --batch-place s3://BUCKET/PREFIX (no SSE-KMS default)"
                ),
            )

    def see_ledger(self, given: Assignment) -> None:
        """
        Look at the ledger.

        Raises:
            UsageProblem: it is no ledger, or of another manifest or key.
            TrailsealError: it cannot be read.
        """
        see_ledger(given)

    def run(self, given: Assignment, observe: Observer = ignore) -> Summary:
        """
        Let at most one job for each method do it, and return how the whole manifest stands.

        Raises:
            UsageProblem: the ledger is no file, or of another manifest or key.
            TrailsealError: a job cannot be created, failed as a whole, or its report cannot be read.
        """
        bucket, prefix = self._place()
        place = BatchPlace(
            bucket=bucket, prefix=prefix, role_arn=self._options.role_arn, account=self._account()
        )
        with open_ledger(given) as ledger, self._planes.open() as plane:
            run = BatchRun(
                objects=plane,
                jobs=self._jobs,
                ledger=ledger,
                target=given.target,
                place=place,
                clock=self._clock,
                verify=given.verify,
                observer=observe,
            )
            run.run(given.manifest.rows(), identity=given.manifest.identity)
            return summary_of(ledger, given.target, slowed=plane.pace.slowed)

    def _place(self) -> tuple[str, str]:
        bucket, _, prefix = self._options.place.removeprefix("s3://").partition("/")
        return bucket, prefix.strip("/") or PREFIX
