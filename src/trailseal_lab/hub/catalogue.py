"""
The controls that the lab's Security Hub knows, and the standards that they belong to.

`RULED` ones are computed from the estate. The others stand for the rest of an account: their status is the
scenario's data, so that the score is one that an account could have.
Source: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html
"""

from __future__ import annotations

from msgspec import Struct

FSBP = "aws-foundational-security-best-practices/v/1.0.0"
CIS5 = "cis-aws-foundations-benchmark/v/5.0.0"
NIST = "nist-800-53/v/5.0.0"
STANDARDS = {
    FSBP: "AWS Foundational Security Best Practices v1.0.0",
    CIS5: "CIS AWS Foundations Benchmark v5.0.0",
    NIST: "NIST Special Publication 800-53 Revision 5",
}


class Control(Struct, frozen=True):
    """One control as ListSecurityControlDefinitions shows it."""

    id: str
    title: str
    severity: str
    standards: tuple[str, ...]


RULED = (
    Control(
        "CloudTrail.1",
        "CloudTrail should be enabled and configured with at least one multi-Region trail that "
        "includes read and write management events",
        "HIGH",
        (FSBP, CIS5, NIST),
    ),
    Control(
        "CloudTrail.2", "CloudTrail should have encryption at-rest enabled", "MEDIUM", (FSBP, CIS5, NIST)
    ),
    Control("CloudTrail.3", "At least one CloudTrail trail should be enabled", "HIGH", (NIST,)),
    Control("CloudTrail.4", "CloudTrail log file validation should be enabled", "LOW", (FSBP, CIS5, NIST)),
    Control(
        "CloudTrail.5",
        "CloudTrail trails should be integrated with Amazon CloudWatch Logs",
        "MEDIUM",
        (FSBP, NIST),
    ),
    Control(
        "CloudTrail.6",
        "Ensure the S3 bucket used to store CloudTrail logs is not publicly accessible",
        "CRITICAL",
        (NIST,),
    ),
    Control(
        "CloudTrail.7",
        "Ensure S3 bucket access logging is enabled on the CloudTrail S3 bucket",
        "LOW",
        (CIS5,),
    ),
    Control("KMS.3", "AWS KMS keys should not be deleted unintentionally", "CRITICAL", (FSBP, NIST)),
    Control("KMS.4", "AWS KMS key rotation should be enabled", "MEDIUM", (CIS5, NIST)),
    Control("KMS.5", "KMS keys should not be publicly accessible", "CRITICAL", (FSBP,)),
    Control(
        "S3.17", "S3 general purpose buckets should be encrypted at rest with AWS KMS keys", "MEDIUM", (NIST,)
    ),
)
"""In Security Hub's own words and with its severities."""

REST_OF_THE_ACCOUNT = (
    ("Account.1", "Security contact information should be provided for an AWS account", "MEDIUM", "PASSED"),
    (
        "Config.1",
        "AWS Config should be enabled and use the service-linked role for resource recording",
        "CRITICAL",
        "PASSED",
    ),
    ("EC2.2", "VPC default security groups should not allow inbound or outbound traffic", "HIGH", "FAILED"),
    ("EC2.6", "VPC flow logging should be enabled in all VPCs", "MEDIUM", "FAILED"),
    ("EC2.7", "EBS default encryption should be enabled", "MEDIUM", "PASSED"),
    ("EC2.8", "EC2 instances should use Instance Metadata Service Version 2 (IMDSv2)", "HIGH", "PASSED"),
    ("GuardDuty.1", "GuardDuty should be enabled", "HIGH", "PASSED"),
    ("IAM.1", 'IAM policies should not allow full "*" administrative privileges', "HIGH", "PASSED"),
    ("IAM.3", "IAM users' access keys should be rotated every 90 days or less", "MEDIUM", "FAILED"),
    ("IAM.4", "IAM root user access key should not exist", "CRITICAL", "PASSED"),
    ("IAM.5", "MFA should be enabled for all IAM users that have a console password", "MEDIUM", "PASSED"),
    ("IAM.6", "Hardware MFA should be enabled for the root user", "CRITICAL", "FAILED"),
    ("IAM.7", "Password policies for IAM users should have strong configurations", "MEDIUM", "PASSED"),
    ("Lambda.1", "Lambda function policies should prohibit public access", "CRITICAL", "PASSED"),
    ("Lambda.2", "Lambda functions should use supported runtimes", "MEDIUM", "PASSED"),
    ("RDS.1", "RDS snapshot should be private", "CRITICAL", "NO DATA"),
    ("RDS.3", "RDS DB instances should have encryption at-rest enabled", "MEDIUM", "NO DATA"),
    (
        "S3.1",
        "S3 general purpose buckets should have block public access settings enabled",
        "MEDIUM",
        "PASSED",
    ),
    ("S3.5", "S3 general purpose buckets should require requests to use SSL", "MEDIUM", "PASSED"),
    ("S3.8", "S3 general purpose buckets should block public access", "HIGH", "PASSED"),
    ("SSM.1", "Amazon EC2 instances should be managed by AWS Systems Manager", "MEDIUM", "PASSED"),
)
"""What the story's account has beside CloudTrail; no rule stands behind these rows."""
