"""
The executor: with each cycle every job goes a step on, or some hundreds of objects further.

It works as the job's role, through the lab's own handlers: what the role may not do, fails.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from trailseal.model.arn import is_arn
from trailseal_lab import gate
from trailseal_lab.batch.generator import find_objects, source_of, write_out
from trailseal_lab.batch.jobs import BatchJob, Jobs
from trailseal_lab.batch.manifest import ManifestProblem, read_manifest
from trailseal_lab.batch.report import write_report
from trailseal_lab.batch.tasks import run
from trailseal_lab.caller import service_caller
from trailseal_lab.clock import each_cycle
from trailseal_lab.credentials import iam_of, role_caller
from trailseal_lab.failures import alone
from trailseal_lab.gate import Context, NeededPermission
from trailseal_lab.inside import client
from trailseal_lab.s3.buckets import bucket_owner, policy_of
from trailseal_lab.s3.public_access import public_access_of
from trailseal_lab.world import World

LOG = logging.getLogger(__name__)
SERVICE = "batchoperations.s3.amazonaws.com"
SESSION = "s3-batch-operations"
TASKS_A_CYCLE = 500
"""Of all jobs together: a job is watched while it runs, and others get their turn."""
TRIED_BEFORE_GIVING_UP = 1000


@each_cycle(order=15)
def work(world: World) -> None:
    """Take every job one step on, the most urgent first."""
    left = TASKS_A_CYCLE
    for job in world.part(Jobs).waiting():
        with alone(world, "batch.executor", job.arn):
            left -= _work(world, job, left)


def _work(world: World, job: BatchJob, most: int) -> int:
    """Take one job one step on, or end it for what AWS would end it for."""
    try:
        return step(world, job, most)
    except ManifestProblem as problem:
        job.fail(problem.code, problem.why, world.now())
    except ClientError as problem:
        error = problem.response.get("Error", {})
        job.fail(str(error.get("Code", "")), str(error.get("Message", "")), world.now())
    return 0


def step(world: World, job: BatchJob, most: int) -> int:
    """Do what is next for one job and return how many objects that took."""
    match job.status:
        case "New":
            job.status = "Preparing"
        case "Preparing":
            _prepare(world, job)
        case "Ready" if most > 0:
            job.status, job.began = "Active", job.began or world.now()
            return _advance(world, job, most)
        case "Active" if most > 0:
            return _advance(world, job, most)
        case "Completing" | "Cancelling" | "Failing":
            _end(world, job)
    return 0


def _prepare(world: World, job: BatchJob) -> None:
    _check_role(job)
    s3 = _as_role(world, job)
    if "Manifest" in job.request:
        job.tasks = read_manifest(s3, job.request["Manifest"])
    else:
        generator = job.request["ManifestGenerator"]["S3JobManifestGenerator"]
        _check_may_list(job, source_of(generator))
        job.tasks = find_objects(generator, job.region)
        if generator.get("EnableManifestOutput"):
            write_out(s3, job, generator, job.tasks)
    if not job.tasks:
        raise ManifestProblem("EmptyManifest", "There is no object in the manifest.")
    asks = bool(job.request.get("ConfirmationRequired"))
    job.status = "Suspended" if asks else "Ready"
    job.suspended = world.now() if asks else None


def _check_role(job: BatchJob) -> None:
    """
    Return when S3 Batch Operations may assume the job's role.

    Raises:
        ManifestProblem: there is no such role, or it does not trust the service.
    """
    arn = str(job.request.get("RoleArn", ""))
    role: Any = next((r for r in iam_of(job.account).roles.values() if r.arn == arn), None)
    ask = NeededPermission(
        action="sts:AssumeRole",
        resource=arn,
        account=job.account,
        policy=role.assume_role_policy_document if role is not None else {"Statement": []},
    )
    source: Context = {"aws:SourceAccount": (job.account,), "aws:SourceArn": (job.arn,)}
    if not is_arn(arn) or role is None or not gate.is_allowed(service_caller(SERVICE), ask, source):
        raise ManifestProblem("AccessDenied", f"{SERVICE} may not assume {arn}.")


def _check_may_list(job: BatchJob, bucket: str) -> None:
    """
    Return when the role may have S3 list a bucket.

    Raises:
        ManifestProblem: it may not put an inventory configuration, which is what S3 asks for.
    """
    who = role_caller(job.account, _role_name(job), SESSION)
    if who is None:
        raise ManifestProblem("AccessDenied", "The job's role is gone.")
    ask = NeededPermission(
        action="s3:PutInventoryConfiguration",
        resource=f"arn:aws:s3:::{bucket}",
        account=bucket_owner(bucket) or job.account,
        policy=policy_of(bucket),
        public_access_block=public_access_of(bucket),
    )
    decision = gate.decide(who, ask, {"aws:SecureTransport": ("true",)})
    if not decision.is_allowed:
        raise ManifestProblem("AccessDenied", gate.refusal_text(who, ask, decision))


def _as_role(world: World, job: BatchJob) -> Any:
    principal = f"arn:aws:sts::{job.account}:assumed-role/{_role_name(job)}/{SESSION}"
    return client(world, "s3", region=job.region, principal=principal)


def _role_name(job: BatchJob) -> str:
    return str(job.request["RoleArn"]).rpartition("/")[2]


def _advance(world: World, job: BatchJob, most: int) -> int:
    s3, tasks = _as_role(world, job), job.tasks or []
    done = len(job.outcomes)
    for task in tasks[done : done + most]:
        job.outcomes.append(run(s3, job, task))
    if len(job.outcomes) >= TRIED_BEFORE_GIVING_UP and job.failed * 2 > len(job.outcomes):
        job.status = "Failing"
    elif len(job.outcomes) == len(tasks):
        job.status = "Completing"
    return len(job.outcomes) - done


def _end(world: World, job: BatchJob) -> None:
    """Write the report and close the job; without its report a job that asked for one has failed."""
    now: datetime = world.now()
    if job.outcomes:
        write_report(_as_role(world, job), job, now)
    if job.status == "Failing":
        job.fail("FailureThreshold", "More than half of the tasks failed.", now)
    else:
        job.status = {"Completing": "Complete", "Cancelling": "Cancelled"}[job.status]
        job.ended = now
