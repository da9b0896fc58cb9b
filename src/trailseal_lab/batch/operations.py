"""
S3 Batch Operations' API.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
"""

from __future__ import annotations

from typing import Any

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.batch.jobs import CANCELLABLE, BatchJob, Document, Jobs, progress
from trailseal_lab.batch.tasks import OPERATIONS
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.world import World

PAGE = 1000
MOST_PRIORITY = 2_147_483_647
SHOWN = (
    "ConfirmationRequired",
    "Description",
    "Manifest",
    "ManifestGenerator",
    "Operation",
    "Report",
    "RoleArn",
)
FORMATS = ("S3BatchOperations_CSV_20180820", "S3InventoryReport_CSV_20161130")


@answers("s3-control", "CreateJob")
def create_job(world: World, call: Call, forward: Forward) -> Answer:
    """Take a job; the same request with the same token is the same job."""
    del forward
    _check_account(call)
    request = {name: value for name, value in call.params.items() if name != "AccountId"}
    request.setdefault("ClientRequestToken", call.request_id)
    _check(request)
    jobs = world.part(Jobs)
    before = jobs.same_token(call.caller.account, call.region, str(request["ClientRequestToken"]))
    if before is not None:
        if before.request != request:
            text = "A job with this request token was created with other parameters."
            raise ApiError("IdempotencyException", text)
        return {"JobId": before.job_id}
    job = BatchJob(
        account=call.caller.account,
        region=call.region,
        request=request,
        created=world.now(),
        number=len(jobs.by_id),
        priority=int(request["Priority"]),
    )
    jobs.by_id[job.job_id] = job
    return {"JobId": job.job_id}


def _check_account(call: Call) -> None:
    if call.params.get("AccountId") != call.caller.account:
        raise ApiError("AccessDenied", "Access Denied", status=403)


def _check(request: Document) -> None:
    """
    Return when the lab can do what is asked.

    Raises:
        ApiError: BadRequestException.
    """
    operation = request.get("Operation") or {}
    if len(operation) != 1:
        raise _bad("Exactly one operation must be specified.")
    if next(iter(operation)) not in OPERATIONS:
        raise _bad(f"The lab does {' and '.join(OPERATIONS)} only.")
    if ("Manifest" in request) == ("ManifestGenerator" in request):
        raise _bad("Exactly one of Manifest and ManifestGenerator must be specified.")
    if not 0 <= int(request.get("Priority", -1)) <= MOST_PRIORITY:
        raise _bad("Priority must be between 0 and 2147483647.")
    if "Manifest" in request:
        _check_manifest(request["Manifest"])
    else:
        _check_generator(request["ManifestGenerator"])
    _check_report(request.get("Report") or {})
    OPERATIONS[next(iter(operation))].check(next(iter(operation.values())))


def _check_manifest(manifest: Document) -> None:
    spec, location = manifest.get("Spec") or {}, manifest.get("Location") or {}
    if spec.get("Format") not in FORMATS:
        raise _bad("The manifest's format is not one of " + ", ".join(FORMATS))
    fields = spec.get("Fields") or []
    if spec["Format"] == FORMATS[0] and fields[:2] != ["Bucket", "Key"]:
        raise _bad("A CSV manifest's fields must begin with Bucket and Key.")
    if not str(location.get("ObjectArn", "")).startswith("arn:aws:s3:::") or not location.get("ETag"):
        raise _bad("The manifest's location needs an ObjectArn and an ETag.")


def _check_generator(generator: Document) -> None:
    own = generator.get("S3JobManifestGenerator")
    if not own or not str(own.get("SourceBucket", "")).startswith("arn:aws:s3:::"):
        raise _bad("The manifest generator needs a SourceBucket.")
    if own.get("EnableManifestOutput") and not own.get("ManifestOutputLocation"):
        raise _bad("ManifestOutputLocation is needed where EnableManifestOutput is true.")
    kept = own.get("Filter") or {}
    if len(kept.get("MatchAnyObjectEncryption") or []) > 1:
        raise _bad("MatchAnyObjectEncryption takes one encryption type.")
    for name, values in (kept.get("KeyNameConstraint") or {}).items():
        if len(values) > 1:
            raise _bad(f"{name} takes one string.")


def _check_report(report: Document) -> None:
    if not report.get("Enabled"):
        return
    if report.get("Format") != "Report_CSV_20180820":
        raise _bad("The report's format must be Report_CSV_20180820.")
    if report.get("ReportScope") not in {"AllTasks", "FailedTasksOnly"}:
        raise _bad("The report's scope must be AllTasks or FailedTasksOnly.")
    if not str(report.get("Bucket", "")).startswith("arn:aws:s3:::"):
        raise _bad("The report needs a bucket's ARN.")


def _bad(text: str) -> ApiError:
    return ApiError("BadRequestException", text)


def _find(world: World, call: Call) -> BatchJob:
    _check_account(call)
    job = world.part(Jobs).by_id.get(str(call.params.get("JobId")))
    if job is None or (job.account, job.region) != (call.caller.account, call.region):
        raise ApiError("NotFoundException", "The specified job does not exist.", status=404)
    return job


@answers("s3-control", "DescribeJob")
def describe_job(world: World, call: Call, forward: Forward) -> Answer:
    """Return one job."""
    del forward
    job = _find(world, call)
    shown: dict[str, Any] = {
        "JobId": job.job_id,
        "JobArn": job.arn,
        "Status": job.status,
        "Priority": job.priority,
        "ProgressSummary": progress(job, world.now()),
        "StatusUpdateReason": job.reason or None,
        "FailureReasons": job.failures,
        "CreationTime": job.created,
        "TerminationDate": job.ended,
        "SuspendedDate": job.suspended,
        "SuspendedCause": "AwaitingConfirmation" if job.suspended else None,
        "GeneratedManifestDescriptor": job.generated,
        **{name: job.request.get(name) for name in SHOWN},
    }
    return {"Job": {name: value for name, value in shown.items() if value is not None}}


@answers("s3-control", "ListJobs")
def list_jobs(world: World, call: Call, forward: Forward) -> Answer:
    """Return the account's jobs in this Region, the newest first."""
    del forward
    _check_account(call)
    wanted = call.params.get("JobStatuses") or ()
    jobs = [
        job
        for job in reversed(world.part(Jobs).by_id.values())
        if (job.account, job.region) == (call.caller.account, call.region)
        and (not wanted or job.status in wanted)
    ]
    token = str(call.params.get("NextToken") or "0")
    if not token.isdecimal():
        raise ApiError("InvalidNextTokenException", "The token is not valid.")
    start, size = int(token), min(int(call.params.get("MaxResults") or PAGE), PAGE)
    more = {"NextToken": str(start + size)} if len(jobs) > start + size else {}
    return {"Jobs": [_row(world, job) for job in jobs[start : start + size]], **more}


def _row(world: World, job: BatchJob) -> Document:
    shown = {
        "JobId": job.job_id,
        "Description": job.request.get("Description"),
        "Operation": job.operation,
        "Priority": job.priority,
        "Status": job.status,
        "CreationTime": job.created,
        "TerminationDate": job.ended,
        "ProgressSummary": progress(job, world.now()),
    }
    return {name: value for name, value in shown.items() if value is not None}


@answers("s3-control", "UpdateJobStatus")
def update_job_status(world: World, call: Call, forward: Forward) -> Answer:
    """Confirm a job that waits for it, or cancel one; what it did so far stays done."""
    del forward
    job, wanted = _find(world, call), str(call.params.get("RequestedJobStatus"))
    may = {"Ready": frozenset({"Suspended"}), "Cancelled": CANCELLABLE}
    if wanted not in may:
        raise _bad("RequestedJobStatus must be Ready or Cancelled.")
    if job.status not in may[wanted]:
        raise ApiError("JobStatusException", f"A job that is {job.status} cannot become {wanted}.")
    job.status = "Cancelling" if wanted == "Cancelled" else wanted
    job.reason = str(call.params.get("StatusUpdateReason") or "")
    return {"JobId": job.job_id, "Status": job.status, "StatusUpdateReason": job.reason}


@answers("s3-control", "UpdateJobPriority")
def update_job_priority(world: World, call: Call, forward: Forward) -> Answer:
    """Change a job's priority."""
    del forward
    job, wanted = _find(world, call), int(call.params.get("Priority", -1))
    if not 0 <= wanted <= MOST_PRIORITY:
        raise _bad("Priority must be between 0 and 2147483647.")
    job.priority = wanted
    return {"JobId": job.job_id, "Priority": wanted}
