# Shared by installer/run and installer/test; sourced, not run.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
log=$root/build/installer.log

# step TEXT: one line for each step, so that a person sees where it is.
step() { printf '\n%s\n' "$*"; }

# fail SENTENCE…: says what is wrong and what to do, one sentence a line, and ends the script.
fail() {
    printf '\n' >&2
    printf '%s\n' "$@" >&2
    exit 1
}

# The names in the given groups of installer/dependencies that this distribution has.
packages_of() {
    local groups=" $* " group='' name only
    while read -r name only; do
        case $name in
            '' | '#'*) ;;
            '['*) group=${name//[\[\]]/} ;;
            *)
                [[ $groups == *" $group "* ]] || continue
                [[ -z $only || " $only " == *" $distribution "* || " $only " == *" $release "* ]] || continue
                printf '%s\n' "$name"
                ;;
        esac
    done <"$root/installer/dependencies"
}

# Those of the given packages that are not installed.
missing_of() {
    local installed name
    # dpkg-query fails where it does not know a name at all; what it prints is right even so.
    installed=" $({ dpkg-query -W -f '${Package}:${db:Status-Status}\n' "$@" 2>/dev/null || true; } |
        sed -n 's/:installed$//p' | tr '\n' ' ') "
    for name in "$@"; do
        [[ $installed == *" $name "* ]] || printf '%s\n' "$name"
    done
}

# Finds out which distribution this is; the derivatives of Debian and Ubuntu count as theirs.
check_distribution() {
    local ID='' ID_LIKE='' VERSION_ID='' PRETTY_NAME='an unknown system' oldest
    local by_hand='Elsewhere: install the packages listed in installer/dependencies under the names they have there, then run "cmake --preset release && cmake --build build/release".'
    # shellcheck source=/dev/null
    [[ ! -r /etc/os-release ]] || . /etc/os-release
    case " $ID $ID_LIKE " in
        *' ubuntu '*) distribution=ubuntu oldest=24.04 ;;
        *' debian '*) distribution=debian oldest=12 ;;
        *) fail "This script knows Debian 12 and Ubuntu 24.04 or newer; here is $PRETTY_NAME." "$by_hand" ;;
    esac
    release=$ID-$VERSION_ID
    [[ $(uname -m) == x86_64 || $(uname -m) == aarch64 ]] ||
        fail "Alcove is made for 64-bit machines (x86-64 and ARM); this one is $(uname -m)."
    # Derivatives count in their own way, and Debian testing has no number; Qt's version decides for those.
    if [[ $ID == "$distribution" && -n $VERSION_ID ]] && dpkg --compare-versions "$VERSION_ID" lt "$oldest"; then
        fail "$PRETTY_NAME is too old for Alcove: it needs Qt 6.4, which came with Debian 12 and Ubuntu 24.04." "$by_hand"
    fi
}

check_qt() {
    local version
    version=$(dpkg-query -W -f '${Version}' qt6-base-dev)
    dpkg --compare-versions "$version" ge 6.4 ||
        fail "Alcove needs Qt 6.4 or newer; the packages of this system have $version." \
            'Debian 12 and Ubuntu 24.04 have it.'
}

# as_root COMMAND…: as it is for root, through sudo for anybody else.
as_root() {
    if ((EUID == 0)); then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# Reads what apt-get prints with its status lines between; on a terminal shows how far it is. Fails if the last line is
# "failed".
show_apt_progress() {
    local line kind share last=''
    while read -r line; do
        if [[ $line =~ ^(dlstatus|pmstatus):[^:]*:([0-9]+) ]]; then
            kind=Downloaded share=${BASH_REMATCH[2]}
            [[ ${BASH_REMATCH[1]} == dlstatus ]] || kind='Installed '
            [[ ! -t 1 ]] || printf '\r  %s %3d %%' "$kind" "$share"
        else
            printf '%s\n' "$line" >>"$log"
            last=$line
        fi
    done
    [[ ! -t 1 ]] || printf '\r                    \r'
    [[ $last != failed ]]
}

# Installs what is missing of the given groups of installer/dependencies, and nothing else.
install_packages() {
    local wanted missing apt=(apt-get -qq -y -o DPkg::Lock::Timeout=300 -o APT::Update::Error-Mode=any)
    check_distribution
    mapfile -t wanted < <(packages_of "$@")
    mapfile -t missing < <(missing_of "${wanted[@]}")
    if ((${#missing[@]} == 0)); then
        echo "All ${#wanted[@]} are installed."
        check_qt
        return
    fi
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            fail "${#missing[@]} packages are missing, and there is no sudo to install them with." \
                'Run this script as root, or have somebody who may install packages run:' "  apt-get install ${missing[*]}"
        sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v; } ||
            fail "${#missing[@]} packages are missing, and sudo does not let you install them." \
                'Have somebody who may install packages run:' "  apt-get install ${missing[*]}"
    fi
    echo "Installing ${#missing[@]} of ${#wanted[@]} and what they need, once; this takes a few minutes …"
    # A source of somebody else's may be out of order without mattering here, so installing is tried all the same.
    as_root "${apt[@]}" update >>"$log" 2>&1 || echo 'The lists of packages could not be brought up to date; trying with those at hand.'
    { as_root "${apt[@]}" -o APT::Status-Fd=1 install --no-install-recommends "${missing[@]}" </dev/null 2>&1 || echo failed; } |
        show_apt_progress ||
        fail 'The packages could not be installed. apt-get said:' "$(tail -n 5 "$log" | sed 's/^/  /')" \
            'Is this machine online? Everything it said is in build/installer.log.'
    check_qt
}

# As many compilers at once as there are processors, and memory for (about 1 GB each).
parallel_jobs() {
    local processors memory
    processors=$(nproc)
    memory=$(awk '/^MemAvailable/ {print int($2 / 1000000)}' /proc/meminfo)
    ((memory >= processors)) || processors=$((memory > 1 ? memory : 1))
    echo "$processors"
}

# build_preset NAME [TARGET]: configures build/NAME if that has not been done, then brings the target up to date, or all.
build_preset() {
    local folder=$root/build/$1
    cd "$root"
    if [[ ! -f $folder/build.ninja || CMakePresets.json -nt $folder/build.ninja ]]; then
        cmake --preset "$1" >>"$log" 2>&1 ||
            fail 'Configuring failed:' "$(grep -A 12 'CMake Error' "$log" | tail -n 30)" 'The whole output is in build/installer.log.'
    fi
    NINJA_STATUS='[%p, %u steps left] ' cmake --build "$folder" --parallel "$(parallel_jobs)" --target "${2:-all}" ||
        fail "The build stopped at the error above. If it is none of your doing, remove build/$1 and try again."
}

{ mkdir -p "$root/build" && : >"$log"; } 2>/dev/null ||
    fail "Alcove builds in $root/build, and you may not write there. If root made that folder, remove it or change its owner."
