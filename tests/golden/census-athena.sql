SELECT
  *
FROM (
  SELECT
    CASE
      WHEN REGEXP_LIKE(
        "t2"."folder",
        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
      )
      THEN REGEXP_EXTRACT(
        "t2"."folder",
        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
        1
      )
      ELSE ''
    END AS "account",
    CASE
      WHEN REGEXP_LIKE(
        "t2"."folder",
        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
      )
      THEN REGEXP_EXTRACT(
        "t2"."folder",
        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
        3
      )
      ELSE ''
    END AS "region",
    CASE
      WHEN REGEXP_LIKE(
        "t2"."folder",
        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
      )
      THEN CONCAT(
        CONCAT(
          CASE
            WHEN REGEXP_LIKE(
              "t2"."folder",
              '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
            )
            THEN REGEXP_EXTRACT(
              "t2"."folder",
              '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
              4
            )
            ELSE ''
          END,
          '-'
        ),
        CASE
          WHEN REGEXP_LIKE(
            "t2"."folder",
            '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
          )
          THEN REGEXP_EXTRACT(
            "t2"."folder",
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
          "t2"."folder",
          '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
        )
        THEN REGEXP_EXTRACT(
          "t2"."folder",
          '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
          2
        )
        ELSE ''
      END = 'CloudTrail-Digest'
      THEN 'digest file'
      WHEN CASE
        WHEN REGEXP_LIKE(
          "t2"."folder",
          '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
        )
        THEN REGEXP_EXTRACT(
          "t2"."folder",
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
    TRUE AS "latest",
    "t2"."storage_class",
    CASE COALESCE("t2"."status", '')
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
    "t2"."kms_key_id",
    "t2"."bucket_key",
    CASE
      WHEN NOT (
        "t2"."status" = 'SSE-KMS'
      )
      THEN 'none'
      WHEN COALESCE(
        "t2"."modified" > (
          CAST(CASE
            WHEN REGEXP_LIKE(
              "t2"."folder",
              '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
            )
            THEN CONCAT(
              CONCAT(
                CONCAT(
                  CONCAT(
                    CASE
                      WHEN REGEXP_LIKE(
                        "t2"."folder",
                        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
                      )
                      THEN REGEXP_EXTRACT(
                        "t2"."folder",
                        '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$',
                        4
                      )
                      ELSE ''
                    END,
                    '-'
                  ),
                  CASE
                    WHEN REGEXP_LIKE(
                      "t2"."folder",
                      '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
                    )
                    THEN REGEXP_EXTRACT(
                      "t2"."folder",
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
                  "t2"."folder",
                  '^(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/(CloudTrail(?:-Digest|-Insight|-NetworkActivity|-Aggregated)?)/([a-z0-9-]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})$'
                )
                THEN REGEXP_EXTRACT(
                  "t2"."folder",
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
    SUM("t2"."objects") AS "objects",
    SUM("t2"."bytes") AS "bytes"
  FROM (
    SELECT
      REGEXP_REPLACE("t1"."key", '/[^/]*$', '') AS "folder",
      "t1"."storage_class",
      "t1"."encryption_status" AS "status",
      COALESCE("t1"."is_bucket_key_enabled", FALSE) AS "bucket_key",
      CASE
        WHEN "t1"."encryption_status" = 'SSE-KMS'
        THEN DATE("t1"."last_modified_date")
        ELSE CAST(NULL AS DATE)
      END AS "modified",
      COALESCE("t1"."kms_key_arn", '') AS "kms_key_id",
      COUNT(*) AS "objects",
      SUM(COALESCE("t1"."size", 0)) AS "bytes"
    FROM (
      SELECT
        *
      FROM "inventory" AS "t0"
      WHERE
        NOT (
          COALESCE("t0"."is_delete_marker", FALSE)
        )
    ) AS "t1"
    GROUP BY
      1,
      2,
      3,
      4,
      5,
      6
  ) AS "t2"
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
) AS "t3"
ORDER BY
  "t3"."account" ASC,
  "t3"."region" ASC,
  "t3"."month" ASC,
  "t3"."kind" ASC,
  "t3"."latest" ASC,
  "t3"."storage_class" ASC,
  "t3"."encryption" ASC,
  "t3"."kms_key_id" ASC,
  "t3"."bucket_key" ASC,
  "t3"."context" ASC
