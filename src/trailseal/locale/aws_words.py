"""
Words of AWS's own enumerations that people read, each with what it means.

A member of such an enumeration that fills a message is shown with its meaning beside it, by `language.say`:
AWS's word alone is a code to whoever does not know the API. In the data of a document it stands alone.
"""

from __future__ import annotations

from trailseal.messages import N_

AWS_WORDS = {
    "Enabled": N_("Enabled"),
    "Disabled": N_("switched off"),
    "PendingDeletion": N_("scheduled for deletion"),
    "PendingImport": N_("waiting for its key material"),
    "PendingReplicaDeletion": N_("scheduled for deletion, once its replicas are gone"),
    "Creating": N_("being created"),
    "Updating": N_("being updated"),
    "Unavailable": N_("its key store is not connected"),
    "CURRENT": N_("CURRENT"),
    "NON_CURRENT": N_("an older one, which still decrypts"),
    "PENDING_ROTATION": N_("waits for a rotation"),
    "PENDING_MULTI_REGION_IMPORT_AND_ROTATION": N_(
        "waits for its import into every replica, then a rotation"
    ),
    "IMPORTED": N_("IMPORTED"),
    "PENDING_IMPORT": N_("has to be imported"),
    "AUTOMATIC": N_("AUTOMATIC"),
    "ON_DEMAND": N_("ON_DEMAND"),
    "ENCRYPT_DECRYPT": N_("ENCRYPT_DECRYPT"),
    "AWS_KMS": N_("AWS_KMS"),
}
"""
The same word again: in English it says what it means.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html and
https://docs.aws.amazon.com/kms/latest/APIReference/API_RotationsListEntry.html
"""
