"""
The census of an inventory of 20 million rows beside hand-written DuckDB SQL on the same Parquet file.

The file is made here: accounts, Regions, months and encryptions as an organization's trail leaves them.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from measure import median, report

from trailseal.history.census.duckdb import Files, census_of_files
from trailseal.history.rules.census_query import TRAIL_FOLDERS, ObjectScope
from trailseal.history.rules.inventory import FileFormat

ROWS = int(os.environ.get("BENCH_INVENTORY_ROWS", "20000000"))
RUNS = 3
MAKE = """
copy (
  select 'trail-logs' as bucket,
    concat('AWSLogs/', account, '/CloudTrail/', region, '/', strftime(day, '%Y/%m/%d'), '/', account,
      '_CloudTrail_', region, '_', strftime(day, '%Y%m%dT%H%MZ'), '_',
      lpad(i::varchar, 16, '0'), '.json.gz') as key,
    '' as version_id, true as is_latest, false as is_delete_marker, 2048 + i % 1000 as size,
    day + interval 5 minute as last_modified_date, md5(i::varchar) as e_tag, 'STANDARD' as storage_class,
    case when day < timestamp '2026-06-01' then 'SSE-S3' else 'SSE-KMS' end as encryption_status,
    case when i % 3 = 0 then 'ENABLED' else 'DISABLED' end as bucket_key_status
  from (select i, (100000000000 + i % 10)::varchar as account,
      ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-northeast-1', 'ap-southeast-2']
        [1 + (i // 10) % 6] as region,
      timestamp '2026-01-01' + (i // {a_day}) * interval 1 day as day
    from range({rows}) t(i))
) to '{path}' (format parquet, row_group_size 1000000)
"""
BY_HAND = """
with folders as (
  select regexp_replace(key, '/[^/]*$', '') as folder, is_latest, storage_class, encryption_status,
    coalesce(bucket_key_status, '') = 'ENABLED' as bucket_key,
    case when encryption_status = 'SSE-KMS' then last_modified_date::date end as modified,
    count(*) as objects, sum(size) as bytes
  from '{path}' where not is_delete_marker group by all
)
select split_part(folder, '/', 2) as account, split_part(folder, '/', 4) as region,
  split_part(folder, '/', 5) || '-' || split_part(folder, '/', 6) as month,
  split_part(folder, '/', 3) as kind, is_latest, storage_class, encryption_status, bucket_key,
  modified > concat_ws('-', split_part(folder, '/', 5), split_part(folder, '/', 6),
      split_part(folder, '/', 7))::date
    + interval 1 day as late,
  sum(objects), sum(bytes)
from folders group by all order by all
"""


def main() -> None:
    """Make the file, then run both in turn."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "inventory.parquet")
        duckdb.execute(MAKE.format(rows=ROWS, a_day=max(1, ROWS // 330), path=path))
        size = path.stat().st_size
        files = Files(paths=(path,), file_format=FileFormat.PARQUET)
        scope = ObjectScope(prefixes=("AWSLogs/",), folders=TRAIL_FOLDERS)

        def ours() -> int:
            return sum(row.objects for row in census_of_files(files, scope))

        def by_hand() -> int:
            with duckdb.connect() as database:
                return int(sum(row[-2] for row in database.execute(BY_HAND.format(path=path)).fetchall()))

        pairs = [(_time(ours), _time(by_hand)) for _ in range(RUNS)]
    mine, theirs = (median([pair[side] for pair in pairs]) for side in (0, 1))
    report(
        bench="census-inventory",
        ours=mine,
        peer=theirs,
        peer_name="hand-written DuckDB SQL",
        unit="s",
        n=ROWS,
        ratio=theirs / mine,
        file_mb=round(size / 1e6),
    )


def _time(work: Callable[[], int]) -> float:
    started = time.perf_counter()
    if work() != ROWS:
        raise RuntimeError("the census does not count every row")
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
