#!/usr/bin/env bash
# Every QML module of Qt's that ui/ imports, directly or through another module, is in a package that the
# group [run] of installer/dependencies lists. Usage: qml_packages.sh BUILD
set -euo pipefail
build=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
modules=$(qmake6 -query QT_INSTALL_QML)
scanner=$(qmake6 -query QT_INSTALL_LIBEXECS)/qmlimportscanner
# The group's names, one a line.
listed=$(sed -n '/^\[run\]$/,/^\[recommended\]$/p' installer/dependencies)

failed=0
while read -r folder; do
    package=$(dpkg-query -S "$(realpath "$folder")/qmldir" | cut -d : -f 1)
    grep -qx -- "$package" <<<"$listed" ||
        { echo "ui/ needs the package $package (for $folder), and [run] in installer/dependencies does not list it."; failed=1; }
done < <("$scanner" -rootPath ui -importPath "$build/qml" -importPath "$modules" |
    grep -oE '"path": "[^"]+' | cut -d '"' -f 4 | grep -F "$modules" | sort -u)
exit "$failed"
