"""
Copies of the events that CloudTrail keeps or sends elsewhere, and who may read them: no trail's key counts.

Sources:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/security_iam_resource-based-policy-examples.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from msgspec import structs

from trailseal.access.decision import DENIED, Decision, Effect
from trailseal.access.readers.copy_reader import readers_among, unread_principals
from trailseal.access.readers.effects import Ask, at_most_possible, both, effects_for
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.event_copy import Copy, CopyKind, CopyReader
from trailseal.access.readers.iam_writes import by_identity
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.population import population
from trailseal.access.readers.questions import DECRYPT, on_key, under_own_policy, unread
from trailseal.access.readers.subject import Subject, subject_of
from trailseal.messages import Message, message
from trailseal.model.arn import account_of
from trailseal.model.copies import EventDataStore, LogGroup
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail
from trailseal.model.unreadable import Unreadable

OF_STREAM = "logs:GetLogEvents"
OF_GROUP = ("logs:FilterLogEvents", "logs:StartQuery", "logs:StartLiveTail", "logs:CreateExportTask")
LOOKUP = "cloudtrail:LookupEvents"
OF_LAKE = ("cloudtrail:StartQuery", "cloudtrail:GetQueryResults")
NO_KEY = message("no key of yours")
LAST_90_DAYS = message("the management events of the last 90 days, in each Region")
OF_MEMBERS = message("each member account has one of its own, with its own readers")
PENDING = message("it is pending deletion: nobody queries it unless somebody restores it")
FEDERATED = message("it is federated: Athena reads it too, for whom Lake Formation lets")


def log_group(snapshot: Snapshot, trail: Trail, estate: Estate, target: LogObject, group: LogGroup) -> Copy:
    """Return a log group; on its key a reader needs nothing: CloudWatch Logs decrypts what is asked for."""
    account, bare = account_of(group.arn), group.arn.removesuffix(":*")
    stream = f"{bare}:log-stream:{account}_CloudTrail_{trail.home_region}"
    asks: dict[str, Ask] = {OF_STREAM: partial(_identity, estate, OF_STREAM, stream)}
    asks |= {action: partial(_on_group, estate, action, bare) for action in OF_GROUP}
    sends = group.destinations
    return Copy(
        kind=CopyKind.LOG_GROUP,
        name=group.arn,
        account=account,
        kms_key=group.kms_key_id,
        encryption=_with_key(group.kms_key_id),
        readers=_of_account(estate, target, account, asks),
        goes_on_to=() if isinstance(sends, Unreadable) else sends,
        unread=(*((sends,) if isinstance(sends, Unreadable) else ()), *unread_principals(snapshot, account)),
    )


def _with_key(key: str) -> Message:
    if not key:
        return NO_KEY
    return message("key {key}, with which CloudWatch Logs decrypts for whoever may read", key=key)


def _identity(estate: Estate, action: str, resource: str, subject: Subject) -> Decision:
    return by_identity(estate, subject, action, resource)


def _on_group(estate: Estate, action: str, bare: str, subject: Subject) -> Decision:
    """
    Return the decision on the group's ARN with `:*`, as policies are to name it.

    What CloudWatch Logs makes of a policy that names the ARN without it is not documented for each action.
    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    whole = by_identity(estate, subject, action, f"{bare}:*")
    if whole.effect is not Effect.IMPLICITLY_DENIED:
        return whole
    alone = by_identity(estate, subject, action, bare)
    return whole if alone.effect in DENIED else structs.replace(alone, effect=Effect.UNKNOWN)


def event_histories(snapshot: Snapshot, trail: Trail, estate: Estate, target: LogObject) -> Iterator[Copy]:
    """Yield the history of the trail's account, and of each member that was read whose events it records."""
    others = [a for a in estate.by_account if a in estate.members] if trail.is_organization_trail else []
    asks: dict[str, Ask] = {LOOKUP: partial(_identity, estate, LOOKUP, "*")}
    for account in dict.fromkeys((trail.account, *others)):
        is_first = trail.is_organization_trail and account == trail.account
        yield Copy(
            kind=CopyKind.EVENT_HISTORY,
            name=account,
            account=account,
            encryption=message("no bucket, and no key of yours"),
            readers=_of_account(estate, target, account, asks),
            remarks=(LAST_90_DAYS, *((OF_MEMBERS,) if is_first else ())),
            unread=unread_principals(snapshot, account),
        )


def _of_account(
    estate: Estate, target: LogObject, account: str, asks: dict[str, Ask]
) -> tuple[CopyReader, ...]:
    """Return the readers of what no policy of its own opens to others: its account's principals alone."""
    inventory = estate.by_account.get(account)
    people = tuple(subject_of(each, estate) for each in inventory.principals) if inventory else ()
    return readers_among(estate, effects_for(estate, target, people, asks), owner=account)


def event_data_store(snapshot: Snapshot, estate: Estate, target: LogObject, store: EventDataStore) -> Copy:
    """
    Return an event data store; `estate` holds its key.

    Whoever queries one under a key needs the key too: kms:Decrypt is what is asked here. One that is pending
    deletion can be restored for seven days, and until then nobody gets results of it.
    Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    and https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteEventDataStore.html
    """
    account, policy = account_of(store.arn), store.policy
    estate = structs.replace(estate, bucket_policy=policy, public_access_block=None)
    sealing = Sealing.DELIVERED if store.kms_key_id else Sealing.SSE_S3
    target = structs.replace(target, bucket_account=account, kms_key=store.kms_key_id, sealing=sealing)
    asks: dict[str, Ask] = {action: partial(_queries, estate, target, action, store) for action in OF_LAKE}
    found = effects_for(estate, target, population(estate, target), asks, about=(DECRYPT,))
    refused = (policy, estate.key_policies if store.kms_key_id else "", estate.grants)
    return Copy(
        kind=CopyKind.EVENT_DATA_STORE,
        name=store.arn,
        account=account,
        kms_key=store.kms_key_id,
        encryption=message("key {key}", key=store.kms_key_id) if store.kms_key_id else NO_KEY,
        readers=readers_among(estate, found, owner=account),
        remarks=(
            *((FEDERATED,) if store.is_federated else ()),
            *((PENDING,) if store.is_pending_deletion else ()),
        ),
        unread=(
            *(each for each in refused if isinstance(each, Unreadable)),
            *unread_principals(snapshot, account),
        ),
    )


def _queries(
    estate: Estate, target: LogObject, action: str, store: EventDataStore, subject: Subject
) -> Decision:
    """Return the decision on the store, and with a key on that too."""
    asked = under_own_policy(estate, subject, action, store.arn, store.policy)
    asked = at_most_possible(asked) if store.is_pending_deletion else asked
    if target.sealing is Sealing.SSE_S3:
        return asked
    if isinstance(estate.key_policies, Unreadable):
        return both(asked, unread("resource", estate.key_policies))
    return both(asked, on_key(estate, target, subject, DECRYPT))
