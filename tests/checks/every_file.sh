#!/usr/bin/env bash
# Every source file compiles by itself, so it includes what it uses, which the unity builds would hide.
# Usage: every_file.sh BUILD [REGEX], the second for the sources it matches alone. Qt's generated files are BUILD's.
set -euo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# "COMPILER SOURCE FLAGS" of each of our sources, once, as the build compiles them, alone or several as one.
compiled() {
    python3 - "$build" "$PWD" "${1:-}" <<'PYTHON'
import json, re, shlex, sys
build, root, wanted = sys.argv[1:]
seen = set()
for entry in json.load(open(build + "/compile_commands.json")):
    words = shlex.split(entry["command"])
    compiler = next(word for word in words if not word.endswith("ccache"))
    flags, take = [], False
    for word in words:
        if take or re.match(r"-(I|D|std=|f|m)", word):
            flags.append(word)
            take = False
        elif word == "-isystem":
            flags.append(word)
            take = True
    file = entry["file"]
    sources = re.findall(r'#include "([^"]+)"', open(file).read()) if "/Unity/" in file else [file]
    for source in sources:
        path = source.removeprefix(root + "/")
        if not source.startswith(build + "/") and path not in seen and re.search(wanted, path):
            seen.add(path)
            print(compiler, path, shlex.join(flags), sep="\t")
PYTHON
}

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

sources=$(compiled "${2:-}")
printf '%d sources\n' "$(wc -l <<<"$sources")"
tr '\n' '\0' <<<"$sources" | sed -z '/^$/d' | xargs -0 -P "$(nproc)" -I '{}' bash -c 'compile_one "$1"' _ '{}'
