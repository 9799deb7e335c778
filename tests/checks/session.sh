#!/usr/bin/env bash
# Whole sessions of the window, typed on a display of their own and watched by strace: no socket but to this machine's
# desktop, no other program started (alcove-fetch least of all, since nobody asks for a download), nothing that listens
# but to a later start of Alcove, no file written outside of Alcove's folders, and what was typed and deleted is in no
# file any more once the bin is emptied: after Quit, and after SIGTERM or SIGKILL and one more start. The same for a
# question in the terminal, on a Vulkan driver.
# Usage: session.sh ALCOVE ALCOVE_CLI PYTHON VULKAN_DRIVER   (the driver's JSON file)
set -euo pipefail
alcove=$(realpath "$1")
cli=$(realpath "$2")
python=$3
driver=$4
starter=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../resources/starter/checkpoints/starter")
work=$(mktemp -d)
home=$work/home
window=
clean_up() {
    local pid
    for pid in $window $(jobs -p); do kill -9 "$pid" 2>/dev/null || true; done
    wait 2>/dev/null
    rm -rf "$work"
}
trap clean_up EXIT
wrong() {
    printf '%s\n' "$@" >&2
    exit 1
}
# await SECONDS COMMAND…: until it succeeds.
await() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

mkdir -m 700 "$home"
exec 3<>"$work/display"
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 2>/dev/null &
await 30 test -s "$work/display" || wrong 'Xvfb does not start.'
DISPLAY=:$(<"$work/display")
export DISPLAY
rm "$work/display"
own=(HOME="$home" PATH=/usr/bin:/bin LANG=C.UTF-8 DISPLAY="$DISPLAY" ALCOVE_ALLOW_TRACING=1)
data=$home/.local/share/alcove
traces=()
options=(-f -qq -s 4096 -e signal=none -e "trace=execve,socket,bind,listen,open,openat,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,truncate")

# begin NAME: the window, once it can be typed into. Its process is $window.
begin() {
    local id
    traces+=("$work/$1.strace")
    env -i "${own[@]}" strace "${options[@]}" -o "${traces[-1]}" "$alcove" --checkpoint "$starter" 2>"$work/said" &
    strace=$!
    await 60 pgrep -P $strace || wrong 'The window does not start.' "$(<"$work/said")"
    window=$(pgrep -P $strace)
    await 60 xdotool search --onlyvisible --name '^Alcove$' || wrong 'There is no window.' "$(<"$work/said")"
    id=$(xdotool search --onlyvisible --name '^Alcove$' | head -n 1)
    xdotool windowfocus --sync "$id"
    sleep 1
}
ended() {
    wait $strace 2>/dev/null || true
    window=
}
ask() { "$python" -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])' "$data/history.sqlite" "$1"; }
replied() {
    [[ $(ask "select count(*) from messages join conversations on conversations.id = conversation_id
        where author = 'assistant' and length(text) > 0 and deleted_at is null") -gt 0 ]]
}
deleted() { [[ $(ask "select count(*) from conversations where deleted_at is null") == 0 ]]; }
# typed MARKER: asks something, waits for some of the reply, and deletes the conversation by the keyboard.
typed() {
    xdotool type --delay 15 "What is $1?"
    xdotool key Return
    await 60 replied || wrong 'There is no reply.'
    for _ in {1..30}; do
        xdotool key Tab Delete
        sleep 0.3
        ! deleted || return 0
    done
    wrong 'The conversation could not be deleted.'
}
# What was deleted is in the bin, which is emptied by a person or after 30 days.
empty_bin() {
    env -i "${own[@]}" "$cli" history bin --empty >"$work/said" 2>&1 || wrong 'The bin cannot be emptied.' "$(<"$work/said")"
}
# gone MARKER: no file has it, in UTF-8 or UTF-16, whatever file it is.
gone() {
    local found wide='' i
    for ((i = 0; i < ${#1}; ++i)); do wide+="${1:i:1}\\x00"; done
    found=$(grep -rlaF -e "$1" "$home"; grep -rlaP -e "$wide" "$home") || true
    [[ -z $found ]] || wrong "\"$1\" was deleted and is still in:" "$found"
}

begin quit
for locked in 'Seccomp:\s+2' 'NoNewPrivs:\s+1'; do
    grep -qE "^$locked\$" "/proc/$window/status" || wrong 'The kernel does not lock the window in.'
done
[[ ! -s $work/said ]] || wrong 'The first start complains:' "$(<"$work/said")"
typed Quokkabit
xdotool key ctrl+q
ended
empty_bin
gone Quokkabit
for signal in TERM KILL; do
    begin $signal
    typed "Wombatly$signal"
    kill -$signal "$window"
    ended
    begin "after-$signal"
    xdotool key ctrl+q
    ended
    empty_bin
    gone "Wombatly$signal"
done

traces+=("$work/vulkan.strace")
env -i "${own[@]}" VK_ICD_FILENAMES="$driver" GALLIVM_PERF=nopt strace "${options[@]}" -o "${traces[-1]}" \
    "$cli" ask Hello --checkpoint "$starter" --device vulkan --max-tokens 4 >"$work/said" 2>&1 ||
    wrong 'The terminal does not answer.' "$(<"$work/said")"

env -i "${own[@]}" ALCOVE_ALLOW_TRACING=0 "$cli" privacy >"$work/said" 2>&1 ||
    wrong 'The kernel does not enforce what is promised.' "$(<"$work/said")"

# Without the way out for debuggers, the window's memory is closed to others.
env -i "${own[@]}" ALCOVE_ALLOW_TRACING=0 strace -f -qq -e signal=none -e trace=prctl -o "$work/memory.strace" \
    "$alcove" -platform offscreen --checkpoint "$starter" 2>/dev/null &
strace=$!
await 60 grep -q 'PR_SET_DUMPABLE, SUID_DUMP_DISABLE' "$work/memory.strace" || wrong 'Others may read the memory of the window.'
window=$(pgrep -P $strace)
kill -9 "$window"
ended

# What was written, in the short list of places below; and the sockets.
result=$(perl -ne '
    BEGIN { $home = shift; @programs = (shift, shift); @allowed = (
        qr{^\Q$home\E/\.local(/share(/alcove(/.*)?)?)?$}, qr{^\Q$home\E/\.config(/alcove(/.*)?)?$},
        qr{^\Q$home\E/\.cache(/alcove(/.*)?)?$},
        qr{^/dev/(null|tty|dri/.*|shm/.*)$}, qr{^/proc/self/(task/\d+/comm|fd/\d+)$}); }
    if (/\bexecve\("([^"]*)"/) { print "a program: $_" unless $1 eq $programs[0] || $1 eq $programs[1]; next; }
    print "a socket: $_" if /\bsocket\((?!AF_UNIX)/;
    # The one that a later start speaks to, in the data folder.
    if (/\bbind\((\d+), .*sun_path="\Q$home\E\/\.local\/share\/alcove\//) { $own{$1} = 1; next; }
    print "an end for others: $_" if /\bbind\(/ || (/\blisten\((\d+)/ && !$own{$1});
    next if / = -1 / || /\bsocket\(/;
    next if /\bopen(at)?\(/ && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/;
    while (/"((?:[^"\\]|\\.)*)"/g) { my $path = $1; print "$path\n" unless grep { $path =~ $_ } @allowed; }
    ' "$home" "$alcove" "$cli" "${traces[@]}" | sort -u)
[[ -z $result ]] || wrong 'Outside of what Alcove may open or write:' "$result"

# Nobody else may read it, and all of it goes when asked to.
loose=$(find "$data" "$home/.config/alcove" "$home/.cache/alcove" -perm /077 ! -type l)
[[ -z $loose ]] || wrong 'Others may read:' "$loose"
env -i "${own[@]}" "$cli" forget-everything --yes --checkpoints >/dev/null || wrong 'forget-everything fails.'
left=$(find "$home" -type f)
[[ -z $left ]] || wrong 'After forget-everything there is still:' "$left"
