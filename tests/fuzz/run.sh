#!/usr/bin/env bash
# Runs a fuzz target for a number of inputs or, with ALCOVE_FUZZ_SECONDS, for that long.
# Usage: run.sh TARGET RUNS OPTIONS…
if [[ -n ${ALCOVE_FUZZ_SECONDS:-} ]]; then
    exec "$1" -max_total_time="$ALCOVE_FUZZ_SECONDS" "${@:3}"
fi
exec "$1" -runs="$2" "${@:3}"
