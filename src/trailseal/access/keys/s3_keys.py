"""
The condition keys of S3.

Sources:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
"""

from __future__ import annotations

from typing import Any

from trailseal.access.keys.key import ConditionKey, SetBy, There, Travels, ValueType

PAGE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"
SIGNING_PAGE = "https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html"
EVERY = ("s3:*",)


def actions(text: str) -> tuple[str, ...]:
    """Return S3 actions from a text of their names."""
    return tuple(f"s3:{name}" for name in text.split())


PUT = actions("PutObject BypassGovernanceRetention")
TAGGING = (*PUT, *actions("PutObjectTagging PutObjectVersionTagging"))
ACLS = (*PUT, *actions("CreateBucket PutBucketAcl PutObjectAcl PutObjectVersionAcl"))
LISTS = actions("ListBucket ListBucketVersions")
LOCKS = actions("PutObject PutObjectRetention")
HOLDS = (*LOCKS, *actions("ReplicateObject"))
ENCRYPTED = (*PUT, *actions("ReplicateObject UpdateObjectEncryption"))
ACCESS_GRANTS = actions(
    """
    AbortMultipartUpload DeleteObject DeleteObjectVersion GetObject GetObjectAcl GetObjectVersion
    GetObjectVersionAcl ListBucket ListBucketMultipartUploads ListBucketVersions
    ListMultipartUploadParts PutObject PutObjectAcl PutObjectVersionAcl
    """
)
TAGGED = actions(
    """
    DeleteObjectAnnotation DeleteObjectTagging DeleteObjectVersionAnnotation
    DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAnnotation GetObjectAttributes
    GetObjectTagging GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation
    GetObjectVersionAttributes GetObjectVersionTagging ListObjectAnnotations
    ListObjectVersionAnnotations PutObjectAcl PutObjectAnnotation PutObjectTagging
    PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging UpdateObjectEncryption
    """
)
VERSIONS = actions(
    """
    DeleteObjectVersion DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObjectVersion
    GetObjectVersionAcl GetObjectVersionAnnotation GetObjectVersionAttributes
    GetObjectVersionTagging GetObjectVersionTorrent ListObjectVersionAnnotations
    PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging
    """
)
JOBS = actions("DeleteJobTagging PutJobTagging UpdateJobPriority UpdateJobStatus")
ANNOTATION_LISTS = actions("ListObjectAnnotations ListObjectVersionAnnotations")
CONDITIONAL = actions("DeleteObject GetObject GetObjectVersion PutObject")
"""The reference names writes only, S3 takes both headers with reads too."""
VENDED_LOGS = actions("AllowVendedLogDeliveryForResource")


def _key(name: str, only_for: tuple[str, ...], **fields: Any) -> ConditionKey:
    """S3's own keys are for requests to S3, so none of them travels."""
    defaults: dict[str, Any] = {
        "set_by": SetBy.REQUEST,
        "there": There.SENT,
        "travels": Travels.NO,
        "page": f"{PAGE}#amazons3-policy-keys",
    }
    return ConditionKey(name=f"s3:{name}", only_for=only_for, **defaults | fields)


def _resource(name: str, only_for: tuple[str, ...] = EVERY, **fields: Any) -> ConditionKey:
    defaults: dict[str, Any] = {"set_by": SetBy.RESOURCE, "there": There.SOMETIMES}
    return _key(name, only_for, **defaults | fields)


RESOURCES = (
    _resource("AccessGrantScope", actions("CreateAccessGrant DeleteAccessGrant GetAccessGrant")),
    _resource(
        "AccessGrantsInstanceArn",
        ACCESS_GRANTS,
        values=ValueType.ARN,
        note="requests with credentials that S3 Access Grants handed out",
    ),
    _resource("AccessGrantsLocationScope", actions("*AccessGrantsLocation")),
    _resource("AccessPointNetworkOrigin", note="requests through an access point"),
    _resource("AccessPointTag/", family=True, note="requests through an access point"),
    _resource(
        "BucketTag/",
        family=True,
        note="only where attribute-based access is switched on for the bucket",
    ),
    _resource("DataAccessPointAccount", note="requests through an access point"),
    _resource("DataAccessPointArn", values=ValueType.ARN, note="requests through an access point"),
    _resource("ExistingJobOperation", JOBS),
    _resource("ExistingJobPriority", JOBS, values=ValueType.INTEGER),
    _resource("ExistingObjectTag/", TAGGED, family=True),
    _resource("JobSuspendedCause", actions("UpdateJobStatus")),
    _resource(
        "ResourceAccount",
        there=There.ALWAYS,
        derives="the account in the resource's ARN, or the given owner",
    ),
)
EVERY_REQUEST = (
    _key(
        "authType",
        EVERY,
        there=There.SOMETIMES,
        page=SIGNING_PAGE,
        note="`REST-HEADER`, `REST-QUERY-STRING`, `POST`; of unsigned requests nothing is documented",
    ),
    _key(
        "signatureAge",
        EVERY,
        values=ValueType.INTEGER,
        there=There.SOMETIMES,
        page=SIGNING_PAGE,
        note="milliseconds, for presigned URLs and forms; 0 under Signature Version 2",
    ),
    _key(
        "signatureversion",
        EVERY,
        there=There.SOMETIMES,
        page=SIGNING_PAGE,
        note="`AWS4-HMAC-SHA256`, or `AWS` for Signature Version 2",
    ),
    _key(
        "TlsVersion",
        EVERY,
        values=ValueType.NUMBER,
        set_by=SetBy.NETWORK,
        there=There.SOMETIMES,
        note="requests over TLS",
    ),
    _key("x-amz-content-sha256", EVERY, page=SIGNING_PAGE, note="signed in the Authorization header"),
)
PARAMETERS = (
    _key("annotation-prefix", ANNOTATION_LISTS),
    _key("delimiter", LISTS),
    _key("deliverySourceArn", VENDED_LOGS, values=ValueType.ARN, set_by=SetBy.SERVICE),
    _key("destinationRegion", actions("PauseReplication")),
    _key("if-match", CONDITIONAL),
    _key("if-none-match", CONDITIONAL),
    _key("InventoryAccessibleOptionalFields", actions("PutInventoryConfiguration"), many=True),
    _key("isReplicationPauseRequest", actions("PutReplicationConfiguration"), values=ValueType.BOOLEAN),
    _key("locationconstraint", actions("CreateAccessPoint CreateBucket")),
    _key("logType", VENDED_LOGS, set_by=SetBy.SERVICE),
    _key("max-annotation-results", ANNOTATION_LISTS, values=ValueType.INTEGER),
    _key("max-keys", LISTS, values=ValueType.INTEGER),
    _key("object-lock-event-hold", HOLDS),
    _key("object-lock-event-hold-duration-days", HOLDS, values=ValueType.INTEGER),
    _key("object-lock-legal-hold", actions("PutObject PutObjectLegalHold")),
    _key("object-lock-mode", LOCKS),
    _key("object-lock-remaining-retention-days", LOCKS, values=ValueType.INTEGER),
    _key("object-lock-retain-until-date", LOCKS, values=ValueType.DATE),
    _key(
        "ObjectCreationOperation",
        actions("PutObject"),
        values=ValueType.BOOLEAN,
        there=There.SOMETIMES,
        note="`false` for the parts and other steps that make no object",
    ),
    _key("prefix", LISTS),
    _key("RequestJobOperation", actions("CreateJob"), there=There.ALWAYS),
    _key("RequestJobPriority", actions("CreateJob UpdateJobPriority"), values=ValueType.INTEGER),
    _key("RequestObjectTag/", TAGGING, family=True, there=There.MADE_UP),
    _key(
        "RequestObjectTagKeys",
        TAGGING,
        many=True,
        there=There.MADE_UP,
        derives="the names of the given tags",
    ),
    _key("resourceArnBeingAuthorized", VENDED_LOGS, values=ValueType.ARN, set_by=SetBy.SERVICE),
    _key("versionid", VERSIONS),
)
HEADERS = (
    _key("x-amz-acl", (*ACLS, *actions("CreateAccessPoint"))),
    _key("x-amz-bucket-namespace", actions("CreateBucket")),
    _key("x-amz-copy-source", PUT),
    _key("x-amz-grant-full-control", ACLS),
    _key("x-amz-grant-read", ACLS),
    _key("x-amz-grant-read-acp", ACLS),
    _key("x-amz-grant-write", ACLS),
    _key("x-amz-grant-write-acp", ACLS),
    _key("x-amz-metadata-directive", PUT),
    _key("x-amz-object-annotation-directive", actions("PutObject")),
    _key("x-amz-object-if-match", actions("*ObjectAnnotation *ObjectVersionAnnotation")),
    _key("x-amz-object-ownership", actions("CreateBucket")),
    _key("x-amz-server-side-encryption", ENCRYPTED),
    _key("x-amz-server-side-encryption-aws-kms-key-id", ENCRYPTED, values=ValueType.ARN),
    _key("x-amz-server-side-encryption-customer-algorithm", (*PUT, *actions("ReplicateObject"))),
    _key("x-amz-storage-class", (*PUT, *actions("PutObjectAcl PutObjectVersionAcl"))),
    _key("x-amz-website-redirect-location", PUT),
)
S3_KEYS = (*RESOURCES, *EVERY_REQUEST, *PARAMETERS, *HEADERS)
