#!/usr/bin/env bash
# Shell scripts: shellcheck has nothing to say, and those with a first line of their own are executable.
# shellcheck source=deny.sh
source "$(dirname "${BASH_SOURCE[0]}")/deny.sh"

scripts=()
while read -r file; do
    if head -n 1 "$file" | grep -qaE '^#!.*\b(ba)?sh\b'; then
        scripts+=("$file")
        [[ -x $file ]] || complain "$file is a script, but not executable."
    elif [[ $file == *.sh ]]; then
        scripts+=("$file")
    fi
done < <(found .ci installer tests resources ! -path 'tests/fixtures/*')
shellcheck "${scripts[@]}" || failed=1
finish
