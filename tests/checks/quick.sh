#!/usr/bin/env bash
# The quick loop: the layers, the format, the shell scripts, clang-tidy over the sources that changed, and the tests of
# what changed. Changed is what git sees against origin's main or, given one, another revision.
# Usage: quick.sh [REVISION]
#        quick.sh --install-hook   runs it before each commit (remove .git/hooks/pre-commit to be rid of it)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
checks=tests/checks
build=build/dev

if [[ ${1:-} == --install-hook ]]; then
    hook=$(git rev-parse --git-path hooks)/pre-commit
    mkdir -p "$(dirname "$hook")"
    printf '#!/usr/bin/env bash\n# Made by tests/checks/quick.sh --install-hook.\nexec tests/checks/quick.sh HEAD\n' >"$hook"
    chmod +x "$hook"
    echo "Each commit is checked first ($hook); \"git commit --no-verify\" goes without."
    exit
fi

base=${1:-$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD)}
mapfile -t changed < <({ git diff --name-only --diff-filter=d "$base"; git ls-files -o --exclude-standard; } | sort -u)
((${#changed[@]} > 0)) || { echo "Nothing has changed since $base."; exit; }
matching() { printf '%s\n' "${changed[@]}" | grep -E "$1" || true; }
step() { printf '%s\n' "$*"; }

step "Layers and format (${#changed[@]} files changed)"
$checks/layers.sh
$checks/readers.sh
$checks/sentences.sh
mapfile -t formatted < <(matching '\.(cpp|h)$')
((${#formatted[@]} == 0)) || clang-format-14 --dry-run -Werror "${formatted[@]}"
[[ -z $(matching '\.sh$|^installer/') ]] || $checks/shell.sh

step 'Build'
[[ -f $build/build.ninja ]] || cmake --preset dev >/dev/null
cmake --build $build --parallel | tail -n 1

mapfile -t tidied < <(matching '^(engine|app)/.*\.cpp$')
if ((${#tidied[@]} > 0)); then
    step "clang-tidy over ${#tidied[@]} sources"
    $checks/tidy.sh $build "${tidied[@]}"
fi

# The tests of a changed file: the test class itself, those of the folder of the same name, or else of its layer.
labels=()
tests=()
for file in "${changed[@]}"; do
    case $file in
        tests/*/test_*.cpp) tests+=("$(basename "$file" .cpp)") ;;
        ui/* | tests/ui/*) tests+=(test_window) ;;
        app/history/*) tests+=(test_history) ;;
        app/cli/*) tests+=('test_cli$') ;;
        app/* | tests/app/*) labels+=(app) ;;
        engine/vulkan/* | shaders/* | tests/vulkan/*) tests+=('test_vulkan_.*lavapipe') ;;
        engine/cpu/* | tests/cpu/*) tests+=(test_cpu) ;;
        engine/* | tests/engine/*) labels+=(engine) ;;
        resources/templates/*) tests+=(test_chat_template test_jinja_template) ;;
    esac
done
run() { ctest --test-dir $build --parallel 2 --output-on-failure -LE 'exhaustive|swiftshader' --no-tests=ignore "$@"; }
joined() { printf '%s\n' "$@" | sort -u | paste -s -d '|'; }
step 'Tests of what changed'
((${#tests[@]} == 0)) || run -R "^($(joined "${tests[@]}"))"
((${#labels[@]} == 0)) || run -L "^($(joined "${labels[@]}"))$"
