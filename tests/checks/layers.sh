#!/usr/bin/env bash
# Which folder may include which. The table is the map of the project: a folder, the folders that it may use, and what
# lives there; a row names only folders of rows above it, so that there can be no cycle. Part of every build.
# Usage: layers.sh [REPOSITORY]
# shellcheck source=deny.sh
source "$(dirname "${BASH_SOURCE[0]}")/deny.sh"

# "engine/" alone is the front door, engine/generator.h; "engine/*" stands for all folders of the engine in the table.
table() {
    cat <<'TABLE'
shaders                  |                                      | compute shaders, and the interface they share with C++
engine/base              |                                      | errors, the clock, sizes in words, host memory
engine/files             | engine/base                          | mapped and small files, files that replace old ones, bounded JSON
engine/checkpoint        | engine/base engine/files             | one reader per format, the shared FFN, quantisation
engine/text              | engine/base engine/files engine/checkpoint | tokenizer, chat templates, UTF-8 stream, stop strings
engine/sampling          | engine/base engine/checkpoint        | from logits to a token, on the host
engine/model             | engine/base engine/checkpoint engine/sampling | what both devices share: the forward pass, memory plan, recovery
engine/generation        | engine/base engine/checkpoint engine/text engine/sampling engine/model | the loop from prompt to text
engine/cpu               | engine/base engine/checkpoint engine/model | the forward pass on the processor
engine/vulkan/driver     | engine/base engine/files engine/model shaders | instance, device, its features and quirks
engine/vulkan/resources  | engine/base engine/checkpoint engine/vulkan/driver shaders | memory, buffers, descriptors, pipelines
engine/vulkan/execution  | engine/model engine/vulkan/driver engine/vulkan/resources | recording, submitting, timing, uploading
engine/vulkan/tuning     | engine/base engine/files engine/checkpoint engine/model engine/vulkan/driver engine/vulkan/resources engine/vulkan/execution shaders | which kernels suit a device, found by trial
engine/vulkan/network    | engine/base engine/checkpoint engine/sampling engine/model engine/vulkan/driver engine/vulkan/resources engine/vulkan/execution engine/vulkan/tuning shaders | the forward pass on Vulkan
engine/devices           | engine/base engine/files engine/model engine/cpu engine/vulkan/driver engine/vulkan/network | the devices there are, and which of them to take
engine/conversion        | engine/base engine/files engine/checkpoint engine/text | the GGUF writer
engine                   | engine/*                             | the front door: open a checkpoint, run a request
engine/evaluation        | engine engine/base engine/checkpoint engine/files engine/text engine/model | perplexity, tasks, divergence
app/version              |                                      | the version and the commit of the programs
app/process              |                                      | what a program is to its machine: permissions, environment, core dumps, the terminal
app/history/file         |                                      | SQLite: connection, migrations, backups, locks, damaged pages
app/history              | app/history/file                     | conversations and messages, kept
app/search               | app/history app/history/file         | the index of all texts, and what is found in it
app/notices              |                                      | what the window has to tell outside of the conversation
app/settings             | app/notices app/process              | what a person has chosen, and where files are
app/translation          | engine/base                          | the engine's sentences in the language of the person
app/transfer             | app/notices app/history app/history/file app/translation engine/base engine/files | conversations on their way in and out, one reader or writer per format
app/checkpoints          | app/translation engine/base engine/files engine/checkpoint engine/text engine/conversion | the checkpoints on disk, their cards and quantised copies
app/digest               |                                      | hashes of files
app/fetch/messages       | app/digest engine/base engine/files  | what alcove-fetch is told and tells
app/fetch                | app/version app/process app/digest app/fetch/messages engine/base engine/files | alcove-fetch, which downloads
app/downloads            | app/translation app/checkpoints app/digest app/fetch/messages engine/base engine/files engine/checkpoint engine/text engine/conversion | what is on offer, and downloads of it
app/session              | app/translation app/settings app/checkpoints engine engine/base engine/devices | the engine thread, and what crosses to it
app/exchange             | app/history app/history/file app/session app/settings engine/base engine/files | from a message to its reply in the history
app/library              | app/process app/notices app/settings app/checkpoints app/session | the menu of checkpoints, the running one, its device
app/conversations        | app/notices app/history app/history/file app/search | the list of conversations
app/chat                 | app/process app/notices app/settings app/history app/history/file app/session app/exchange app/search app/library app/conversations | the open conversation
app/window               | app/version app/process app/notices app/settings app/checkpoints app/history app/search app/transfer app/session app/library app/conversations app/chat | everything behind the window, put together
app/fake                 | app/checkpoints app/session          | a scripted backend
app/cli                  | engine/* app/translation app/version app/process app/history app/history/file app/search app/transfer app/settings app/checkpoints app/digest app/fetch/messages app/downloads app/session app/exchange | alcove-cli
app                      | app/*                                | main: the command line of the window
ui/controls              |                                      | theme and controls that know nothing of chat
ui/conversations         |                                      | the list of conversations
ui/chat                  |                                      | messages, and where to write
ui/library               |                                      | the menu of checkpoints
ui/transfer              |                                      | importing and exporting conversations
ui/settings              |                                      | the settings
ui/window                |                                      | the window, its page and banners
TABLE
}

declare -A allowed=()
folders=()
while IFS='|' read -r folder uses _; do
    folder=${folder// /}
    read -ra uses <<<"$uses"
    [[ -z ${1:-} ]] && { [[ -d $folder ]] || complain "The table of layers names $folder, which is not there."; }
    for use in "${uses[@]}"; do
        if [[ $use == *'/*' ]]; then
            for other in "${folders[@]}"; do
                [[ $other/ != "${use%'*'}"* ]] || allowed[$folder]+=" $other "
            done
        elif [[ " ${folders[*]} " != *" $use "* ]]; then
            complain "The table of layers: $folder may use only folders above it, and $use is not."
        else
            allowed[$folder]+=" $use "
        fi
    done
    folders+=("$folder")
done < <(table)

cpp=(-name '*.cpp' -o -name '*.h')
# Every include of a file of ours, as "file:folder".
while IFS=: read -r file target; do
    [[ $target != shader_code.h ]] || target=shaders/shader_code.h
    [[ $target == */* ]] || continue
    from=${file%/*} to=${target%/*}
    [[ $from != "$to" && " ${allowed[$from]:-} " != *" $to "* ]] || continue
    complain "$file includes $target, which the table of layers does not allow $from."
done < <(found shaders engine app ui \( "${cpp[@]}" -o -name '*.in' -o -name '*.comp' -o -name '*.glsl' \) |
    xargs -r -d '\n' grep -HoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[^"]+' -- |
    sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]*"/:/' | grep -E ':((engine|app|ui|tests|shaders)/|shader_code\.h)' || true)
# Every folder with sources has its row.
while read -r file; do
    [[ " ${folders[*]} " == *" ${file%/*} "* ]] || complain "The folder of $file has no row in the table of layers."
done < <(found shaders engine app ui ! -path 'shaders/common/*' \( "${cpp[@]}" -o -name '*.qml' -o -name '*.comp' \))

include='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]'
deny 'engine/ and shaders/ know no Qt and no SQLite:' "$include"'(Q[A-Z]|Qt|qt6?/|sqlite3)' engine shaders
deny 'What the terminal uses knows no QML and no window:' \
    "$include"'(QtQml|QtQuick|QtGui|QQml|QQuick|QJS|QGuiApplication)' \
    app/history app/search app/translation app/transfer app/checkpoints app/digest app/fetch app/downloads app/session app/exchange app/cli app/settings/settings.h app/settings/settings.cpp \
    app/settings/data_paths.h app/settings/data_paths.cpp \( "${cpp[@]}" \) ! -name 'transfer_controller.*'
deny_files 'QML lives in ui/:' app engine -name '*.qml'
finish
