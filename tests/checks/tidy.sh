#!/usr/bin/env bash
# clang-tidy 14 has nothing to say about engine/ and app/. Usage: tidy.sh BUILD [JOBS]
# Most of its time goes into the headers of Qt and of the standard library, so all sources that are
# compiled alike are read as one, and each alone only where they do not compile together.
# (Of the checks, misc-unused-using-decls looks at no source that another includes.)
# What was found clean is remembered in BUILD/tidy by everything it depends on (the sources, how they are
# compiled, all headers, the configuration), so that only what changed is looked at again.
set -euo pipefail
build=$(cd "$1" && pwd)
jobs=${2:-2}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
remembered=$build/tidy
groups=$remembered/groups
rm -rf "$groups"
mkdir -p "$groups"

common=$({
    clang-tidy-14 --version
    cat .clang-tidy "${BASH_SOURCE[0]}"
    find app engine shaders "$build/shaders" -name '*.h' -print0 | sort -z | xargs -0 cat
} | sha256sum)

# How a source is compiled, without the words that name it.
flags_of() {
    grep -F -- " -c $PWD/$1\"" "$build/compile_commands.json" | head -n 1 |
        sed -e 's/^ *"command": "//' -e 's/ -o .*//' -e 's/ -Werror\b//' -e 's/ -Winvalid-pch -include [^ ]*//'
}

# One group: a list of sources, and beside it a source that includes them and the command that compiles it.
declare -A group_of=()
while read -r source; do
    flags=$(flags_of "$source")
    [[ -n $flags ]] || { echo "$source is not part of the build in $build."; exit 1; }
    key=$flags
    if [[ -z ${group_of[$key]:-} ]]; then
        group_of[$key]=$groups/${#group_of[@]}
        mkdir "${group_of[$key]}"
        printf '[{"directory": "%s", "file": "%s/all.cpp", "command": "%s -Wno-shadow -c %s/all.cpp"}]\n' \
            "$build" "${group_of[$key]}" "$flags" "${group_of[$key]}" >"${group_of[$key]}/compile_commands.json"
    fi
    printf '%s\n' "$source" >>"${group_of[$key]}/sources"
    printf '#include "%s"  // NOLINT\n' "$PWD/$source" >>"${group_of[$key]}/all.cpp"
done < <(find app engine -name '*.cpp' | sort)

tidy() {
    clang-tidy-14 --quiet --config-file=.clang-tidy --extra-arg=-Wno-unknown-warning-option "$@" 2>/dev/null
}

# A mistake in a source that is read as part of a group is found.
planted=$groups/planted
mkdir -p "$planted/engine"
echo 'int* planted = 0;' >"$planted/engine/planted.cpp"
printf '#include "%s/engine/planted.cpp"  // NOLINT\n' "$planted" >"$planted/all.cpp"
printf '[{"directory": "%s", "file": "%s/all.cpp", "command": "c++ -std=c++20 -c %s/all.cpp"}]\n' \
    "$planted" "$planted" "$planted" >"$planted/compile_commands.json"
if ! { tidy -p "$planted" "$planted/all.cpp" || true; } | grep -q modernize-use-nullptr; then
    echo 'clang-tidy did not find the mistake that was planted in a group.'
    exit 1
fi
rm -rf "$planted"

# One group: quiet when clean, everything clang-tidy says otherwise.
tidy_group() {
    local group=$1 key source said clean=1
    key=$({
        printf '%s\n' "$common"
        cat "$group/compile_commands.json" "$group/sources"
        xargs cat <"$group/sources"
    } | sha256sum | cut -c 1-64)
    [[ ! -e $remembered/$key ]] || return 0
    if ! said=$(tidy -p "$group" "$group/all.cpp"); then
        if [[ $said != *clang-diagnostic-error* ]]; then
            printf '%s\n' "$said"
            return 1
        fi
        while read -r source; do
            tidy -p "$build" "$source" || clean=0
        done <"$group/sources"
        ((clean)) || return 1
        printf 'Clean, but each had to be read alone, for together they do not compile: %s\n%s\n' \
            "$(xargs <"$group/sources")" "$said"
    fi
    touch "$remembered/$key"
}
export -f tidy tidy_group
export build remembered common

# Largest first: the last to end is then a small one.
wc -l "$groups"/*/sources | sed -n 's|^ *[0-9]* \(.*\)/sources$|&|p' | sort -rn | sed 's|^ *[0-9]* \(.*\)/sources$|\1|' |
    xargs -n 1 -P "$jobs" bash -c 'set -euo pipefail; tidy_group "$1"' tidy
