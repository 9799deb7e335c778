#!/usr/bin/env bash
# The checks that deny something find it when it is planted: each line below is one mistake in one file.
set -euo pipefail
checks=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# planted CHECK FILE TEXT
planted() {
    local tree=$folder/tree output
    rm -rf "$tree"
    mkdir -p "$tree/$(dirname "$2")"
    printf '%s\n' "$3" >"$tree/$2"
    if output=$("$checks/$1" "$tree" 2>&1); then
        printf '%s did not mind "%s" in %s\n' "$1" "$3" "$2"
        failed=1
    elif [[ $output != *"$2"* ]]; then
        printf '%s failed without naming %s:\n%s\n' "$1" "$2" "$output"
        failed=1
    fi
}

planted layers.sh engine/text/a.cpp '#include <QString>'
planted layers.sh engine/base/a.h '#include <sqlite3.h>'
planted layers.sh engine/base/a.h '#  include "app/session/backend.h"'
planted layers.sh shaders/common/a.glsl '#include "engine/base/error.h"'
planted layers.sh app/history/a.cpp '#include <QQmlEngine>'
planted layers.sh app/cli/main.cpp '#include <QGuiApplication>'
planted layers.sh app/history/a.cpp '#include "engine/base/error.h"'
planted layers.sh app/chat/chat_controller.cpp '#include "engine/generator.h"'
planted layers.sh app/checkpoints/a.h '#include "app/session/backend.h"'
planted layers.sh app/chat/View.qml 'Item {}'
planted layers.sh engine/vulkan/driver/a.cpp '#include "engine/vulkan/network/kernels.h"'
planted layers.sh engine/vulkan/network/a.cpp '#include "engine/cpu/kernels.h"'
planted layers.sh engine/invented/a.cpp 'int invented;'
planted layers.sh ui/controls/a.cpp '#include "app/window/application.h"'
planted network.sh app/checkpoints/a.cpp '#include <QNetworkAccessManager>'
planted network.sh engine/base/a.cpp '#include <sys/socket.h>'
planted network.sh app/downloads/a.cpp 'QTcpSocket socket;'
planted network.sh app/fetch/messages/a.cpp '#include <QNetworkRequest>'
planted layers.sh app/downloads/a.cpp '#include "app/fetch/web_request.h"'
planted network.sh ui/window/Main.qml 'Image { source: "https://example.org/a.png" }'
planted readers.sh engine/text/a.cpp 'const auto value = nlohmann::json::parse(text);'
planted readers.sh app/history/a.cpp 'const auto value = QJsonDocument::fromJson(bytes);'
planted readers.sh engine/checkpoint/a.cpp 'void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);'
planted network.sh app/CMakeLists.txt 'target_compile_definitions(alcove PRIVATE QT_QML_DEBUG)'
planted sentences.sh engine/text/a.cpp 'throw Error(ErrorCode::FileMissing, Sentence::verbatim(name + " is missing."));'
planted sentences.sh engine/text/a.cpp 'throw Error(ErrorCode::FileMissing, "It is missing.");'
planted sentences.sh engine/text/a.h 'fail({ALCOVE_TEXT("engine", "%1 is not %2"), key, "a list"});'
planted traces.sh app/a.cpp 'const char* path = "/home/somebody/alcove";'
planted shell.sh installer/a.sh 'rm -rf $1/*'
exit "$failed"
