#!/usr/bin/env bash
# qmllint has nothing to say about ui/. Usage: qmllint.sh QMLLINT BUILD
# It looks at copies of the modules as they were built, each taken as "ComponentBehavior: Bound", which is what our
# components are: without it an id of the surrounding component looks like a slip of the pen. (Debian's qmlformat
# damages that pragma, so the sources do without.) Giving an id to a deferred property, such as contentItem, only
# makes it immediate.
set -euo pipefail
qmllint=$1 build=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r "$build/qml/." "$folder"
cd "$folder"
mapfile -t files < <(find Alcove -name '*.qml' | sort)
sed -i '1s/^/pragma ComponentBehavior: Bound; /' "${files[@]}"
# It ends with 0 even when it warns.
said=$("$qmllint" -I "$folder" --deferred-property-id disable "${files[@]}" 2>&1) || { printf '%s\n' "$said"; exit 1; }
[[ -z $said ]] || { printf '%s\n' "$said"; exit 1; }
