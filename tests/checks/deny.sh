# For the checks that look for what must not be there; sourced, not run.
# shellcheck shell=bash
set -euo pipefail

# The repository, or the folder given (the checks are tried on planted mistakes that way).
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"
failed=0

# found FIND-ARGUMENTS…: the files, one a line; folders that are not there have none.
found() { { find "$@" -type f 2>/dev/null || true; } | sort; }

# deny REASON PATTERN FIND-ARGUMENTS…: every line of the files found that matches the extended regular
# expression is a mistake.
deny() {
    local reason=$1 pattern=$2 hits
    shift 2
    hits=$(found "$@" | xargs -r -d '\n' grep -nHE -e "$pattern" --) || true
    [[ -z $hits ]] || complain "$reason" "$hits"
}

# deny_files REASON FIND-ARGUMENTS…: every file found is a mistake.
deny_files() {
    local reason=$1 files
    shift
    files=$(found "$@")
    [[ -z $files ]] || complain "$reason" "$files"
}

complain() {
    printf '%s\n' "$@"
    failed=1
}

# The last line of each check.
finish() { exit "$failed"; }
