"""What a concern of a plan says: one sentence for its code, made from its facts, and what to do about it."""

from __future__ import annotations

from trailseal.access.readers.doubt import UNREAD_GUARDRAILS
from trailseal.locale.language import aside, aws_word, say, translate
from trailseal.messages import N_, Message
from trailseal.model.arn import Arn, is_arn
from trailseal.model.key import KeyState
from trailseal.model.region_off import AS_IF_OFF
from trailseal.plan.concern import Concern
from trailseal.plan.concern_facts import Code, Details, Weight
from trailseal.plan.put_words import PUT_WORDS, template_of
from trailseal.plan.step import is_new, key_region
from trailseal.view.reader_changes import decider_words
from trailseal.view.steps import name_of
from trailseal.view.words import listed, when

UNREAD = N_("{what} could not be read ({code}): {call} is needed on {subject}")
AS_OFF = N_(
    "{subject}: AWS answered {code} to {call}, as where the account has not enabled a Region, or a session "
    "token is not valid there"
)
"""In the place of any sentence on what could not be read; it is no permission that would help."""
TEXTS = PUT_WORDS | {
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
        "CloudFormation stack {stack} owns {trail} and would undo a change made outside it"
    ),
    Code.CONTROL_TOWER: N_("AWS Control Tower owns {trail}; a change outside the landing zone is drift"),
    Code.TRAIL_OWNER: N_("{trail} belongs to account {owner} and cannot be changed from {account}"),
    Code.MEMBERS: N_(
        "{trail} delivers for every account of the organization, and a member can fail while the "
        "management account succeeds: verify looks at each account and Region"
    ),
    Code.NOT_LOGGING: N_("{trail} is stopped: it will take the key, but no delivery can prove it"),
    Code.DELIVERY_FAILING: N_("{trail} does not deliver now in {regions}; the switch will not fix that"),
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
        "the policy of bucket {bucket} denies deliveries as aws:kms with this key: {statements}"
    ),
    Code.BUCKET_POLICY_UNDECIDED: N_(
        "whether the policy of bucket {bucket} lets deliveries in as aws:kms could not be decided: "
        "{statements}"
    ),
    Code.BUCKET_POLICY_LACKS: N_(
        "the policy of bucket {bucket} does not let CloudTrail call {actions}, neither today nor with this "
        "key"
    ),
    Code.BUCKET_POLICY_BY_NETWORK: N_(
        "{statements} in the policy of bucket {bucket} denies by the network that a request comes from, and "
        "does not except AWS services: most likely it stops deliveries"
    ),
    Code.DELIVERIES_NEED_THE_KEY: N_(
        "the policy of bucket {bucket} lets deliveries of {trail} in with this key and not as they are "
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
    Code.KEY_NOT_OF_BUCKET_OWNER: N_(
        "the key is of account {account} and bucket {bucket} of {owner}: CloudTrail delivers so, but "
        "UpdateObjectEncryption takes only keys of the bucket owner's account, unless AWS Support has "
        "opened it, so log files from before the switch can only be copied with this key"
    ),
    Code.KEY_IN_OTHER_REGION: N_(
        "key {key} lies in {region} and the bucket in {bucket_region}; CloudTrail needs a key in the "
        "bucket's Region"
    ),
    Code.KEY_NOT_SYMMETRIC: N_(
        "key {key} is {spec} for {usage}; CloudTrail uses symmetric encryption keys only"
    ),
    Code.KEY_OF_AWS: N_("key {key} is managed by AWS and its policy cannot be changed"),
    Code.KEY_UNUSABLE: N_("key {key} is {state}"),
    Code.KEY_RESCUED: N_(
        "key {key} is {state}, and no other key decrypts what is encrypted with it: the plan brings "
        "it back first"
    ),
    Code.KEY_LEFT_BEHIND: N_(
        "key {key} is {state}: no other key decrypts what was delivered with it, and nobody can read it"
    ),
    Code.KEY_BY_ALIAS: N_("{alias} is the name of key {key}: the plan uses that key and creates none"),
    Code.OPTION_LEFT_OUT: N_("{option} cannot apply to {key}, and is left out there"),
    Code.MATERIAL_EXPIRES: N_(
        "the imported material of {key} expires at {when}: from then on CloudTrail cannot deliver and "
        "nobody can read"
    ),
    Code.KEY_POLICY_UNREADABLE: N_(
        "the policy of {key} could not be read ({code}), so nothing can be merged into it: {call} is needed"
    ),
    Code.KEY_POLICY_DENIES: N_("the policy of {key} denies CloudTrail whatever is added: {statements}"),
    Code.KEY_POLICY_UNDECIDED: N_(
        "whether the policy of {key} lets CloudTrail in could not be decided, whatever is added: {statements}"
    ),
    Code.KEY_POLICY_BY_NETWORK: N_(
        "{statements} in the policy of {key} denies by the network that a request comes from, and does not "
        "except AWS services: most likely it stops CloudTrail"
    ),
    Code.READERS_NOT_EXAMINED: N_(
        "who reads the log files was not examined: after the switch a reader needs kms:Decrypt on the "
        "key beside s3:GetObject on the bucket"
    ),
    Code.READERS_NOT_LOOKED_UP: N_(
        "not everything that shows who reads the log files of {trail} was read ({call} {code}, {subject}): "
        "whoever was not seen there may lose access"
    ),
    Code.GUARDRAILS_NOT_READ: UNREAD_GUARDRAILS,
    Code.READER_UNCLEAR: N_(
        "server access logs do not hold a role's path: {roles} have one name, and each is taken for a reader"
    ),
    Code.READER_NOT_NAMED: N_(
        "{reader} of account {account} reads the log files of {trail} and is none of the principals that "
        "were read: whether it can read afterwards is not known"
    ),
    Code.UNSIGNED_READERS: N_(
        "requests that nobody signed read the log files of {trail}: they end with SSE-KMS, which takes "
        "signed requests only"
    ),
    Code.READERS_BY_POLICY: N_(
        "nothing records who reads the log files of {trail}: whoever's own policies name the bucket is taken "
        "for a reader"
    ),
    Code.READERS_LOSE_ACCESS: N_("{reader} reads the log files of {trail} today and would lose access"),
    Code.READER_CANNOT_READ: N_("{reader} is named as a reader and cannot read the log files of {trail}"),
    Code.KEY_RESTRICTED: N_(
        "the policy of {key} lets only those decrypt whom it names, and nobody is added to them unasked"
    ),
    Code.STILL_OPEN: N_("{reader} could still read: {why}"),
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
NO_ACCOUNT = N_(
    "{reader}, of an account that is not named, reads the log files of {trail}: whether it can read "
    "afterwards is not known"
)
LACKS_TOMORROW = N_(
    "the policy of bucket {bucket} does not let CloudTrail call {actions} with this key, as it does today"
)
NOT_DESCRIBED = N_("key {key} belongs to account {owner} and could not be described from here")
NO_DOCUMENT = N_(
    "nothing can be merged into the policy of {key} as it is written: `trailseal policy lint` says why"
)
RESCUED_IN_TIME = N_(
    "key {key} is {state}, and KMS deletes it at {when}: no other key decrypts what is "
    "encrypted with it, and it would be lost; the plan brings it back first"
)
LOST_BEHIND = N_(
    "key {key} is {state}, and KMS deletes it at {when}: no other key decrypts what was "
    "delivered with it, and it is lost then"
)
DATED = {Code.KEY_RESCUED: RESCUED_IN_TIME, Code.KEY_LEFT_BEHIND: LOST_BEHIND}
"""The sentence where a date is known."""
ELSEWHERE_REMEDIES = (
    N_("plan it there with --also-for {trail}, apply that, then accept this here"),
    N_("plan it there with --also-for TRAIL-ARN, apply that, then accept this here"),
)
REGION_REMEDIES = (
    N_("name the multi-Region key's replica in {bucket_region}"),
    N_("choose a key of {bucket_region}, or let one be made: trailseal plan --trail {trails} --key create"),
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
    Code.NOT_LOGGING: N_("start it: aws cloudtrail start-logging --name {subject} --region {home}"),
    Code.DELIVERY_FAILING: N_("to see how to fix it: trailseal check --trail {subject}"),
    Code.BUCKET_MISSING: N_(
        "to see what makes the bucket again: trailseal check --trail {trail} --control TS106"
    ),
    Code.BUCKET_ELSEWHERE: N_("trailseal who --plan PLAN shows who would read {trail} after the switch"),
    Code.BUCKET_POLICY_DENIES: N_(
        "except CloudTrail from that statement in a file, POLICY, or deliveries stop with AccessDenied: "
        "aws s3api put-bucket-policy --bucket {bucket} --region {bucket_region} --policy file://POLICY"
    ),
    Code.BUCKET_POLICY_LACKS: N_(
        "to see the command that lets it: trailseal check --trail {trails} --control TS108"
    ),
    Code.BUCKET_POLICY_BY_NETWORK: N_(
        "except AWS services there, by Bool aws:PrincipalIsAWSService false, in a file, POLICY: "
        "aws s3api put-bucket-policy --bucket {bucket} --region {bucket_region} --policy file://POLICY"
    ),
    Code.KEY_POLICY_BY_NETWORK: N_(
        "except AWS services there, by Bool aws:PrincipalIsAWSService false, in a file, POLICY: "
        "aws kms put-key-policy --key-id {key} --region {region} --policy-name default --policy file://POLICY"
    ),
    Code.REPLICATION_SKIPS: N_(
        "add SourceSelectionCriteria.SseKmsEncryptedObjects and a ReplicaKmsKeyID to the "
        "rule, and kms:Decrypt on the key to its role"
    ),
    Code.KEY_NOT_OF_BUCKET_OWNER: N_(
        "to re-encrypt them in place, choose a key of account {owner}; Control Tower's landing zone wants "
        "one of the management account"
    ),
    Code.KEY_MISSING: N_("let another be made: trailseal plan --trail {trails} --key create"),
    Code.KEY_NOT_SYMMETRIC: N_(
        "CloudTrail takes a SYMMETRIC_DEFAULT key for ENCRYPT_DECRYPT: "
        "trailseal plan --trail {trails} --key create"
    ),
    Code.KEY_OF_AWS: N_(
        "CloudTrail takes a customer managed key: trailseal plan --trail {trails} --key create"
    ),
    Code.MATERIAL_EXPIRES: N_(
        "whoever keeps the material must import the same again before that, from a FILE: "
        "trailseal key import {key} --material FILE"
    ),
    Code.KEY_RESCUED: N_(
        "ask whoever took it out of use; a new key instead of this one only with --key create"
    ),
    Code.KEY_BY_ALIAS: N_("for a key of its own: --alias with another name, and --key create"),
    Code.KEY_LEFT_BEHIND: N_("bring it back first: trailseal plan --trail {trail}"),
    Code.KEY_POLICY_DENIES: N_(
        "except CloudTrail from that statement, which trailseal never does itself, in a file, POLICY: "
        "aws kms put-key-policy --key-id {key} --region {region} --policy-name default --policy file://POLICY"
    ),
    Code.KEY_POLICY_TOO_LONG: N_(
        "shorten it first, or let another key be made: trailseal plan --trail {trails} --key create"
    ),
    Code.READERS_NOT_EXAMINED: N_("trailseal who --plan PLAN names them"),
    Code.READERS_NOT_LOOKED_UP: N_(
        "allow that call, or look back over less with --reader-days N; the list of readers shows who breaks"
    ),
    Code.READERS_LOSE_ACCESS: N_(
        "to keep its access: --also-reader {reader}; where you name readers with --reader, there"
    ),
    Code.READER_NOT_NAMED: N_(
        "name whoever it is with --also-reader, or see with trailseal who --also-profile who reads in that "
        "account"
    ),
    Code.READER_CANNOT_READ: N_("see with trailseal who what keeps it out, its s3:GetObject above all"),
    Code.KEY_RESTRICTED: N_("name with --also-reader whoever must be able to read too"),
    Code.STILL_OPEN: N_("use `--reader-mode perimeter`, or revoke the grant that lets it in"),
    Code.KEY_POLICY_CANNOT_BE_PUT: N_(
        "take that out of --reader or --also-reader, or out of the policy first: aws kms put-key-policy "
        "--key-id {key} --region {region} --policy-name default --policy file://POLICY"
    ),
    Code.CALLER_SHUT_OUT: N_("let somebody plan and apply this whom the key policy lets change it"),
    Code.LOCKS_OUT: N_("let somebody apply this whom the key policy lets change it"),
    Code.CONTEXT_UNDOCUMENTED: N_("re-encrypt one object and let a reader open it before the rest"),
}
CANCEL_ELSEWHERE = N_(
    "account {owner} has to cancel that, then enable it: aws kms cancel-key-deletion --key-id {key} "
    "--region {region}, then aws kms enable-key --key-id {key} --region {region}"
)
MENDING = {
    KeyState.DISABLED: N_(
        "account {owner} has to enable it: aws kms enable-key --key-id {key} --region {region}"
    ),
    KeyState.PENDING_DELETION: CANCEL_ELSEWHERE,
    KeyState.PENDING_REPLICA_DELETION: CANCEL_ELSEWHERE,
    KeyState.PENDING_IMPORT: N_(
        "whoever keeps its key material must import it first, from a FILE: trailseal key import {key} "
        "--material FILE"
    ),
}
LISTS = frozenset({"regions", "rules", "roles", "actions", "principals"})
NOT_THERE = N_("leave whoever is not there out of --reader or --also-reader")
TOMORROW_REMEDY = N_(
    "write what AWS's page shows for this trail into a file, POLICY: "
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html; "
    "then: aws s3api put-bucket-policy --bucket {bucket} --region {bucket_region} --policy file://POLICY"
)
REGION_TO_FILL_IN = "REGION"
"""Where nobody would say in which Region a bucket lies: the AWS CLI asks for it, as for a POLICY."""
WAIT = N_("wait until it is Enabled, or choose another")


def told(concern: Concern) -> str:
    """Return the sentence on what stands, in the user's language, with the folders that are meant."""
    template = template_of(concern) or TEXTS[concern.code]
    if concern.facts.error in AS_IF_OFF and concern.weight is Weight.UNKNOWN:
        template = AS_OFF
    if concern.facts.expires:
        template = DATED.get(concern.code, template)
    if concern.code is Code.BUCKET_POLICY_LACKS and concern.facts.works_today:
        template = LACKS_TOMORROW
    if concern.code is Code.READER_NOT_NAMED and not concern.facts.account:
        template = NO_ACCOUNT
    if concern.code is Code.KEY_ELSEWHERE and concern.facts.trail:
        template = NOT_DESCRIBED
    if concern.code is Code.KEY_POLICY_UNREADABLE and not concern.facts.call:
        template = NO_DOCUMENT
    text = say(Message(template, _filling(concern)))
    return text + aside(listed(concern.facts.folders)) if concern.facts.folders else text


def remedy(concern: Concern) -> str:
    """Return what to do about it, "" where nothing can be said."""
    template = _remedy(concern.code, concern.facts)
    return say(Message(template, _filling(concern))) if template else ""


def _remedy(code: Code, facts: Details) -> str:
    match code:
        case Code.KEY_UNUSABLE:
            return MENDING.get(facts.state or KeyState.UNAVAILABLE, WAIT)
        case Code.KEY_POLICY_CANNOT_BE_PUT if is_new(facts.key):
            return NOT_THERE
        case Code.BUCKET_POLICY_LACKS if facts.works_today:
            return TOMORROW_REMEDY
        case Code.KEY_ELSEWHERE:
            return ELSEWHERE_REMEDIES[not facts.trail]
        case Code.KEY_IN_OTHER_REGION:
            return REGION_REMEDIES[not facts.multi_region]
        case _:
            return REMEDIES.get(code, "")


def _region_in(arn: str) -> str:
    return Arn.parse(arn).region if is_arn(arn) else "?"


def _filling(concern: Concern) -> dict[str, str | int]:
    """Return the facts as they are put into a sentence; a list is one text, and what is lacking is a `?`."""
    facts = concern.facts
    words: dict[str, str | int] = {
        name: listed(value) if isinstance(value, tuple) else value
        for name in facts.__struct_fields__
        if isinstance(value := getattr(facts, name), str) or (value and name in LISTS)
    }
    words["statements"] = listed(facts.statements) or "?"
    return words | {
        "home": _region_in(concern.subject),
        "key_region": _region_in(facts.key),
        "region": facts.region or (key_region(facts.key) if facts.key else ""),
        "key": name_of(facts.key) if facts.key else "",
        "bucket_region": facts.bucket_region or REGION_TO_FILL_IN,
        "what": concern.code.value,
        "subject": name_of(concern.subject) if is_new(concern.subject) else concern.subject,
        "trails": " --trail ".join(concern.trails) or "TRAIL",
        "caller": facts.reader,
        "code": facts.error,
        "state": aws_word(facts.state.value) if facts.state else "?",
        "when": when(facts.expires),
        "why": listed(map(decider_words, facts.decided_by)) or translate(N_("not known")),
    }
