"""CloudTrail's part of log file validation, for any client: ListPublicKeys, GetTrail, GetTrailStatus."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from history_estate import PLACE, fingerprint, public_key
from trailseal.model.trail_place import TrailPlace


@contextmanager
def cloudtrail_stub(place: TrailPlace = PLACE, last: datetime | None = None) -> Iterator[str]:
    """Yield the endpoint of a CloudTrail that knows one trail and the estate's public key."""
    trail = {
        "Name": place.name,
        "TrailARN": place.arn,
        "S3BucketName": place.bucket,
        "HomeRegion": place.home_region,
        "S3KeyPrefix": place.prefix or None,
        "IsOrganizationTrail": bool(place.organization),
        "IsMultiRegionTrail": place.multi_region,
    }
    key = {"Value": b64encode(public_key()).decode(), "Fingerprint": fingerprint()}
    answers = {
        "GetKeyPolicy": {"Policy": '{"Statement":[]}'},
        "DescribeOrganization": {
            "Organization": {"Id": place.organization or None, "MasterAccountId": place.account}
        },
        "ListPublicKeys": {"PublicKeyList": [key]},
        "GetTrail": {"Trail": trail},
        "ListTrails": {
            "Trails": [{"TrailARN": place.arn, "Name": place.name, "HomeRegion": place.home_region}]
        },
        "DescribeTrails": {"trailList": [trail]},
        "GetTrailStatus": {"IsLogging": True}
        | ({"LatestDigestDeliveryTime": last.astimezone(UTC).timestamp()} if last else {}),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.dumps(answers[self.headers["X-Amz-Target"].rpartition(".")[2]]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
