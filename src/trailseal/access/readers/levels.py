"""
An organization's policies as they bind: what the lists of policies at each level come to.

While a type of policies is enabled, no level is without one of it, and disabling the type takes them all
away. So what `simulate` is given, where a level may be empty, is another matter than what AWS lists.
Sources:
https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html
https://docs.aws.amazon.com/organizations/latest/userguide/disable-policy-type.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from trailseal.access.request import NOT_TOLD, Levels
from trailseal.model.principal import NamedPolicy


def binding(levels: tuple[tuple[NamedPolicy, ...], ...]) -> Levels:
    """
    Return the levels of one type of policies, () where the type is not enabled: then nothing is limited.

    An empty level beside one that is not cannot be, so what stands there is not told.
    """
    if not any(levels):
        return ()
    return tuple(tuple(p.document for p in level) or NOT_TOLD for level in levels)
