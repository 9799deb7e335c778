#!/usr/bin/env bash
# No trace of the machine it was made on: neither in the repository nor in the given programs.
# Usage: traces.sh [REPOSITORY [PROGRAM…]]
# shellcheck source=deny.sh
source "$(dirname "${BASH_SOURCE[0]}")/deny.sh"

files=(. ! -path ./.git ! -path './.git/*' ! -path './build/*' ! -path './tests/checks/*' ! -path './resources/starter/data/*' ! -name '*.png')
# /home/me is nobody's; the texts the starter learned from speak of paths as people do.
deny 'Paths of somebody'"'"'s machine:' \
    '(^|[^A-Za-z0-9_./~-])/((home|Users)/([^m]|m[^e]|me[^/])|(tmp|mnt|opt)/[A-Za-z0-9])' "${files[@]}"
# Not a folder right under the root, whose name could be any word.
[[ $PWD != /*/* ]] || deny 'The path of this copy:' "$PWD/" "${files[@]}"

for program in "${@:2}"; do
    ! grep -qF -e "$PWD/" "$program" || complain "$program holds the path of its sources, $PWD"
done
finish
