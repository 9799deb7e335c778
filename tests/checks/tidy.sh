#!/usr/bin/env bash
# clang-tidy 14 has nothing to say about engine/ and app/. Usage: tidy.sh BUILD [JOBS]
# What was found clean is remembered in BUILD/tidy by everything it depends on (the source, how it is
# compiled, all headers, the configuration), so that only what changed is looked at again.
set -euo pipefail
build=$(cd "$1" && pwd)
jobs=${2:-2}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
remembered=$build/tidy
mkdir -p "$remembered"

common=$({
    clang-tidy-14 --version
    cat .clang-tidy
    find app engine shaders "$build/shaders" -name '*.h' -print0 | sort -z | xargs -0 cat
} | sha256sum)

# One source: quiet when clean, everything it says otherwise.
tidy_one() {
    local source=$1 key output
    key=$({
        printf '%s\n' "$common" "$source"
        cat "$source"
        grep -F -- "$PWD/$source" "$build/compile_commands.json" || true
    } | sha256sum | cut -c 1-64)
    [[ ! -e $remembered/$key ]] || return 0
    if output=$(clang-tidy-14 --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option "$source" 2>/dev/null); then
        touch "$remembered/$key"
    else
        printf '%s\n' "$output"
        return 1
    fi
}
export -f tidy_one
export build remembered common

find app engine -name '*.cpp' -print0 | sort -z |
    xargs -0 -n 1 -P "$jobs" bash -c 'set -euo pipefail; tidy_one "$1"' tidy
