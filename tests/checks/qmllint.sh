#!/usr/bin/env bash
# qmllint has nothing to say about ui/. Usage: qmllint.sh QMLLINT BUILD
set -euo pipefail
qmllint=$1 build=$2
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t files < <(find ui -name '*.qml')
# It ends with 0 even when it warns.
said=$("$qmllint" -I "$build/qml" "${files[@]}" 2>&1) || { printf '%s\n' "$said"; exit 1; }
[[ -z $said ]] || { printf '%s\n' "$said"; exit 1; }
