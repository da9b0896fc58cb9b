"""Why each code of a plan's concerns matters: one sentence for its code, whatever the plan."""

from __future__ import annotations

from trailseal.messages import N_
from trailseal.plan.concern_facts import Code

UNREAD = N_(
    "What could not be read may hold what stops deliveries or takes a reader's access, and trailseal guesses "
    "neither."
)
OWNED = N_("The owner of the trail restores the old value, and the trail leaves SSE-KMS without notice.")
STOPS = N_(
    "CloudTrail does not fall back to SSE-S3: what it cannot encrypt or write it does not deliver, and after "
    "some time it is lost."
)
UNDECIDED = N_(
    "A policy that nobody can decide may stop deliveries; a plan is sure of them or says that it is not."
)
ELSEWHERE = N_("What is decided in another account cannot be seen or changed with these credentials.")
BY_NETWORK = N_("CloudTrail's requests come from no network of yours, so the statement refuses them.")
NEEDS_KEY = N_(
    "CloudTrail takes symmetric encryption keys of the bucket's Region only, and UpdateTrail refuses others."
)
CLOSES = N_(
    "Reading takes kms:Decrypt from the first log file after the switch: with s3:GetObject "
    "alone access is lost, and a pipeline that stops is noticed too late."
)
NOT_TOLD = N_("Nobody gets a statement on a guess, and a reader who was not seen may lose access.")
LOCKED = N_("A key policy that nobody can change stays as it is; only AWS Support can help.")
LOST = N_(
    "No other key decrypts what was delivered with this one: while it cannot be used nobody reads it, and "
    "once it is deleted it is lost."
)
NOT_PUT = N_("KMS checks a whole policy each time it is put, also the statements that nobody changed.")
HISTORY = N_(
    "Files of before the switch are closed or opened by other statements than those delivered after it."
)

WHY = {
    **dict.fromkeys(
        (
            Code.TRAILS,
            Code.TRAIL_UNREADABLE,
            Code.TRAIL_STATUS,
            Code.FACTS,
            Code.MANAGED_BY,
            Code.BUCKET_UNREADABLE,
            Code.BUCKET_POLICY,
            Code.BUCKET_REPLICATION,
            Code.BUCKET_ENCRYPTION,
            Code.KEY_UNREADABLE,
            Code.KEY_POLICY_UNREADABLE,
            Code.GUARDRAILS_NOT_READ,
        ),
        UNREAD,
    ),
    **dict.fromkeys((Code.CLOUDFORMATION, Code.CONTROL_TOWER), OWNED),
    **dict.fromkeys((Code.TRAIL_OWNER, Code.BUCKET_ELSEWHERE, Code.KEY_ELSEWHERE), ELSEWHERE),
    **dict.fromkeys(
        (
            Code.BUCKET_POLICY_DENIES,
            Code.BUCKET_POLICY_LACKS,
            Code.DELIVERIES_NEED_THE_KEY,
            Code.KEY_UNUSABLE,
            Code.KEY_MISSING,
            Code.KEY_POLICY_DENIES,
            Code.MATERIAL_EXPIRES,
        ),
        STOPS,
    ),
    **dict.fromkeys((Code.BUCKET_POLICY_UNDECIDED, Code.KEY_POLICY_UNDECIDED), UNDECIDED),
    **dict.fromkeys((Code.BUCKET_POLICY_BY_NETWORK, Code.KEY_POLICY_BY_NETWORK), BY_NETWORK),
    **dict.fromkeys((Code.KEY_IN_OTHER_REGION, Code.KEY_NOT_SYMMETRIC), NEEDS_KEY),
    **dict.fromkeys(
        (Code.READERS_NOT_EXAMINED, Code.READERS_LOSE_ACCESS, Code.KEY_RESTRICTED, Code.UNSIGNED_READERS),
        CLOSES,
    ),
    **dict.fromkeys(
        (
            Code.READERS_NOT_LOOKED_UP,
            Code.READER_UNCLEAR,
            Code.READER_NOT_NAMED,
            Code.READERS_BY_POLICY,
        ),
        NOT_TOLD,
    ),
    **dict.fromkeys((Code.UNDO_CLOSES, Code.CONTEXT_UNDOCUMENTED, Code.OTHER_POLICIES), HISTORY),
    Code.MEMBERS: N_("One trail delivers for many accounts, so one success proves one of them."),
    Code.NOT_LOGGING: N_("A proof is made on a delivered object, and a stopped trail delivers none."),
    Code.DELIVERY_FAILING: N_(
        "The switch is judged by the deliveries after it: what failed before it proves nothing."
    ),
    Code.BUCKET_MISSING: N_(
        "A bucket's name is free once it is deleted, and CloudTrail writes to whoever takes it."
    ),
    Code.REPLICATION_SKIPS: N_("The copy in the other bucket ends at the switch, without an error anywhere."),
    Code.BUCKET_KEY: N_("S3 keeps a bucket key for a while, so a key policy that is tightened closes later."),
    Code.KEY_OF_AWS: N_(
        "CloudTrail has to be named in the key's policy, and the policy of this key is AWS's."
    ),
    Code.KEY_POLICY_TOO_LONG: N_("KMS refuses a longer policy, and the plan would stop at that step."),
    Code.READER_CANNOT_READ: N_(
        "Reading takes both: s3:GetObject on the bucket, and kms:Decrypt on the key. A plan gives the second."
    ),
    Code.STILL_OPEN: N_(
        "The restriction would not restrict: a grant or another statement lets the reader in."
    ),
    **dict.fromkeys((Code.LOCKS_OUT, Code.LOCK_OUT_OPEN), LOCKED),
    **dict.fromkeys((Code.KEY_RESCUED, Code.KEY_LEFT_BEHIND), LOST),
    **dict.fromkeys((Code.KEY_POLICY_CANNOT_BE_PUT, Code.UNDO_CANNOT_PUT), NOT_PUT),
    Code.CALLER_SHUT_OUT: N_("The plan would stop at that step, with the steps before it done."),
    Code.KEY_BY_ALIAS: N_(
        "A plan creates a key where none is named; one that an earlier plan created, or that --key names by "
        "its alias, is used again instead."
    ),
    Code.OPTION_LEFT_OUT: N_("What was asked for is not done there, and nothing else says so."),
    Code.KEY_NOT_OF_BUCKET_OWNER: N_(
        "Copying the log files of before the switch costs more than encrypting them in place, and makes new "
        "versions."
    ),
}
"""In the order of the codes where that can be; a code without a reason does not pass the tests."""
