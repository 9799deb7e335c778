#!/usr/bin/env bash
# What "cmake --install" and the Debian package put on a machine: complete, valid, and it starts.
# Usage: package.sh BUILD VULKAN_DRIVER   (the driver's JSON file)
set -euo pipefail
build=$(cd "$1" && pwd)
driver=$2
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
    bin/alcove-fetch
    "share/applications/$id.desktop"
    "share/metainfo/$id.metainfo.xml"
    "share/icons/hicolor/scalable/apps/$id.svg"
    share/doc/alcove/copyright
)
for size in 16 22 24 32 48 64 128 256 512; do
    expected+=("share/icons/hicolor/${size}x$size/apps/$id.png")
done
mapfile -t shipped < <(cd "$checks/../../resources/starter/checkpoints" 2>/dev/null &&
    find . -type f -printf 'share/alcove/checkpoints/%P\n')
expected+=("${shipped[@]}")
difference=$(diff <(printf '%s\n' "${expected[@]}" | sort) <(cd "$stage" && find . -type f | cut -c 3- | sort)) ||
    wrong 'Installed (>) and expected (<) files differ:' "$difference"

desktop-file-validate "$stage/share/applications/$id.desktop"
appstreamcli validate --no-net "$stage/share/metainfo/$id.metainfo.xml" || wrong 'The AppStream metainfo is not valid.'
"$checks/network.sh" "$checks/../.." "$stage/bin/alcove-cli" "$stage/bin/alcove-fetch"
"$checks/traces.sh" "$checks/../.." "$stage/bin/alcove" "$stage/bin/alcove-cli" "$stage/bin/alcove-fetch"

# Away from the build tree, with a home of its own and no display, all say who they are.
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
for program in alcove alcove-cli alcove-fetch; do
    said=$(cd / && env -i HOME="$folder" PATH=/usr/bin:/bin QT_QPA_PLATFORM=offscreen "$stage/bin/$program" --version) ||
        wrong "$program --version fails."
    [[ ${said,,} == "alcove $version ("*")" ]] || wrong "$program --version says \"$said\"; this is $version."
done

# The checkpoints in the box may be read by everybody and changed by nobody; the first of them answers when nothing
# else is there.
if ((${#shipped[@]} > 0)); then
    writable=$(find "$stage/share/alcove/checkpoints" -type f ! -perm 444)
    [[ -z $writable ]] || wrong 'These are not read-only:' "$writable"
    answer=$(cd / && env -i HOME="$folder" PATH=/usr/bin:/bin VK_ICD_FILENAMES="$driver" \
        "$stage/bin/alcove-cli" ask 'Hello!' --temperature 0 --max-tokens 24 --json) ||
        wrong 'The installed alcove-cli does not answer.'
    [[ $answer == *'"chat_template":"starter"'* && $answer != *'"text":""'* ]] || wrong "Not the starter's answer: $answer"
fi

# The Debian package holds the same files and asks for what the linker cannot see.
(cd "$build" && cpack -G DEB -B "$folder/package" >"$folder/cpack.log") || wrong "$(cat "$folder/cpack.log")"
package=$(echo "$folder"/package/*.deb)
dpkg-deb -x "$package" "$folder/unpacked"
difference=$(diff <(cd "$stage" && find . -type f | sort) <(cd "$folder/unpacked/usr" && find . -type f | sort)) ||
    wrong 'The package (>) and the installation (<) differ:' "$difference"
depends=$(dpkg-deb -f "$package" Depends)
for name in libqt6quick6 libqt6network6 libssl3 ca-certificates libsentencepiece0 libqt6sql6-sqlite libvulkan1 qml6-module-qtquick-templates; do
    [[ $depends == *"$name"* ]] || wrong "The package does not depend on $name, but on: $depends"
done
