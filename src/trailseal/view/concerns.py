"""What a concern of a plan says: one sentence for its code, made from its facts, and what to do about it."""

from __future__ import annotations

from trailseal.access.readers.doubt import UNREAD_GUARDRAILS
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message
from trailseal.model.key import KeyState
from trailseal.plan.concern import Concern
from trailseal.plan.concern_facts import Code, Details
from trailseal.view.reader_changes import decider_words
from trailseal.view.words import when

UNREAD = N_("{what} could not be read ({code}): {call} is needed on {subject}")
TEXTS = {
    Code.TRAILS: UNREAD,
    Code.TRAIL_STATUS: UNREAD,
    Code.FACTS: UNREAD,
    Code.MANAGED_BY: UNREAD,
    Code.BUCKET_POLICY: UNREAD,
    Code.BUCKET_REPLICATION: UNREAD,
    Code.BUCKET_ENCRYPTION: UNREAD,
    Code.TRAIL_UNREADABLE: N_(
        "{trail} could not be described ({code}), so nothing is planned for it: {call} is needed"
    ),
    Code.CLOUDFORMATION: N_(
        "CloudFormation stack {stack} owns {trail} and would put back what is changed beside it"
    ),
    Code.CONTROL_TOWER: N_("AWS Control Tower owns {trail}; a change beside the landing zone is drift"),
    Code.TRAIL_OWNER: N_("{trail} belongs to account {owner} and cannot be changed from {account}"),
    Code.MEMBERS: N_(
        "{trail} delivers for every account of the organization, and a member can fail while the "
        "management account succeeds: verify looks at each account and Region"
    ),
    Code.NOT_LOGGING: N_("{trail} is stopped: it will take the key, but no delivery can prove it"),
    Code.DELIVERY_FAILING: N_("{trail} does not deliver now in {regions}; the switch will not mend that"),
    Code.BUCKET_MISSING: N_(
        "there is no bucket {bucket}: {trail} delivers nothing, and whoever makes one of that name gets "
        "the log files"
    ),
    Code.BUCKET_UNREADABLE: N_(
        "the Region of bucket {bucket} is not known ({code}), and the key must lie in it: {call} is needed"
    ),
    Code.BUCKET_ELSEWHERE: N_(
        "bucket {bucket} belongs to account {owner}: its readers there need kms:Decrypt in the key's "
        "policy and in their own account's IAM policies"
    ),
    Code.BUCKET_POLICY_DENIES: N_(
        "the policy of bucket {bucket} denies deliveries as aws:kms under this key: {statements}"
    ),
    Code.BUCKET_POLICY_UNDECIDED: N_(
        "whether the policy of bucket {bucket} lets deliveries in as aws:kms cannot be told: {statements}"
    ),
    Code.BUCKET_POLICY_LACKS: N_(
        "the policy of bucket {bucket} does not let CloudTrail call {actions}, neither today nor under this "
        "key"
    ),
    Code.BUCKET_POLICY_BY_NETWORK: N_(
        "{statements} in the policy of bucket {bucket} denies by the network that a request comes from, and "
        "does not except AWS services: most likely it stops deliveries"
    ),
    Code.DELIVERIES_NEED_THE_KEY: N_(
        "the policy of bucket {bucket} lets deliveries of {trail} in under this key and not as they are "
        "today: an undo stops them again"
    ),
    Code.REPLICATION_SKIPS: N_("replication of bucket {bucket} silently skips SSE-KMS objects: rule {rules}"),
    Code.BUCKET_KEY: N_(
        "bucket {bucket} uses an S3 Bucket Key: far fewer KMS requests, but a tightened key "
        "policy takes effect only as cached bucket keys expire, and CloudTrail itself needs "
        "kms:Decrypt"
    ),
    Code.KEY_MISSING: N_("there is no key {key}"),
    Code.KEY_UNREADABLE: N_("key {key} could not be described ({code}): {call} is needed"),
    Code.KEY_ELSEWHERE: N_("key {key} belongs to account {owner}: its policy can be changed only there"),
    Code.KEY_IN_OTHER_REGION: N_(
        "key {key} lies in {region} and the bucket in {bucket_region}; CloudTrail needs a key in the "
        "bucket's Region"
    ),
    Code.KEY_NOT_SYMMETRIC: N_(
        "key {key} is {spec} for {usage}; CloudTrail uses symmetric encryption keys only"
    ),
    Code.KEY_OF_AWS: N_("key {key} is managed by AWS and its policy cannot be changed"),
    Code.KEY_UNUSABLE: N_("key {key} is {state}"),
    Code.MATERIAL_EXPIRES: N_(
        "the imported material of {key} expires at {when}: from then on CloudTrail cannot deliver and "
        "nobody can read"
    ),
    Code.KEY_POLICY_UNREADABLE: N_(
        "the policy of {key} could not be read ({code}), so nothing can be merged into it: {call} is needed"
    ),
    Code.KEY_POLICY_DENIES: N_("the policy of {key} denies CloudTrail whatever is added: {statements}"),
    Code.KEY_POLICY_UNDECIDED: N_(
        "whether the policy of {key} lets CloudTrail in cannot be told, whatever is added: {statements}"
    ),
    Code.KEY_POLICY_BY_NETWORK: N_(
        "{statements} in the policy of {key} denies by the network that a request comes from, and does not "
        "except AWS services: most likely it stops CloudTrail"
    ),
    Code.KEY_POLICY_TOO_LONG: N_("the policy of {key} would be longer than the 32 KB that KMS takes"),
    Code.READERS_NOT_EXAMINED: N_(
        "who reads the log files was not examined: after the switch a reader needs kms:Decrypt on the "
        "key beside s3:GetObject on the bucket"
    ),
    Code.GUARDRAILS_NOT_READ: UNREAD_GUARDRAILS,
    Code.READER_UNCLEAR: N_(
        "server access logs do not tell a role's path: {roles} have one name, and each is taken for a reader"
    ),
    Code.READER_LEFT_OUT: N_("{reader} reads the log files today and is not among the readers"),
    Code.STILL_OPEN: N_("{reader} could still read: {why}"),
    Code.LOCKS_OUT: N_("{caller} could not change the key policy any more"),
    Code.UNDO_CLOSES: N_(
        "undone after the history was re-encrypted, this plan closes what has no encryption context of"
        " the trail to these readers again"
    ),
    Code.CONTEXT_UNDOCUMENTED: N_(
        "AWS does not document the encryption context that UpdateObjectEncryption leaves; the statements"
        " expect S3's own, the object's ARN or the bucket's"
    ),
    Code.OTHER_POLICIES: N_(
        "only the key policy was examined: a grant or an IAM policy that asks for the trail's encryption"
        " context closes these objects too"
    ),
}
LACKS_TOMORROW = N_(
    "the policy of bucket {bucket} does not let CloudTrail call {actions} under this key, as it does today"
)
NOT_DESCRIBED = N_("key {key} belongs to account {owner} and could not be described from here")
NO_DOCUMENT = N_(
    "the policy of {key} is no document that something can be merged into: trailseal policy lint says why"
)
ELSEWHERE_REMEDIES = (
    N_("plan it there with --also-for {trail}, apply that, then take this on here"),
    N_("plan it there with --also-for TRAIL-ARN, apply that, then take this on here"),
)
REGION_REMEDIES = (
    N_("name the multi-Region key's replica in {bucket_region}"),
    N_("choose a key of {bucket_region}, or --key create"),
)
REMEDIES = {
    Code.CLOUDFORMATION: N_(
        "set KMSKeyId of the AWS::CloudTrail::Trail resource in the stack's template instead"
    ),
    Code.CONTROL_TOWER: N_(
        "set centralizedLogging.configurations.kmsKeyArn in the landing zone's manifest instead; "
        "the key must be a single-Region key of the management account"
    ),
    Code.TRAIL_OWNER: N_("run this in account {owner}, or in CloudTrail's delegated administrator account"),
    Code.NOT_LOGGING: N_("start it with aws cloudtrail start-logging, then run trailseal verify --wait"),
    Code.DELIVERY_FAILING: N_("trailseal check says why"),
    Code.BUCKET_MISSING: N_(
        "make the bucket, or name another one, before the key: aws cloudtrail update-trail"
    ),
    Code.BUCKET_ELSEWHERE: N_("trailseal who --plan PLAN shows who would read {trail} after the switch"),
    Code.BUCKET_POLICY_DENIES: N_("change that statement first; deliveries would stop with AccessDenied"),
    Code.BUCKET_POLICY_LACKS: N_(
        "give the bucket the policy that AWS's page shows for this trail: "
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"
    ),
    Code.BUCKET_POLICY_BY_NETWORK: N_("except AWS services there: Bool aws:PrincipalIsAWSService false"),
    Code.KEY_POLICY_BY_NETWORK: N_("except AWS services there: Bool aws:PrincipalIsAWSService false"),
    Code.REPLICATION_SKIPS: N_(
        "add SourceSelectionCriteria.SseKmsEncryptedObjects and a ReplicaKmsKeyID to the "
        "rule, and kms:Decrypt on the key to its role"
    ),
    Code.KEY_MISSING: N_("name another with --key, or let one be made with --key create"),
    Code.KEY_NOT_SYMMETRIC: N_("choose a SYMMETRIC_DEFAULT key for ENCRYPT_DECRYPT"),
    Code.KEY_OF_AWS: N_("choose a customer managed key"),
    Code.MATERIAL_EXPIRES: N_("import the same material again before that: trailseal key import"),
    Code.KEY_POLICY_DENIES: N_(
        "change that statement first; trailseal never removes one that it did not write"
    ),
    Code.KEY_POLICY_TOO_LONG: N_("shorten it first, or let another key be made with --key create"),
    Code.READERS_NOT_EXAMINED: N_("trailseal who --plan PLAN names them"),
    Code.READER_LEFT_OUT: N_("add `--reader {reader}`, or accept that it can read no more"),
    Code.STILL_OPEN: N_("use `--reader-mode perimeter`, or revoke the grant that lets it in"),
    Code.LOCKS_OUT: N_("let somebody apply this whom the key policy lets change it"),
    Code.CONTEXT_UNDOCUMENTED: N_("re-encrypt one object and let a reader open it before the rest"),
}
MENDING = {
    KeyState.DISABLED: N_("enable it with aws kms enable-key, or choose another"),
    KeyState.PENDING_DELETION: N_("cancel its deletion with aws kms cancel-key-deletion, or choose another"),
    KeyState.PENDING_IMPORT: N_("import its material first: trailseal key import {key}"),
}
LISTS = frozenset({"regions", "rules", "roles", "actions"})
WAIT = N_("wait until it is Enabled, or choose another")


def told(concern: Concern) -> str:
    """Return the sentence on what stands, in the user's language, with the folders that are meant."""
    template = TEXTS[concern.code]
    if concern.code is Code.BUCKET_POLICY_LACKS and concern.facts.works_today:
        template = LACKS_TOMORROW
    if concern.code is Code.KEY_ELSEWHERE and concern.facts.trail:
        template = NOT_DESCRIBED
    if concern.code is Code.KEY_POLICY_UNREADABLE and not concern.facts.call:
        template = NO_DOCUMENT
    text = say(Message(template, _filling(concern)))
    return f"{text} ({', '.join(concern.facts.folders)})" if concern.facts.folders else text


def remedy(concern: Concern) -> str:
    """Return what to do about it, "" where nothing can be said."""
    template = _remedy(concern.code, concern.facts)
    return say(Message(template, _filling(concern))) if template else ""


def _remedy(code: Code, facts: Details) -> str:
    match code:
        case Code.KEY_UNUSABLE:
            return MENDING.get(facts.state or KeyState.UNAVAILABLE, WAIT)
        case Code.KEY_ELSEWHERE:
            return ELSEWHERE_REMEDIES[not facts.trail]
        case Code.KEY_IN_OTHER_REGION:
            return REGION_REMEDIES[not facts.multi_region]
        case _:
            return REMEDIES.get(code, "")


def _filling(concern: Concern) -> dict[str, str | int]:
    """Return the facts as they are put into a sentence; a list is one text, and what is lacking is a `?`."""
    facts = concern.facts
    words: dict[str, str | int] = {
        name: ", ".join(value) if isinstance(value, tuple) else value
        for name in facts.__struct_fields__
        if isinstance(value := getattr(facts, name), str) or (value and name in LISTS)
    }
    words["statements"] = ", ".join(facts.statements) or "?"
    return words | {
        "what": concern.code.value,
        "subject": concern.subject,
        "caller": facts.reader,
        "code": facts.error,
        "state": facts.state.value if facts.state else "?",
        "when": when(facts.expires),
        "why": ", ".join(map(decider_words, facts.decided_by)) or translate(N_("not known")),
    }
