"""
Where in its bucket a trail puts what it delivers: the folders that a proof looks at every object in.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

from trailseal.model.log_file import account_folder
from trailseal.model.organization import Organization
from trailseal.model.snapshot import Snapshot
from trailseal.model.trail import Trail


def folders_of(snapshot: Snapshot, trail: Trail) -> tuple[str, ...]:
    """
    Return the folders that a trail delivers its files to today, and no more where that is known.

    An organization trail has the organization's folder, with one for each account in it, and the folder of
    its own account: AWS's bucket policy allows both, as such a trail can be changed to one for the account
    only. With an organization that is not known, it may be any folder.
    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html#org-trail-bucket-policy
    """
    own = account_folder(prefix=trail.s3_key_prefix, organization="", account=trail.account)
    if not trail.is_organization_trail:
        return (own,)
    organization = snapshot.organization
    if not isinstance(organization, Organization) or organization.management_account != trail.account:
        return (account_folder(prefix=trail.s3_key_prefix, organization="", account=""),)
    shared = account_folder(prefix=trail.s3_key_prefix, organization=organization.organization_id, account="")
    return shared, own
