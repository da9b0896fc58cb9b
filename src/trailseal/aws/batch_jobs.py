"""
S3 Batch Operations jobs through boto3.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from s3transfer.manager import TransferManager

from trailseal.aws.errors import problem
from trailseal.aws.session import AwsSession
from trailseal.history.rules.batch import BatchStatus

SSE_S3 = {"ServerSideEncryption": "AES256"}
"""A manifest cannot be under SSE-KMS, and only so is its ETag the same when it is uploaded again."""


class AwsBatchJobs:
    """Creates and describes jobs in one Region."""

    def __init__(self, session: AwsSession, *, region: str) -> None:
        self._session = session
        self._region = region

    def upload(self, path: Path, bucket: str, key: str) -> str:
        """
        Put a file of any size into a bucket, in parts where it is large, and return its ETag.

        Raises:
            TrailsealError: it cannot be written.
        """
        client = self._session.client("s3", self._region)
        try:
            with TransferManager(client) as transfers:
                transfers.upload(str(path), bucket, key, extra_args=SSE_S3).result()
            return str(client.head_object(Bucket=bucket, Key=key)["ETag"]).strip('"')
        except (ClientError, BotoCoreError) as error:
            raise problem(error, call="s3:PutObject", where=f"s3://{bucket}/{key}") from error

    def create(self, request: dict[str, Any]) -> str:
        """
        Return the ID of the job.

        Raises:
            TrailsealError: AWS does not create it.
        """
        try:
            answer = self._session.client("s3control", self._region).create_job(**request)
        except (ClientError, BotoCoreError) as error:
            raise problem(error, call="s3:CreateJob") from error
        return str(answer["JobId"])

    def describe(self, account: str, job_id: str) -> BatchStatus:
        """
        Return how the job stands.

        Raises:
            TrailsealError: AWS does not say.
        """
        client = self._session.client("s3control", self._region)
        try:
            job = client.describe_job(AccountId=account, JobId=job_id)["Job"]
        except (ClientError, BotoCoreError) as error:
            raise problem(error, call="s3:DescribeJob") from error
        progress = job.get("ProgressSummary", {})
        reasons = [reason.get("FailureReason", "") for reason in job.get("FailureReasons", [])]
        return BatchStatus(
            status=job["Status"],
            total=progress.get("TotalNumberOfTasks", 0),
            succeeded=progress.get("NumberOfTasksSucceeded", 0),
            failed=progress.get("NumberOfTasksFailed", 0),
            why="; ".join(reasons),
        )
