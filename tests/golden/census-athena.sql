SELECT
  *
FROM (
  SELECT
    CASE
      WHEN REGEXP_LIKE(
        "t3"."folder",
        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
      )
      THEN REGEXP_EXTRACT(
        "t3"."folder",
        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
        1
      )
      ELSE ''
    END AS "account",
    CASE
      WHEN REGEXP_LIKE(
        "t3"."folder",
        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
      )
      THEN REGEXP_EXTRACT(
        "t3"."folder",
        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
        3
      )
      ELSE ''
    END AS "region",
    CASE
      WHEN REGEXP_LIKE(
        "t3"."folder",
        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
      )
      THEN CONCAT(
        CONCAT(
          CASE
            WHEN REGEXP_LIKE(
              "t3"."folder",
              '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
            )
            THEN REGEXP_EXTRACT(
              "t3"."folder",
              '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
              4
            )
            ELSE ''
          END,
          '-'
        ),
        CASE
          WHEN REGEXP_LIKE(
            "t3"."folder",
            '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
          )
          THEN REGEXP_EXTRACT(
            "t3"."folder",
            '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
            5
          )
          ELSE ''
        END
      )
      ELSE ''
    END AS "month",
    CASE
      WHEN CASE
        WHEN REGEXP_LIKE(
          "t3"."folder",
          '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
        )
        THEN REGEXP_EXTRACT(
          "t3"."folder",
          '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
          2
        )
        ELSE ''
      END = 'CloudTrail-Digest'
      THEN 'digest file'
      WHEN CASE
        WHEN REGEXP_LIKE(
          "t3"."folder",
          '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
        )
        THEN REGEXP_EXTRACT(
          "t3"."folder",
          '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
          2
        )
        ELSE ''
      END IN (
        'CloudTrail',
        'CloudTrail-Insight',
        'CloudTrail-NetworkActivity',
        'CloudTrail-Aggregated'
      )
      THEN 'log file'
      ELSE 'other object'
    END AS "kind",
    COALESCE("t3"."latest", TRUE) AS "latest",
    COALESCE("t3"."storage_class", 'STANDARD') AS "storage_class",
    CASE COALESCE("t3"."status", '')
      WHEN 'SSE-S3'
      THEN 'AES256'
      WHEN 'SSE-KMS'
      THEN 'aws:kms'
      WHEN 'DSSE-KMS'
      THEN 'aws:kms:dsse'
      WHEN 'SSE-C'
      THEN 'customer'
      WHEN 'NOT-SSE'
      THEN ''
      ELSE 'unknown'
    END AS "encryption",
    "t3"."kms_key_id",
    "t3"."bucket_key",
    CASE
      WHEN NOT (
        "t3"."status" = 'SSE-KMS'
      )
      THEN 'none'
      WHEN COALESCE(
        "t3"."modified" > (
          TRY_CAST(CASE
            WHEN REGEXP_LIKE(
              "t3"."folder",
              '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
            )
            THEN CONCAT(
              CONCAT(
                CONCAT(
                  CONCAT(
                    CASE
                      WHEN REGEXP_LIKE(
                        "t3"."folder",
                        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
                      )
                      THEN REGEXP_EXTRACT(
                        "t3"."folder",
                        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
                        4
                      )
                      ELSE ''
                    END,
                    '-'
                  ),
                  CASE
                    WHEN REGEXP_LIKE(
                      "t3"."folder",
                      '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
                    )
                    THEN REGEXP_EXTRACT(
                      "t3"."folder",
                      '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
                      5
                    )
                    ELSE ''
                  END
                ),
                '-'
              ),
              CASE
                WHEN REGEXP_LIKE(
                  "t3"."folder",
                  '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
                )
                THEN REGEXP_EXTRACT(
                  "t3"."folder",
                  '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
                  6
                )
                ELSE ''
              END
            )
            ELSE CAST(NULL AS VARCHAR)
          END AS DATE) + INTERVAL '1' DAY
        ),
        FALSE
      )
      THEN 'copied later'
      ELSE 'as delivered, or updated in place'
    END AS "context",
    SUM("t3"."objects") AS "objects",
    SUM("t3"."bytes") AS "bytes"
  FROM (
    SELECT
      SUBSTR(
        "t2"."key",
        IF((
          0 + 1
        ) >= 1, 0 + 1, 0 + 1 + LENGTH("t2"."key")),
        (
          LENGTH("t2"."key") - (
            STRPOS(REVERSE("t2"."key"), '/') - 1
          )
        ) - 1
      ) AS "folder",
      "t2"."storage_class",
      COALESCE("t2"."encryption_status", 'NOT-SSE') AS "status",
      COALESCE("t2"."is_bucket_key_enabled", FALSE) AS "bucket_key",
      CASE
        WHEN COALESCE("t2"."encryption_status", 'NOT-SSE') = 'SSE-KMS'
        THEN DATE("t2"."last_modified_date")
        ELSE CAST(NULL AS DATE)
      END AS "modified",
      "t2"."is_latest" AS "latest",
      COALESCE("t2"."kms_key_arn", '') AS "kms_key_id",
      COUNT(*) AS "objects",
      SUM(COALESCE("t2"."size", 0)) AS "bytes"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t0"."key",
          "t0"."sequence_number",
          "t0"."is_delete_marker",
          "t0"."size",
          "t0"."last_modified_date",
          "t0"."storage_class",
          "t0"."encryption_status",
          "t0"."is_bucket_key_enabled",
          "t0"."kms_key_arn",
          "t0"."sequence_number" = MAX("t0"."sequence_number") OVER (PARTITION BY "t0"."key" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "is_latest"
        FROM "inventory" AS "t0"
      ) AS "t1"
      WHERE
        NOT (
          COALESCE("t1"."is_delete_marker", FALSE)
        )
    ) AS "t2"
    GROUP BY
      1,
      2,
      3,
      4,
      5,
      6,
      7
  ) AS "t3"
  GROUP BY
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10
) AS "t4"
ORDER BY
  "t4"."account" ASC,
  "t4"."region" ASC,
  "t4"."month" ASC,
  "t4"."kind" ASC,
  "t4"."latest" ASC,
  "t4"."storage_class" ASC,
  "t4"."encryption" ASC,
  "t4"."kms_key_id" ASC,
  "t4"."bucket_key" ASC,
  "t4"."context" ASC
