#!/usr/bin/env bash
# Every source file compiles by itself, so it includes what it uses, which the unity builds would hide.
# Usage: every_file.sh BUILD [REGEX], the second for the sources it matches alone. Qt's generated files are BUILD's.
set -euo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

compile_one() {
    local compiler source flags said
    IFS=$'\t' read -r compiler source flags <<<"$1"
    eval "flags=($flags)"
    said=$("$compiler" "${flags[@]}" -w -fsyntax-only "$source" 2>&1) && return
    printf '%s does not compile by itself:\n%s\n' "$source" "$(grep -m 3 'error:' <<<"$said")"
    return 1
}
export -f compile_one

# A file that leans on what others include is found.
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
echo 'std::string planted;' >"$planted/planted.cpp"
if compile_one "c++	$planted/planted.cpp	-std=c++20" >/dev/null; then
    echo 'A file that does not include what it uses was not found.'
    exit 1
fi

# Each source once, though two programs may compile it.
sources=$(python3 tests/checks/compiled.py "$build" "$PWD" |
    wanted=${2:-} awk -F '\t' '$2 ~ ENVIRON["wanted"] && !seen[$2]++')
printf '%d sources\n' "$(wc -l <<<"$sources")"
tr '\n' '\0' <<<"$sources" | sed -z '/^$/d' | xargs -0 -P "$(nproc)" -I '{}' bash -c 'compile_one "$1"' _ '{}'
