#!/usr/bin/env bash
# clang-tidy 14 has nothing to say about engine/ and app/. Usage: tidy.sh BUILD [FILE…]
# With files: only those sources, each with the group it is in.
# Most of its time goes into the headers of Qt and of the standard library, so the sources of a group (the engine, the
# terminal program, alcove-fetch, what other programs' files and downloads need, search, the rest of app/) are read as one, and folder by folder only where a group does not
# compile as one.
# (Of the checks, misc-unused-using-decls looks at no source that another includes.)
# What was found clean is remembered in BUILD/tidy by everything it depends on (the sources, how they are
# compiled, all headers, the configuration), so that only what changed is looked at again.
set -euo pipefail
build=$(cd "$1" && pwd)
wanted=("${@:2}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
remembered=$build/tidy
groups=$remembered/groups
rm -rf "$groups"
mkdir -p "$groups"

common=$({
    clang-tidy-14 --version
    cat .clang-tidy "${BASH_SOURCE[0]}" tests/checks/compiled.py
    find app engine shaders "$build/shaders" -name '*.h' -print0 | sort -z | xargs -0 cat
} | sha256sum)

# The sources of engine/ and app/ as the build compiles them: "FOLDER SOURCE FLAGS", whether alone or several as one.
compiled() {
    python3 tests/checks/compiled.py "$build" "$PWD" | awk -F '\t' -v OFS='\t' -v root="$PWD" '
        $2 ~ /^(engine|app)\// {
            print $2 ~ /^engine\// ? "engine" : $2 ~ /^app\/cli\// ? "cli" : $2 ~ /^app\/fetch\/[^\/]*$/ ? "fetch" : \
                $2 ~ /^app\/transfer\// ? "transfer" : $2 ~ /^app\/(downloads|digest|fetch)\// ? "downloads" : \
                $2 ~ /^app\/search\// ? "search" : "app", root "/" $2, $3
        }'
}

# A group is a folder: a list of its sources, a source that includes them, and the command that compiles it.
new_group() {
    mkdir "$1"
    printf '[{"directory": "%s", "file": "%s/all.cpp", "command": "c++ %s -Wno-everything -c %s/all.cpp"}]\n' \
        "$build" "$1" "${2//\"/\\\"}" "$1" >"$1/compile_commands.json"
}

add_source() {
    printf '%s\n' "$2" >>"$1/sources"
    printf '#include "%s"  // NOLINT\n' "$2" >>"$1/all.cpp"
}

compiled >"$groups/compiled"
missing=$(comm -23 <(find engine app -name '*.cpp' | sort) <(cut -f 2 "$groups/compiled" | sed "s|^$PWD/||" | sort -u))
[[ -z $missing ]] || { printf 'Not part of the build in %s:\n%s\n' "$build" "$missing"; exit 1; }
for name in engine cli fetch transfer downloads search app; do
    # The flags of all its sources together: they differ in the folders of Qt's generated files alone.
    flags=$(awk -F '\t' -v name="$name" '$1 == name { print $3 }' "$groups/compiled" | sort -u |
        sed -E 's/-isystem /-isystem/g' | tr ' ' '\n' | awk '!seen[$0]++' | sed -E 's/^-isystem/-isystem /' | tr '\n' ' ')
    new_group "$groups/$name" "$flags"
    while read -r source; do
        if ((${#wanted[@]} == 0)) || [[ " ${wanted[*]} " == *" ${source#"$PWD"/} "* ]]; then
            add_source "$groups/$name" "$source"
        fi
    done < <(awk -F '\t' -v name="$name" '$1 == name { print $2 }' "$groups/compiled" | sort -u)
    [[ -e $groups/$name/sources ]] || rm -r "${groups:?}/$name"
done

tidy() {
    clang-tidy-14 --quiet --config-file=.clang-tidy --extra-arg=-Wno-unknown-warning-option "$@" 2>/dev/null
}

# A mistake in a source that is read as part of a group is found.
planted=$groups/planted
new_group "$planted" '-std=c++20'
mkdir "$planted/engine"
echo 'int* planted = 0;' >"$planted/engine/planted.cpp"
add_source "$planted" "$planted/engine/planted.cpp"
if ! { tidy -p "$planted" "$planted/all.cpp" || true; } | grep -q modernize-use-nullptr; then
    echo 'clang-tidy did not find the mistake that was planted in a group.'
    exit 1
fi
rm -rf "$planted"

# One group: quiet when clean, everything clang-tidy says otherwise.
tidy_group() {
    local group=$1 key folder part said clean=1
    key=$({
        printf '%s\n' "$common"
        cat "$group/compile_commands.json" "$group/sources"
        xargs cat <"$group/sources"
    } | sha256sum | cut -c 1-64)
    [[ ! -e $remembered/$key ]] || return 0
    if ! said=$(tidy -p "$group" "$group/all.cpp"); then
        if [[ $said != *clang-diagnostic-error* || $group == *.part ]]; then
            printf '%s\n' "$said"
            return 1
        fi
        while read -r folder; do
            part=$group/${folder//\//_}.part
            mkdir "$part"
            sed "s|$group/all.cpp|$part/all.cpp|g" "$group/compile_commands.json" >"$part/compile_commands.json"
            grep "^$folder/[^/]*$" "$group/sources" >"$part/sources"
            sed 's|.*|#include "&"  // NOLINT|' "$part/sources" >"$part/all.cpp"
            tidy_group "$part" || clean=0
        done < <(sed 's|/[^/]*$||' "$group/sources" | sort -u)
        ((clean)) || return 1
    fi
    touch "$remembered/$key"
}
export -f tidy tidy_group
export build remembered common

# Largest first: the last to end is then a small one.
wc -l "$groups"/*/sources | sort -rn | sed -n 's|^ *[0-9]* \(.*\)/sources$|\1|p' |
    xargs -r -n 1 -P 2 bash -c 'set -euo pipefail; tidy_group "$1"' tidy
