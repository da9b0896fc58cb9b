SELECT
  *
FROM (
  SELECT
    CASE WHEN "t4"."published" IS NOT NULL THEN "t4"."account" ELSE '' END AS "account",
    CASE WHEN "t4"."published" IS NOT NULL THEN "t4"."region" ELSE '' END AS "region",
    CASE
      WHEN "t4"."published" IS NOT NULL
      THEN CONCAT(CONCAT("t4"."year", '-'), "t4"."month")
      ELSE ''
    END AS "month",
    CASE
      WHEN NOT (
        "t4"."published" IS NOT NULL
      )
      THEN 'other object'
      WHEN "t4"."kind" = 'CloudTrail-Digest'
      THEN 'digest file'
      ELSE 'log file'
    END AS "kind",
    COALESCE("t4"."latest", TRUE) AS "latest",
    COALESCE("t4"."storage_class", 'STANDARD') AS "storage_class",
    CASE COALESCE("t4"."status", '')
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
    "t4"."kms_key_id",
    "t4"."bucket_key",
    CASE
      WHEN NOT (
        "t4"."status" = 'SSE-KMS'
      )
      THEN 'none'
      WHEN COALESCE("t4"."modified" > (
        "t4"."published" + INTERVAL '1' DAY
      ), FALSE)
      THEN 'copied later'
      ELSE 'as delivered, or updated in place'
    END AS "context",
    SUM("t4"."objects") AS "objects",
    SUM("t4"."bytes") AS "bytes"
  FROM (
    SELECT
      "t3"."folder",
      "t3"."storage_class",
      "t3"."status",
      "t3"."bucket_key",
      "t3"."modified",
      "t3"."latest",
      "t3"."kms_key_id",
      "t3"."objects",
      "t3"."bytes",
      REGEXP_EXTRACT(
        "t3"."folder",
        '\A(?:([\s\S]+)/)?AWSLogs/(?:(o-[a-z0-9]{10,32})/)?([0-9]{12})/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity|CloudTrail-Aggregated|CloudTrail-Digest)/([a-z]+(?:-[a-z]+)+-[0-9]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})\z',
        3
      ) AS "account",
      REGEXP_EXTRACT(
        "t3"."folder",
        '\A(?:([\s\S]+)/)?AWSLogs/(?:(o-[a-z0-9]{10,32})/)?([0-9]{12})/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity|CloudTrail-Aggregated|CloudTrail-Digest)/([a-z]+(?:-[a-z]+)+-[0-9]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})\z',
        4
      ) AS "kind",
      REGEXP_EXTRACT(
        "t3"."folder",
        '\A(?:([\s\S]+)/)?AWSLogs/(?:(o-[a-z0-9]{10,32})/)?([0-9]{12})/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity|CloudTrail-Aggregated|CloudTrail-Digest)/([a-z]+(?:-[a-z]+)+-[0-9]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})\z',
        5
      ) AS "region",
      REGEXP_EXTRACT(
        "t3"."folder",
        '\A(?:([\s\S]+)/)?AWSLogs/(?:(o-[a-z0-9]{10,32})/)?([0-9]{12})/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity|CloudTrail-Aggregated|CloudTrail-Digest)/([a-z]+(?:-[a-z]+)+-[0-9]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})\z',
        6
      ) AS "year",
      REGEXP_EXTRACT(
        "t3"."folder",
        '\A(?:([\s\S]+)/)?AWSLogs/(?:(o-[a-z0-9]{10,32})/)?([0-9]{12})/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity|CloudTrail-Aggregated|CloudTrail-Digest)/([a-z]+(?:-[a-z]+)+-[0-9]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})\z',
        7
      ) AS "month",
      REGEXP_EXTRACT(
        "t3"."folder",
        '\A(?:([\s\S]+)/)?AWSLogs/(?:(o-[a-z0-9]{10,32})/)?([0-9]{12})/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity|CloudTrail-Aggregated|CloudTrail-Digest)/([a-z]+(?:-[a-z]+)+-[0-9]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})\z',
        8
      ) AS "day",
      CASE
        WHEN REGEXP_EXTRACT(
          "t3"."folder",
          '\A(?:([\s\S]+)/)?AWSLogs/(?:(o-[a-z0-9]{10,32})/)?([0-9]{12})/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity|CloudTrail-Aggregated|CloudTrail-Digest)/([a-z]+(?:-[a-z]+)+-[0-9]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})\z',
          6
        ) <> '0000'
        THEN TRY_CAST(CONCAT(
          CONCAT(
            CONCAT(
              CONCAT(
                REGEXP_EXTRACT(
                  "t3"."folder",
                  '\A(?:([\s\S]+)/)?AWSLogs/(?:(o-[a-z0-9]{10,32})/)?([0-9]{12})/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity|CloudTrail-Aggregated|CloudTrail-Digest)/([a-z]+(?:-[a-z]+)+-[0-9]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})\z',
                  6
                ),
                '-'
              ),
              REGEXP_EXTRACT(
                "t3"."folder",
                '\A(?:([\s\S]+)/)?AWSLogs/(?:(o-[a-z0-9]{10,32})/)?([0-9]{12})/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity|CloudTrail-Aggregated|CloudTrail-Digest)/([a-z]+(?:-[a-z]+)+-[0-9]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})\z',
                7
              )
            ),
            '-'
          ),
          REGEXP_EXTRACT(
            "t3"."folder",
            '\A(?:([\s\S]+)/)?AWSLogs/(?:(o-[a-z0-9]{10,32})/)?([0-9]{12})/(CloudTrail|CloudTrail-Insight|CloudTrail-NetworkActivity|CloudTrail-Aggregated|CloudTrail-Digest)/([a-z]+(?:-[a-z]+)+-[0-9]+)/([0-9]{4})/([0-9]{2})/([0-9]{2})\z',
            8
          )
        ) AS DATE)
        ELSE NULL
      END AS "published"
    FROM (
      SELECT
        CASE
          WHEN SUBSTR("t2"."key", -LENGTH('/')) = '/'
          THEN "t2"."key"
          ELSE SUBSTR(
            "t2"."key",
            IF((
              0 + 1
            ) >= 1, 0 + 1, 0 + 1 + LENGTH("t2"."key")),
            (
              LENGTH("t2"."key") - (
                STRPOS(REVERSE("t2"."key"), '/') - 1
              )
            ) - 1
          )
        END AS "folder",
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
  ) AS "t4"
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
) AS "t5"
ORDER BY
  "t5"."account" ASC,
  "t5"."region" ASC,
  "t5"."month" ASC,
  "t5"."kind" ASC,
  "t5"."latest" ASC,
  "t5"."storage_class" ASC,
  "t5"."encryption" ASC,
  "t5"."kms_key_id" ASC,
  "t5"."bucket_key" ASC,
  "t5"."context" ASC
