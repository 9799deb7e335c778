#!/usr/bin/env bash
# What README.md and CONTRIBUTING.md tell people to type or open is there. Usage: readme.sh ALCOVE_CLI
set -euo pipefail
cli=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
failed=0
wrong() { printf '%s: %s\n' "$document" "$1"; failed=1; }

for document in README.md CONTRIBUTING.md; do
    # Commands: the lines of ```sh blocks.
    while read -r command argument option _; do
        case $command in
            ./*) [[ -f $command && -x $command ]] || wrong "there is no command $command" ;;
            alcove-cli) "$cli" "$argument" --help >/dev/null || wrong "alcove-cli has no command $argument" ;;
            cmake | ctest)
                [[ $argument != --preset ]] || grep -qF "{\"name\": \"$option\"" CMakePresets.json ||
                    wrong "there is no preset $option"
                ;;
        esac
    done < <(sed -n '/^```sh$/,/^```$/p' "$document" | grep -v '^```' | sed 's/&& /\n/g')
    # Links to files.
    while read -r target; do
        [[ -e $target ]] || wrong "it links to $target, which is not there"
    done < <(grep -oE '\]\([^)#]+' "$document" | sed 's/^](//' | grep -vE '^[a-z]+:' || true)
    # The map of the folders: `folder/` at the start of a table's row.
    while read -r folder; do
        [[ -d $folder ]] || wrong "its map names $folder, which is not there"
    done < <(grep -oE '^\| `[^`]+/`' "$document" | tr -d '|` ' || true)
done
exit "$failed"
