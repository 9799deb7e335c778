#!/usr/bin/env bash
# What "cmake --install" and the Debian package put on a machine: complete, valid, and it starts.
# Usage: package.sh BUILD
set -euo pipefail
build=$(cd "$1" && pwd)
checks=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
id=io.github.alcove.Alcove
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
wrong() {
    printf '%s\n' "$@"
    exit 1
}

DESTDIR=$folder/stage cmake --install "$build" --prefix /usr --strip >/dev/null
stage=$folder/stage/usr
expected=(
    bin/alcove
    bin/alcove-cli
    "share/applications/$id.desktop"
    "share/metainfo/$id.metainfo.xml"
    "share/icons/hicolor/scalable/apps/$id.svg"
    share/doc/alcove/copyright
)
for size in 16 22 24 32 48 64 128 256 512; do
    expected+=("share/icons/hicolor/${size}x$size/apps/$id.png")
done
difference=$(diff <(printf '%s\n' "${expected[@]}" | sort) <(cd "$stage" && find . -type f | cut -c 3- | sort)) ||
    wrong 'Installed (>) and expected (<) files differ:' "$difference"

desktop-file-validate "$stage/share/applications/$id.desktop"
appstreamcli validate --no-net "$stage/share/metainfo/$id.metainfo.xml" || wrong 'The AppStream metainfo is not valid.'
"$checks/network.sh" "$checks/../.." "$stage/bin/alcove-cli"
"$checks/traces.sh" "$checks/../.." "$stage/bin/alcove" "$stage/bin/alcove-cli"

# Away from the build tree, with a home of its own and no display, both say who they are.
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
for program in alcove alcove-cli; do
    said=$(cd / && env -i HOME="$folder" PATH=/usr/bin:/bin QT_QPA_PLATFORM=offscreen "$stage/bin/$program" --version) ||
        wrong "$program --version fails."
    [[ $said == *"$version"* ]] || wrong "$program --version says \"$said\"; this is $version."
done

# The Debian package holds the same files and asks for what the linker cannot see.
(cd "$build" && cpack -G DEB -B "$folder/package" >"$folder/cpack.log") || wrong "$(cat "$folder/cpack.log")"
package=$(echo "$folder"/package/*.deb)
dpkg-deb -x "$package" "$folder/unpacked"
difference=$(diff <(cd "$stage" && find . -type f | sort) <(cd "$folder/unpacked/usr" && find . -type f | sort)) ||
    wrong 'The package (>) and the installation (<) differ:' "$difference"
depends=$(dpkg-deb -f "$package" Depends)
for name in libqt6quick6 libsentencepiece0 libqt6sql6-sqlite libvulkan1 qml6-module-qtquick-templates; do
    [[ $depends == *"$name"* ]] || wrong "The package does not depend on $name, but on: $depends"
done
