"""
The jobs of S3 Batch Operations, and the statuses that they go through.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Struct

Document = dict[str, Any]
ENDED = frozenset({"Complete", "Failed", "Cancelled"})
CANCELLABLE = frozenset({"New", "Preparing", "Suspended", "Ready", "Active", "Paused"})


class BatchTask(Struct, frozen=True, kw_only=True):
    """One object of a manifest."""

    bucket: str
    key: str
    version_id: str = ""
    unnamed: bool = False
    """
    A report of all versions lists it with an empty version ID, which no job takes.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/inventory-configure-bops.html
    """


class TaskOutcome(Struct, frozen=True, kw_only=True):
    """How one task ended."""

    task: BatchTask
    succeeded: bool
    http_status: int = 200
    code: str = ""
    said: str = "Successful"


@dataclass(kw_only=True)
class BatchJob:
    """One job: what was asked for, and how far it is."""

    account: str
    region: str
    request: Document
    created: datetime
    number: int
    job_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "New"
    priority: int = 0
    reason: str = ""
    """Why somebody changed its status."""
    failures: list[Document] = field(default_factory=list)
    tasks: list[BatchTask] | None = None
    """None until its manifest was read."""
    outcomes: list[TaskOutcome] = field(default_factory=list)
    suspended: datetime | None = None
    began: datetime | None = None
    ended: datetime | None = None
    generated: Document | None = None

    @property
    def arn(self) -> str:
        """The job's ARN."""
        return f"arn:aws:s3:{self.region}:{self.account}:job/{self.job_id}"

    @property
    def operation(self) -> str:
        """The name of its operation, `S3PutObjectCopy` for instance."""
        return next(iter(self.request["Operation"]), "")

    @property
    def failed(self) -> int:
        """How many tasks failed."""
        return sum(not outcome.succeeded for outcome in self.outcomes)

    def fail(self, code: str, why: str, now: datetime) -> None:
        """End the job as a whole."""
        self.status, self.ended = "Failed", now
        self.failures.append({"FailureCode": code, "FailureReason": why})


@dataclass
class Jobs:
    """Every job of the lab, in the order of their creation."""

    by_id: dict[str, BatchJob] = field(default_factory=dict)

    def waiting(self) -> list[BatchJob]:
        """Return the jobs that have not ended, the most urgent first, as S3 starts them."""
        alive = [job for job in self.by_id.values() if job.status not in ENDED]
        return sorted(alive, key=lambda job: (-job.priority, job.number))

    def same_token(self, account: str, region: str, token: str) -> BatchJob | None:
        """Return the job that was created with this request token."""
        return next(
            (
                job
                for job in self.by_id.values()
                if (job.account, job.region, job.request["ClientRequestToken"]) == (account, region, token)
            ),
            None,
        )


def progress(job: BatchJob, now: datetime) -> Document:
    """Return how far a job is, as DescribeJob and ListJobs show it."""
    seconds = int(((job.ended or now) - job.began).total_seconds()) if job.began else 0
    return {
        "TotalNumberOfTasks": len(job.tasks or ()),
        "NumberOfTasksSucceeded": len(job.outcomes) - job.failed,
        "NumberOfTasksFailed": job.failed,
        "Timers": {"ElapsedTimeInActiveSeconds": seconds},
    }
