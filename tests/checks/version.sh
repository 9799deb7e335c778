#!/usr/bin/env bash
# The file with the version follows the commit, and is left alone while that stays the same: what includes it is compiled
# again only then.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

mkdir "$folder/source"
git_there() { git_in "$folder/source" "$@"; }
git_in() {
    git -C "$1" -c user.name=Nobody -c user.email=nobody@alcove.invalid -c commit.gpgsign=false \
        -c init.defaultBranch=main "${@:2}" >/dev/null
}
write() {
    cmake -D source="$folder/source" -D version=1.2.3 -D git="${1-git}" -D output="$folder/version.cpp" \
        -P "$root/app/version/write_version.cmake"
}
# says WHEN TEXT
says() {
    grep -qF "\"1.2.3 ($2)\"" "$folder/version.cpp" || {
        printf '%s: not "%s" but %s\n' "$1" "$2" "$(grep kVersion "$folder/version.cpp")"
        failed=1
    }
}

# Also inside of another repository, which this copy of the sources is none of.
git_in "$folder" init
git_in "$folder" commit --allow-empty -m outer
write
says 'Without a repository' 'commit unknown'

git_there init
echo one >"$folder/source/file"
git_there add file
git_there commit -m one
write
says 'At a commit' "$(git -C "$folder/source" rev-parse --short=12 HEAD)"
written=$(stat -c %y "$folder/version.cpp")
write
[[ $(stat -c %y "$folder/version.cpp") == "$written" ]] || { echo 'Written again at the same commit.'; failed=1; }

echo two >"$folder/source/file"
write
says 'With changes' "$(git -C "$folder/source" rev-parse --short=12 HEAD)-dirty"
git_there commit -a -m two
git_there tag v1.2.3
write
says 'At a new commit, with a tag' "$(git -C "$folder/source" rev-parse --short=12 HEAD)"
write ''
says 'Without git' 'commit unknown'
exit "$failed"
