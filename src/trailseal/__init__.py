"""
Put CloudTrail log files under your own KMS key, safely, and prove it on the delivered objects.

The rooms are described in docs/architecture.md. The library's entry points are `trailseal.run`
(use cases) and the values of `trailseal.model`.
"""

__version__ = "0.1.0"
