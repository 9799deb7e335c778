#!/usr/bin/env bash
# One program alone, alcove-fetch, uses the network: no other source uses a network interface, and no other program
# imports one.
# Usage: network.sh [REPOSITORY [PROGRAM…]]
# shellcheck source=deny.sh
source "$(dirname "${BASH_SOURCE[0]}")/deny.sh"

# app/fetch/ is alcove-fetch; what it is told and tells (app/fetch/messages/) is the others' too, and has no network.
# app/window/offline_network.* hands QML a network access manager that refuses everything, and app/window/single_instance.*
# speaks to a later start of Alcove over a file in the data folder. app/process/sandbox.* tries what the kernel refuses,
# and app/process/broker.* speaks to a process of its own.
network='QNetwork(Access|Cookie|Datagram|Info|Interface|Reply|Request)|QTcp|QUdp|QSsl|QAbstractSocket|QHttp|QWebSocket|<(sys/socket|netinet/|arpa/|netdb)|\b(socket|getaddrinfo)\(|curl_'
sources=(app engine \( -name '*.cpp' -o -name '*.h' \) ! -path 'app/window/offline_network.*'
    ! -path 'app/process/sandbox.*' ! -path 'app/process/broker.*'
    ! \( -path 'app/fetch/*' ! -path 'app/fetch/messages/*' \))
deny 'No network in the sources:' "$network" "${sources[@]}"
deny 'No socket in the sources:' 'QLocalS' "${sources[@]}" ! -path 'app/window/single_instance.*'
deny 'No network in QML:' 'XMLHttpRequest|WebSocket|https?://|QtNetwork|fetch\(' ui -name '*.qml'

# With these Qt's QML would listen for a debugger.
deny 'No debugger of QML:' 'QT_QML_DEBUG|QQmlDebugg' app ui \( -name '*.cpp' -o -name '*.h' -o -name CMakeLists.txt \)

for program in "${@:2}"; do
    symbols=$(nm --dynamic --undefined-only "$program" | grep -wE 'socket|connect|getaddrinfo|gethostbyname|sendto') || continue
    complain "$program imports network calls:" "$symbols"
done
# The libraries: the terminal has none that could connect, and alcove-fetch nothing of the window or the engine.
for program in "${@:2}"; do
    case $(basename "$program") in
        alcove-cli) denied='libQt6Network|libssl|libcurl' ;;
        alcove-fetch) denied='libQt6(Gui|Qml|Quick|Sql|Widgets)|libvulkan|libsqlite|libsentencepiece' ;;
        *) continue ;;
    esac
    libraries=$(objdump -p "$program" | sed -n 's/^ *NEEDED *//p' | grep -E "$denied") || continue
    complain "$program is linked to:" "$libraries"
done
finish
