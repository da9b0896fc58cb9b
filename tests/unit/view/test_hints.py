"""What errors and concerns say to do: commands that are ones, or sentences that are here with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import click

from hints import hints
from rows import each_row
from trailseal.view import concerns
from verb_tree import verbs

ANOTHER_WAY = "this command as its user meant it, which nobody else knows"
AGREE = "whoever is asked must say so"
MACHINE = "whoever runs the command sets up this machine, its settings and its programs"
PERMISSIONS = "whoever manages what the caller, or the account, may do"
OTHERS = "somebody else, or AWS itself, must act first; who that is, is said"
TELLS = "there is nothing to do but what is told: what was done stays done"
SENTENCES = {
    ANOTHER_WAY: """
give a file, or a key as ARN, ID or alias
name it by ARN, ID or alias, and give its --region
name one with `--trail`: {names}
leave one of them out, or say how often files are read with --reads-per-file
add --sql athena
leave --quick out to count them all
write a number above {low}, up to {high}
write a number from {low} to {high}
write a whole number from {low} to {high}
write it as 2 or 1-3
write one of these: {words}
is {names} meant?
`--source listing` asks S3 about every object
give listing, metadata, inventory, quick, or s3://BUCKET/.../manifest.json of S3 Inventory
name the bucket that is meant with --s3-bucket
leave --versions out, or let it list all versions
name another ledger with `--ledger`
name them with --role ARN and --batch-place s3://BUCKET/PREFIX (no SSE-KMS default)
name a folder that all machines share, or s3://BUCKET/PREFIX, with `--ledger`
name one with --key ARN
use --method copy
write TABLE, DATABASE.TABLE or CATALOG.DATABASE.TABLE
leave s3:// and the bucket out: AWSLogs/ACCOUNT/
leave s3:// and the bucket out: AWSLogs/ACCOUNT/CloudTrail/…
partitions share no keys, trails and principals: name one of {partition}
write 2 to 1224 letters, digits and signs of _+=,.@:/-
write `arn:aws:iam::ACCOUNT:role/NAME` or `arn:aws:iam::ACCOUNT:user/NAME`
write it as `arn:aws:iam::ACCOUNT:role/NAME`
write it as alias/NAME
write it as o-exampleorgid
write it as s3://BUCKET/PREFIX
write it as us-east-1
write its 12 digits
write the bare name, without s3:// and without a prefix
name the primary: {primary}
plan again: name with --reader those who must keep access, or give --accept readers-lose-access
let another key be made with --key create, or leave {option} out
CloudTrail needs a key in the bucket's Region; --key create makes one
choose that key with --key {alias}, or another name with --alias
the checks are {names}
name it with --organization-id: {names}
--now for once, --every DAYS from now on
--material FILE, or --generate FILE to have some made and kept there
give 64 digits for 32 bytes; key import --raw-material takes the 32 letters themselves
use it with --material {path}, or name another file
use 2026-11-23T12:00:00Z, 2026-11-23 (its beginning in UTC), or 6h, 3d ago
the commands are {verbs}
{verbs} does; `who` looks at copies in any case
a policy is for one: print it once for each
give a public key, as ssh-keygen writes it into KEY.pub, or an allowed-signers file
take an Ed25519, an ECDSA or an RSA key of 2048 bits or more
give one by its ARN: {arns}
give the key of an object in {bucket}
run the same command again: it looks before it does anything
run the same command again; if the key was deleted, plan again
run the same command again; steps that are done are not repeated
""",
    AGREE: """
agree with --yes
answer y to go on, or give --yes
have copies made, with a new LastModified and ETag, by {option}
copies are the way that is left, with a new LastModified and ETag: --dry-run says what they cost, {option} makes them
save the plan that keeps them with --reader-plan FILE and apply it, or accept the risk with --accept {code}
--verify none makes copies that nobody reads back
""",  # noqa: E501 - each text on its line
    MACHINE: """
check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a profile with --profile; where the account has not enabled the Region, choose another with --region
check AWS_ENDPOINT_URL, and whether a proxy or a login page answers instead
check the network, the Region and AWS_ENDPOINT_URL
check HTTPS_PROXY, HTTP_PROXY and NO_PROXY
check HTTPS_PROXY, HTTP_PROXY and NO_PROXY; then the network, the Region, AWS_ENDPOINT_URL
look whether AWS_ENDPOINT_URL begins with the right one of https and http; behind a proxy that reads TLS, set AWS_CA_BUNDLE to its certificates
set the Region and AWS_ENDPOINT_URL as where the command runs
check AWS_ENDPOINT_URL and endpoint_url in the AWS configuration
this is not an answer from S3: check AWS_ENDPOINT_URL, and what answers there
a newer version may know it
install Java 17 or later, or set JAVA_HOME to it
name the cluster by its master: spark.master in spark-defaults.conf
delete that file; its objects are then looked at again
name a folder in TRAILSEAL_HOME
it is an older trailseal's: set TRAILSEAL_HOME to another folder, or use that version
set TRAILSEAL_HOME to a folder that you may write to
set TRAILSEAL_HOME to another folder: apply and undo need only the plan's file, and look at AWS again
""",  # noqa: E501 - each text on its line
    PERMISSIONS: """
give the caller kms:GetKeyPolicy, or accept the risk with --accept {code}
allow {action} on {bucket}
give the caller {action}; --verify none makes copies that nobody reads back
give the caller {action}; or have copies made, with a new LastModified and ETag, by {option}
allow s3:GetObject on it; for a table, s3tables:GetTableData
allow s3:ListBucket on the bucket, and check its name and Region
""",
    OTHERS: """
let whoever those policies except run this
whoever manages the key policy must change {statements} first, or accept the risk with --accept {code}
whoever manages the policy of {key} must change that first; then run this again
plan it there, in account {account}
add the optional fields EncryptionStatus, Size, LastModifiedDate and StorageClass to it
the report may still be being written; take an older one
what it holds is kept; another run may be writing it: try again
""",
    TELLS: """
objects that it did are seen by a new census
what it did is entered; the same command again makes another job of the rest
what is done stays done; run it again when that is fixed
""",
}
LISTED = {line: why for why, lines in SENTENCES.items() for line in lines.splitlines() if line}
CONCERNS = {
    ANOTHER_WAY: """
to re-encrypt them in place, choose a key of account {owner}; Control Tower's landing zone wants one of the management account
for a key of its own: --alias with another name, and --key create
to keep its access: --also-reader {reader}; where you name readers with --reader, there
name with --also-reader whoever must be able to read too
use `--reader-mode perimeter`, or revoke the grant that lets it in
leave whoever is not there out of --reader or --also-reader
name the multi-Region key's replica in {bucket_region}
""",  # noqa: E501 - each text on its line
    PERMISSIONS: """
allow that call, or look back over less with --reader-days N; the list of readers shows who breaks
""",
    OTHERS: """
set KMSKeyId of the AWS::CloudTrail::Trail resource in the stack's template instead
set centralizedLogging.configurations.kmsKeyArn in the landing zone's manifest instead; the key must be a single-Region key of the management account
run this in account {owner}, or in CloudTrail's delegated administrator account
add SourceSelectionCriteria.SseKmsEncryptedObjects and a ReplicaKmsKeyID to the rule, and kms:Decrypt on the key to its role
ask whoever took it out of use; a new key instead of this one only with --key create
let somebody plan and apply this whom the key policy lets change it
let somebody apply this whom the key policy lets change it
re-encrypt one object and let a reader open it before the rest
plan it there with --also-for {trail}, apply that, then accept this here
plan it there with --also-for TRAIL-ARN, apply that, then accept this here
wait until it is Enabled, or choose another
""",  # noqa: E501 - each text on its line
}
TABLES = (
    "REMEDIES",
    "MENDING",
    "ELSEWHERE_REMEDIES",
    "REGION_REMEDIES",
    "NOT_THERE",
    "TOMORROW_REMEDY",
    "WAIT",
)
PLACES = {"ACCOUNT", "DAYS", "FILE", "KEY", "PLAN", "POLICY", "TRAIL"}
"""What stands for that which only whoever types a command knows."""
OTHER_PROGRAMS = re.compile(r"\b(?:aws [a-z0-9]+ |openssl rand|ssh-keygen -|pip install )")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
VERBS = {" ".join(names): command for names, command in verbs()}
OPTIONS = {name for command in VERBS.values() for param in command.params for name in param.opts}
SELDOM = {"--help", "--version"}


def listed(table: dict[str, str]) -> set[str]:
    lines = [line for text in table.values() for line in text.splitlines() if line]
    assert len(lines) == len(set(lines))
    return set(lines)


def ours_in(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of ours that a text names: its verb, and the words after it."""
    for part in re.split(r"[`;,]|&&|: ", text):
        if found := re.search(r"\btrailseal ([a-z].*)", part):
            words = found[1].split()
            for length in (3, 2, 1):
                if (verb := " ".join(words[:length])) in VERBS:
                    yield verb, words[length:]
                    break


def is_command(text: str) -> bool:
    return bool([*ours_in(text)] or OTHER_PROGRAMS.search(text)) or "{command}" in text


def remedies() -> set[str]:
    found: set[str] = set()
    for name in TABLES:
        given = getattr(concerns, name)
        found |= (
            {given} if isinstance(given, str) else set(given.values() if isinstance(given, dict) else given)
        )
    return found


def texts(*kinds: Callable[[str], object]) -> list[str]:
    """Return the hints and remedies that are of each of these kinds."""
    return [text for text in sorted(hints().keys() | remedies()) if all(kind(text) for kind in kinds)]


def test_what_is_no_command_stands_here_with_its_reason():
    assert {text for text in hints() if not is_command(text)} == listed(SENTENCES)
    assert {text for text in remedies() if not is_command(text)} == listed(CONCERNS)


@each_row("text", lambda: texts(lambda text: [*ours_in(text)]))
def test_a_command_of_ours_has_the_verbs_and_the_options_that_it_names(text):
    for verb, words in ours_in(text):
        options = {name for param in VERBS[verb].params for name in param.opts}
        given = {word for word in words if word.startswith("-")}
        assert given <= options, verb
        arguments = any(isinstance(param, click.Argument) and param.required for param in VERBS[verb].params)
        assert not arguments or [word for word in words if not word.startswith("-")], verb


@each_row("text", texts)
def test_every_option_that_is_named_exists(text):
    named = set() if OTHER_PROGRAMS.search(text) else set(OPTION.findall(text))

    assert named <= OPTIONS | SELDOM


@each_row("text", lambda: texts(is_command))
def test_only_what_its_user_alone_knows_is_left_to_fill_in(text):
    commands = re.split(r": |`|; ", text)
    words = {word for part in commands if is_command(part) for word in re.findall(r"\b[A-Z]{3,}\b", part)}

    assert words - {"AWS", "AWS_ENDPOINT_URL"} <= PLACES
