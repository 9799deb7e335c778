#!/usr/bin/env bash
# Every C++ file is as clang-format 14 lays it out; "format.sh --fix" does it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

action=(--dry-run -Werror)
[[ ${1:-} != --fix ]] || action=(-i)
find app engine shaders tests resources installer \( -name '*.cpp' -o -name '*.h' \) -print0 |
    xargs -0 -n 20 -P 2 clang-format-14 "${action[@]}"
