"""Two hundred trails over ten Regions and four buckets, to count calls on."""

from __future__ import annotations

from trailseal_lab.cloudtrail.history import write_history
from trailseal_lab.cloudtrail.trails import every_trail
from trailseal_lab.hub.state import enable
from trailseal_lab.inside import client
from trailseal_lab.scenarios.parts import bucket_policy, make_bucket
from trailseal_lab.scenarios.story import make_operator
from trailseal_lab.world import World

TRAILS = 200
REGIONS = (
    "ap-northeast-1",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "us-east-1",
    "us-east-2",
    "us-west-2",
)
BUCKETS = 4


def build(world: World) -> None:
    """Make the trails; each has delivered each hour for two hours."""
    make_operator(world)
    for number in range(BUCKETS):
        make_bucket(world, f"example-many-logs-{number}", policy=open_to_trails(world, number))
    for number in range(TRAILS):
        region, name = REGIONS[number % len(REGIONS)], f"trail-{number:03d}"
        cloudtrail = client(world, "cloudtrail", region=region)
        cloudtrail.create_trail(
            Name=name, S3BucketName=f"example-many-logs-{number % BUCKETS}", EnableLogFileValidation=True
        )
        cloudtrail.start_logging(Name=name)
    for trail in every_trail():
        write_history(world, trail, hours=2, files_an_hour=1)
    enable(world, world.account, world.region)


def open_to_trails(world: World, number: int) -> dict[str, object]:
    """Return a bucket policy for every trail of the account."""
    policy = bucket_policy(world, bucket=f"example-many-logs-{number}", trail="*")
    for statement in policy["Statement"]:
        source = {"aws:SourceArn": f"arn:aws:cloudtrail:*:{world.account}:trail/*"}
        rest = {k: v for k, v in statement["Condition"]["StringEquals"].items() if k != "aws:SourceArn"}
        statement["Condition"] = {"StringLike": source} | ({"StringEquals": rest} if rest else {})
    return policy
