"""
The rules of lint: what each finds, why that matters, what to do about it, and a statement that it is about.

What is said of one policy stands where it is found. The table in docs/verbs/policy.md and the page of codes
are made from here.
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.access.lint.finding import LintSeverity
from trailseal.messages import N_

_ERROR, _WARNING, _NOTE = LintSeverity


class LintRule(Struct, frozen=True):
    """One rule, in texts that are marked for translation; `severity` is the usual one."""

    severity: LintSeverity
    means: str
    why: str
    remedy: str
    example: str
    """Elements of one statement or of two, as JSON with `…` for what does not matter."""


RULES = {
    "KP101": LintRule(
        _WARNING,
        N_("two statements that grant the same: narrowing one restricts nobody"),
        N_(
            "Whoever tightens one of them believes that access is restricted, while the other goes on "
            "granting it. The key policy that the CloudTrail console makes has such a pair."
        ),
        N_("Change both statements together, or remove one of them."),
        '{"Sid": "A", "Action": "kms:Decrypt", …}, {"Sid": "B", "Action": "kms:Decrypt", …}',
    ),
    "KP102": LintRule(
        _ERROR,
        N_("a statement that still grants to more callers what another one grants to few"),
        N_(
            "The narrow statement restricts nobody: a request needs one Allow only, and the wide one "
            "gives it."
        ),
        N_("Narrow the wide statement, or remove it."),
        '{"Principal": {"AWS": "…:role/auditor"}, …}, {"Principal": {"AWS": "*"}, …}',
    ),
    "KP103": LintRule(
        _ERROR,
        N_("a statement without conditions that makes those of another one idle"),
        N_("The conditions look like protection, and whoever fails them is let in by the other statement."),
        N_("Give both statements the conditions, or remove the one without."),
        '{"Condition": {"StringEquals": …}, …}, {"Sid": "the same without Condition", …}',
    ),
    "KP104": LintRule(
        _ERROR,
        N_("a caller of an account that nobody named gets through, or a service that acts for one"),
        N_(
            "Anybody with an AWS account can use the key or read the bucket. A test of what callers choose "
            "themselves (name, tags, session, time) keeps nobody out."
        ),
        N_("Name the principals, or add aws:PrincipalOrgID or kms:CallerAccount with a value spelt out."),
        '{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}',
    ),
    "KP105": LintRule(
        _WARNING,
        N_(
            "every principal (user, role) of the account may decrypt or change the policy, with no IAM "
            "permission"
        ),
        N_(
            "The policy grants by itself to the whole account: no IAM policy is needed and none can take it "
            "away but a Deny."
        ),
        N_("Name the principals, or delegate to IAM with the account's root as principal."),
        '{"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}}}',
    ),
    "KP106": LintRule(
        _WARNING,
        N_(
            "CloudTrail is let in for trails of accounts that nobody named, or that the encryption context "
            "alone names (a note where it only describes the key)"
        ),
        N_(
            "CloudTrail works for every customer. Somebody else's trail could encrypt with your key, at "
            "your cost, and would be taken for yours."
        ),
        N_("Add StringEquals aws:SourceArn with the trail's ARN, or aws:SourceAccount."),
        '{"Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*", …}',
    ),
    "KP107": LintRule(
        _ERROR,
        N_("nobody who can exist gets through to `kms:PutKeyPolicy`; a warning when only one user does"),
        N_(
            "A key policy that nobody can change stays as it is; only AWS Support can help, also with "
            "what is encrypted with the key."
        ),
        N_("Keep the statement that gives the account's root kms:*, or name administrators who exist."),
        '{"Principal": {"AWS": "…:role/deleted"}, "Action": "kms:PutKeyPolicy", …} and no other',
    ),
    "KP108": LintRule(
        _WARNING,
        N_("an action that AWS does not list, with the one that was meant"),
        N_("AWS takes such a policy, and the action matches no request: what was to be granted is not."),
        N_("Write the action that was meant."),
        '{"Action": "kms:Decript", …}',
    ),
    "KP109": LintRule(
        _WARNING,
        N_("a condition key that AWS does not list"),
        N_("No request holds such a key: an Allow with it grants nothing, and a Deny denies nothing."),
        N_("Write the condition key that was meant."),
        '{"Condition": {"StringEquals": {"kms:CallerAcount": "111122223333"}}, …}',
    ),
    "KP110": LintRule(
        _ERROR,
        N_(
            "what AWS refuses, with its place: a misspelt element, effect or operator, a name that "
            "appears twice, NotPrincipal with Allow, a wildcard in part of a principal, a value that is "
            "not a number, date or range"
        ),
        N_("PutKeyPolicy and PutBucketPolicy fail on it. Nothing else is said of the statement."),
        N_("Write it as AWS's page on the element shows."),
        '{"Effect": "allow", …}',
    ),
    "KP111": LintRule(
        _ERROR,
        N_("`*` or `?` under `StringEquals`, where it is taken literally"),
        N_("The test asks for a star in the value and never holds; an Allow grants nothing."),
        N_("Use StringLike, or spell the value out."),
        '{"Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}, …}',
    ),
    "KP112": LintRule(
        _WARNING,
        N_(
            "a statement that can never match (tests that exclude each other, a time before 2026), a "
            "condition on a key that its actions or those whom it names never hold, a service that is none, "
            "a test without a value, other accounts that AWS takes none of its actions from"
        ),
        N_("It looks like a grant or like a protection, and is neither."),
        N_("Correct the condition, or remove the statement."),
        '{"Condition": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, …}',
    ),
    "KP113": LintRule(
        _NOTE,
        N_("decryption is left to the IAM policies of accounts somebody of which can meet the conditions"),
        N_("Who reads is then decided by each account's administrators, not by this policy."),
        N_("Leave out kms:Decrypt, kms:ReEncrypt* and kms:CreateGrant where that is not meant."),
        '{"Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", …}',
    ),
    "KP114": LintRule(
        _ERROR,
        N_(
            "a policy longer than AWS takes of its kind, reported first: 32,768 bytes for a key, 20,480 "
            "for a bucket"
        ),
        N_("AWS refuses it. Blanks between elements do not count, since it is sent without them."),
        N_("Put statements together that differ in one element only."),
        '{"Statement": [ … ]} of more than 32,768 bytes',
    ),
    "KP115": LintRule(
        _WARNING,
        N_("statements with the same Sid (a note for S3, which takes them; IAM refuses them, KP110)"),
        N_("Reasons and audits name statements by their Sid: two of one name cannot be distinguished."),
        N_("Give each statement a Sid of its own."),
        '{"Sid": "Readers", …}, {"Sid": "Readers", …}',
    ),
    "KP116": LintRule(
        _WARNING,
        N_(
            "a Deny with NotPrincipal that spares a user or role without its account, or a role without its "
            "session"
        ),
        N_("Whoever is to be spared is denied all the same: account, role and session must each be named."),
        N_("Use a Deny with Principal `*` and ArnNotLike aws:PrincipalArn instead."),
        '{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/auditor"}, …}',
    ),
    "KP117": LintRule(
        _WARNING,
        N_("a deleted user or role beside living principals"),
        N_(
            "AWS shows a deleted principal by its unique ID, refuses it when the policy is put again, and a "
            "new one of the old name is not meant by it."
        ),
        N_("Remove the ID, or name the principal that took its place."),
        '{"Principal": {"AWS": ["AROAEXAMPLEEXAMPLE123", "…:role/auditor"]}, …}',
    ),
    "KP118": LintRule(
        _WARNING,
        N_("another account, or every account of an organization, may make grants for whomever it likes"),
        N_("A grant lets its grantee decrypt whatever the key policy says, until it is revoked."),
        N_("Add Bool kms:GrantIsForAWSResource true, or leave kms:CreateGrant out."),
        '{"Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "kms:CreateGrant", …}',
    ),
    "KP119": LintRule(
        _WARNING,
        N_(
            "a Deny that stops CloudTrail where the policy lets it in; by a network or organization, a Deny "
            "that may stop it in any policy"
        ),
        N_(
            "CloudTrail's requests come from no network and no organization of yours: such a Deny stops the "
            "delivery of log files."
        ),
        N_("Add Bool aws:PrincipalIsAWSService false to the Deny."),
        '{"Effect": "Deny", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, …}',
    ),
    "KP120": LintRule(
        _WARNING,
        N_(
            "CloudTrail is asked for `aws:SourceOrgID` or `aws:SourceOrgPaths`; no page says that it "
            "sends them"
        ),
        N_("If it does not, CloudTrail is denied, and deliveries stop."),
        N_("Use aws:SourceArn or aws:SourceAccount instead."),
        '{"Principal": {"Service": "cloudtrail.amazonaws.com"}, '
        '"Condition": {"StringEquals": {"aws:SourceOrgID": "o-example12345"}}, …}',
    ),
    "KP121": LintRule(
        _NOTE,
        N_("the statements are too many to be compared each with each; what was left out"),
        N_("Lint ends in a second for whatever AWS takes. What it did not look at is not reported as right."),
        N_("Lint a shorter policy, or read what was left out yourself."),
        '{"Statement": [ … some 200 statements … ]}',
    ),
    "KP122": LintRule(
        _NOTE,
        N_("a condition on `kms:ResourceAliases`, which works in IAM policies only"),
        N_("In a key policy it does not do what it says, and more than 50 aliases deny the key."),
        N_("Use aws:ResourceTag, or name the key."),
        '{"Condition": {"StringEquals": {"kms:ResourceAliases": "alias/trail"}}, …}',
    ),
}
