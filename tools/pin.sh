#!/bin/sh
# Pin every requirement file with hashes and without download addresses. Run it to upgrade; review the diff.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-uv}
pin() {
    "$uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-header --no-annotate "$@"
}
pin pyproject.toml -o requirements/base.txt
pin pyproject.toml --extra lab -o requirements/lab.txt
pin pyproject.toml --extra lab --extra history requirements/dev.in -o requirements/dev.txt
pin pyproject.toml requirements/spark.in -o requirements/spark.txt # executors import trailseal
for name in uv awscli c7n object-servers policy-sentry prowler scoutsuite site; do
    pin "requirements/$name.in" -o "requirements/$name.txt"
done
