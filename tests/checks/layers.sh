#!/usr/bin/env bash
# Light falls one way: ui, app, engine, shaders. Says which file reaches the wrong way. Part of every build.
# shellcheck source=deny.sh
source "$(dirname "${BASH_SOURCE[0]}")/deny.sh"

include='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]'
cpp=(-name '*.cpp' -o -name '*.h')

deny 'engine/ knows no Qt and no SQLite:' "$include"'(Q[A-Z]|Qt|qt6?/|sqlite3)' engine \( "${cpp[@]}" \)
deny 'engine/ knows neither app nor window:' "$include"'(app|ui|tests)/' engine \( "${cpp[@]}" \)
deny 'shaders/ knows nothing of the storeys above:' "$include"'(engine|app|ui|tests)/|'"$include"'Q' shaders
deny 'app/history, app/library and app/cli know no QML and no window:' \
    "$include"'(QtQml|QtQuick|QtGui|QQml|QQuick|QJS|QGuiApplication)' app/history app/library app/cli \( "${cpp[@]}" \)
deny 'Only app/chat/engine_backend, app/library and app/cli include the engine:' "$include"'(engine|shaders)/' \
    app ! -path 'app/library/*' ! -path 'app/cli/*' ! -name 'engine_backend*' \( "${cpp[@]}" \)
deny 'app/history and app/library do not know app/chat and app/cli:' "$include"'app/(chat|cli)/' \
    app/history app/library \( "${cpp[@]}" \)
deny_files 'QML lives in ui/:' app engine -name '*.qml'
deny 'C++ in ui/ draws, and knows Qt alone:' "$include"'(app|engine|shaders|tests)/' ui \( "${cpp[@]}" \)
finish
