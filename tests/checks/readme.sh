#!/usr/bin/env bash
# What the documents at the top level tell people to type or open is there, and the map of the folders is that of the
# table of layers. Usage: readme.sh ALCOVE_CLI [REPOSITORY]
set -euo pipefail
cli=$1
cd "${2:-$(dirname "${BASH_SOURCE[0]}")/../..}"
failed=0
wrong() { printf '%s: %s\n' "$document" "$1"; failed=1; }

# The heading of a Markdown file as the part of a link after "#".
anchors() { sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed -E 's/[^[:alnum:] _-]//g; s/ /-/g'; }

for document in README.md ARCHITECTURE.md BENCHMARKS.md CHANGELOG.md CONTRIBUTING.md SECURITY.md; do
    [[ -f $document ]] || { wrong 'it is missing'; continue; }
    # Commands: the lines of ```sh blocks. A program of the build is named in a CMakeLists.txt.
    while read -r command argument option _; do
        case $command in
            build/*)
                grep -rqE --include=CMakeLists.txt "\\b$(basename "$command")\\b" . ||
                    wrong "nothing builds $command"
                ;;
            ./* | installer/* | tests/*) [[ -f $command && -x $command ]] || wrong "there is no command $command" ;;
            alcove-cli) "$cli" "$argument" --help >/dev/null || wrong "alcove-cli has no command $argument" ;;
            cmake | ctest)
                [[ $argument != --preset ]] || grep -qF "{\"name\": \"$option\"" CMakePresets.json ||
                    wrong "there is no preset $option"
                ;;
        esac
    done < <(sed -n '/^```sh$/,/^```$/p' "$document" | grep -v '^```' | sed 's/&& /\n/g')
    # Links to files, and to headings of Markdown files.
    while IFS='#' read -r target anchor; do
        [[ -e ${target:-$document} ]] || wrong "it links to $target, which is not there"
        [[ -z $anchor ]] || anchors "${target:-$document}" | grep -qxF -- "$anchor" ||
            wrong "it links to the heading $anchor of ${target:-itself}, which is not there"
    done < <(grep -oE '\]\([^)]+' "$document" | sed 's/^](//' | grep -vE '^[a-z]+:' || true)
    # Files and folders that are named, where they begin with a folder of ours: `app/chat/`, `engine/cpu/memory.h`, or a
    # source without its ending.
    while read -r path; do
        compgen -G "$path" >/dev/null || compgen -G "$path.*" >/dev/null || wrong "it names $path, which is not there"
    done < <(grep -oE '`(app|engine|installer|resources|shaders|tests|ui)/[^` ]*`' "$document" | tr -d '`' | grep -v NAME | sort -u)
done

# The map, `folder/` at the start of a table's row of ARCHITECTURE.md, and the table of layers name the same folders.
document=ARCHITECTURE.md
map=$(sed -n 's/^| `\([^`]*\)\/` .*/\1/p' "$document" | sort)
layers=$(sed -n "/<<'TABLE'\$/,/^TABLE\$/p" tests/checks/layers.sh | grep '|' | cut -d '|' -f 1 | tr -d ' ' | sort)
[[ -n $map && -n $layers ]] || wrong 'it has no map, or tests/checks/layers.sh no table'
while read -r folder; do
    wrong "its map does not tell what lives in $folder/"
done < <(comm -13 <(echo "$map") <(echo "$layers"))
while read -r folder; do
    case $folder in
        app | app/* | engine | engine/* | shaders | shaders/* | ui | ui/*) wrong "its map names $folder/, which the table of layers does not" ;;
        *) [[ -d $folder ]] || wrong "its map names $folder/, which is not there" ;;
    esac
done < <(comm -23 <(echo "$map") <(echo "$layers"))
exit "$failed"
