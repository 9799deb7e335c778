#!/usr/bin/env python3
"""Every check in the readers and in the history has a test that fails without it.

Usage: mutation.py BUILD [--update] [FILE…]

A check is the condition of an "if" that rejects (throws, fails, returns nothing, goes on with the next one), or one of
several such conditions joined by "||". All of them are found in the folders of GROUPS, and compiled into one program
in BUILD/mutation, from a copy of the sources in which each can be switched off by the environment variable
ALCOVE_MUTANT. With each switched off in turn, under AddressSanitizer and UndefinedBehaviorSanitizer, a test has to
fail: the one that mutations.txt names, or else any of the group's. Nothing outside of BUILD is written.

mutations.txt has, under the name of a file, one line each:
    CONDITION  Class function         this test fails without it
    CONDITION  - REASON               no test can tell, for that reason
    CONDITION  ?                      no test is known yet; each run says so, and tries it if FILE is given
    TEXT => REPLACEMENT  Class …      something else than an "if": this text, which the file has once
"#2" and so on after a condition stands for its second occurrence. A check that is not listed is tried all the same,
which takes longer; --update writes the tests that were found into the list. FILE: only checks in these files.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
LIST = REPOSITORY / "tests" / "checks" / "mutations.txt"

HISTORY = ("TestHistoryRecord TestHistoryFiles TestHistoryHostile TestHistoryStore TestHistoryTags TestHistoryAccess "
           "TestHistoryOpening TestHistoryTraces TestHistoryRecovery TestHistoryWal TestHistoryModel TestHistoryCrashes")
READERS = ("TestUtf8 TestBoundedJson TestMappedFile TestFinite TestFineQuantization TestQuantization TestReplyText "
           "TestConfigReader TestCheckpoint TestChatTemplate TestResolve TestGguf TestTorchArchive TestSafetensors "
           "TestOutOfMemory TestTokenizer TestTokenizerDifferential TestCheckpointDamage TestModelWriter")
# Folders, the target with their tests, and its classes.
GROUPS = [
    (["app/history", "app/history/file"], "tests/app/history/test_history", HISTORY.split()),
    (["engine/files", "engine/checkpoint", "engine/text"], "tests/engine/test_engine", READERS.split()),
]

REJECTS = re.compile(
    r"(throw\b|(\w+\.)?((fail|refuse|throw)\w*|damaged|unsupported|wrong)\s*\(|continue\s*;|break\s*;"
    r"|return\s*(std::nullopt|\{\}|false|nullptr|0|-1|Q[A-Z]\w*\(\))?\s*;)")
DECLARATION = re.compile(r"^\s*(const\s+)?[A-Za-z_][\w:<>,\s]*[\s&*]\w+\s*=[^=]")

HEADER = """#pragma once
#include <cstdlib>
#include <type_traits>
inline const int alcoveMutant = [] {
    const char* text = std::getenv("ALCOVE_MUTANT");
    return text == nullptr ? 0 : std::atoi(text);
}();
constexpr bool alcoveKept(int number) {
    return std::is_constant_evaluated() || alcoveMutant != number;
}
"""


class Mutant:
    def __init__(self, file, key, begin, end, replacement):
        self.file, self.key, self.begin, self.end, self.replacement = file, key, begin, end, replacement
        self.number = 0
        self.test = None    # what the list names
        self.reason = None  # why no test can tell
        self.killer = None


def masked(text):
    """The text with comments and literals blanked out, at the same offsets."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)

    def blank(match):
        found = match.group(0)
        if found[0] == "'" and match.start() > 0 and text[match.start() - 1].isalnum():
            return found  # a separator of digits
        return "".join(c if c == "\n" else " " for c in found)

    return pattern.sub(blank, text)


def closing(code, opening):
    depth = 0
    for at in range(opening, len(code)):
        if code[at] in "([{":
            depth += 1
        elif code[at] in ")]}":
            depth -= 1
            if depth == 0:
                return at
    raise ValueError("unbalanced brackets")


def split(code, begin, end, separator):
    """The parts between separators that are in no brackets, as (begin, end)."""
    parts, depth, start, at = [], 0, begin, begin
    while at < end:
        if code[at] in "([{":
            depth += 1
        elif code[at] in ")]}":
            depth -= 1
        elif depth == 0 and code.startswith(separator, at):
            parts.append((start, at))
            at += len(separator)
            start = at
            continue
        at += 1
    return parts + [(start, end)]


def checks_in(file):
    text = (REPOSITORY / file).read_text()
    code = masked(text)
    seen = {}
    for match in re.finditer(r"\bif \(", code):
        opening = match.end() - 1
        end = closing(code, opening)
        body = code[end + 1:].lstrip(" \n{")
        if not REJECTS.match(body):
            continue
        begin, finish = split(code, opening + 1, end, ";")[-1]
        if DECLARATION.match(code[begin:finish]):
            continue
        for first, last in split(code, begin, finish, "||"):
            condition = text[first:last]
            first += len(condition) - len(condition.lstrip())
            condition = text[first:last].rstrip()
            key = " ".join(re.sub(r"\s*//[^\n]*", "", condition).split())
            seen[key] = seen.get(key, 0) + 1
            if seen[key] > 1:
                key += f" #{seen[key]}"
            yield Mutant(file, key, first, first + len(condition), "(alcoveKept(%d) && (" + condition + "))")


def read_list():
    listed, file = {}, None
    for line in LIST.read_text().splitlines() if LIST.exists() else []:
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            file = line.strip()
            continue
        key, _, rest = line.strip().partition("  ")
        listed[file, key] = rest.strip()
    return listed


def collect(files):
    listed = read_list()
    mutants = []
    for folders, target, classes in GROUPS:
        for folder in folders:
            for path in sorted((REPOSITORY / folder).glob("*.cpp")):
                file = str(path.relative_to(REPOSITORY))
                found = list(checks_in(file))
                for (name, key), rest in listed.items():
                    if name == file and " => " in key:
                        old, new = key.split(" => ")
                        text = path.read_text()
                        if text.count(old) != 1:
                            sys.exit(f"{file} has this not once: {old}")
                        begin = text.index(old)
                        inside = f"(alcoveKept(%d) ? ({old}) : ({new}))" if not old.endswith(";") else \
                            f"if (alcoveKept(%d)) {{ {old} }} else {{ {new} }}"
                        found.append(Mutant(file, key, begin, begin + len(old), inside))
                for mutant in found:
                    mutant.target, mutant.classes = target, classes
                    rest = listed.get((file, mutant.key), "")
                    if rest.startswith("- ") or (rest == "?" and not files):
                        mutant.reason = rest
                    elif rest == "?":
                        mutant.test = None
                    else:
                        mutant.test = rest.split() or None
                    mutants.append(mutant)
    for number, mutant in enumerate(mutants, 1):
        mutant.number = number
    known = {(mutant.file, mutant.key) for mutant in mutants}
    gone = [f"{file}: {key}" for file, key in listed if (file, key) not in known]
    chosen = [mutant for mutant in mutants if not files or mutant.file in files]
    return mutants, chosen, gone


def write_if_changed(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def copy_sources(root, mutants):
    """A tree of links to the repository, but for the folders with mutants: these are copies with all mutants in them."""
    copied = {folder for folders, _, _ in GROUPS for folder in folders}
    real = {str(parent) for folder in copied for parent in pathlib.Path(folder).parents} | copied

    def fill(relative):
        source, copy = REPOSITORY / relative, root / relative
        copy.mkdir(parents=True, exist_ok=True)
        wanted = set()
        for entry in source.iterdir():
            name = str(pathlib.Path(relative) / entry.name)
            if relative == "." and entry.name in (".git", "build"):
                continue
            wanted.add(entry.name)
            target = copy / entry.name
            if entry.is_dir() and name in real:
                fill(name)
            elif relative in copied:
                text = entry.read_text()
                ours = sorted((m for m in mutants if m.file == name), key=lambda m: m.begin, reverse=True)
                last = len(text)
                for mutant in ours:
                    if mutant.end > last:
                        sys.exit(f"{name}: mutants overlap: {mutant.key}")
                    last = mutant.begin
                    inside = mutant.replacement.replace("%d", str(mutant.number), 1)
                    text = text[:mutant.begin] + inside + text[mutant.end:]
                if ours:
                    text = '#include "alcove_mutant.h"\n' + text
                write_if_changed(target, text)
            elif not target.is_symlink():
                target.symlink_to(entry)
        for entry in copy.iterdir():
            if entry.name not in wanted and entry.name != "alcove_mutant.h":
                entry.unlink() if not entry.is_dir() or entry.is_symlink() else shutil.rmtree(entry)

    fill(".")
    write_if_changed(root / "alcove_mutant.h", HEADER)


def build(root, tree):
    if not (tree / "build.ninja").exists():
        subprocess.run(["cmake", "-G", "Ninja", "-S", root, "-B", tree, "-DCMAKE_BUILD_TYPE=Debug",
                        "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g0 -D_GLIBCXX_ASSERTIONS -fno-sanitize-recover=all", "-DALCOVE_WERROR=OFF",
                        "-DALCOVE_SANITIZE=address,undefined"], check=True, stdout=subprocess.DEVNULL)
    targets = [target for _, target, _ in GROUPS]
    subprocess.run(["cmake", "--build", tree, "--target", *targets], check=True, stdout=subprocess.DEVNULL)


class Runner:
    def __init__(self, tree):
        self.tree = tree
        self.environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", ALCOVE_SAMPLE="0",
                                ASAN_OPTIONS="detect_leaks=0:max_allocation_size_mb=2048", UBSAN_OPTIONS="halt_on_error=1")
        self.environment.pop("ALCOVE_EXHAUSTIVE", None)

    def fails(self, target, test, number, limit=120):
        """The function that failed; None if none did."""
        with tempfile.TemporaryDirectory() as home:
            os.chmod(home, 0o755)  # tests that give up root's rights go on in there
            environment = dict(self.environment, ALCOVE_MUTANT=str(number), HOME=home, TMPDIR=home)
            try:
                done = subprocess.run([self.tree / target, *test, "-v1"], env=environment, timeout=limit,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
                output, failed = done.stdout, done.returncode != 0
            except subprocess.TimeoutExpired as expired:
                output, failed = expired.stdout or b"", True
        if not failed:
            return None
        function = ""
        for line in output.decode(errors="replace").splitlines():
            if line.startswith("FAIL!"):
                found = re.search(r"::(\w+)\(", line)
                return found.group(1) if found else function
            entering = re.match(r"INFO\s*: \w+::(\w+)\(.*entering", line)
            function = entering.group(1) if entering else function
        return function or "?"


def try_mutant(runner, mutant, classes, times):
    if mutant.test and runner.fails(mutant.target, mutant.test, mutant.number):
        mutant.killer = mutant.test
        return
    for name in sorted(classes, key=lambda one: times[one]):
        function = runner.fails(mutant.target, [name], mutant.number, limit=max(60, 10 * times[name]))
        if function:
            mutant.killer = [name] + ([function] if function not in ("?", "initTestCase") else [])
            return


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    mutants, chosen, gone = collect(arguments.files)
    folder = arguments.build.resolve() / "mutation"
    copy_sources(folder / "source", mutants)
    build(folder / "source", folder / "tree")
    runner = Runner(folder / "tree")

    tried = [mutant for mutant in chosen if not mutant.reason]
    times, classes = {}, {}
    for _, target, names in GROUPS:
        if not any(mutant.target == target for mutant in tried):
            continue
        classes[target] = names
        needed = {mutant.test[0] for mutant in tried if mutant.target == target and mutant.test}
        if any(mutant.target == target and not mutant.test for mutant in tried):
            needed = set(classes[target])
        for name in classes[target]:
            begin = time.monotonic()
            if name in needed and runner.fails(target, [name], 0, limit=600):
                sys.exit(f"{name} fails without any mutant.")
            times[name] = time.monotonic() - begin
    done = [0]
    lock = threading.Lock()

    def attempt(mutant):
        try_mutant(runner, mutant, classes[mutant.target], times)
        with lock:
            done[0] += 1
            if not mutant.killer:
                print(f"[{done[0]}/{len(tried)}] No test fails without it: {mutant.file}: {mutant.key}", flush=True)
            elif mutant.killer != mutant.test:
                print(f"[{done[0]}/{len(tried)}] {mutant.file}: {mutant.key}  {' '.join(mutant.killer)}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(attempt, tried))

    if arguments.update:
        header = [line for line in LIST.read_text().splitlines() if line.startswith("#")] if LIST.exists() else []
        lines, file = header, None
        for mutant in mutants:
            test = mutant.killer or mutant.test
            rest = mutant.reason or " ".join(test or [])
            if not rest:
                continue
            if mutant.file != file:
                file = mutant.file
                lines += ["", file]
            lines.append(f"    {mutant.key}  {rest}")
        LIST.write_text("\n".join(lines) + "\n")
    survivors = [mutant for mutant in tried if not mutant.killer]
    if not arguments.update:
        for entry in gone:
            print(f"The list has a check that is not there any more: {entry}")
    for mutant in chosen:
        if mutant.reason == "?":
            print(f"No test yet: {mutant.file}: {mutant.key}")
    print(f"{len(mutants)} checks, {len(tried)} tried, {len(chosen) - len(tried)} passed over, "
          f"{len(survivors)} without a test.")
    sys.exit(1 if survivors else 0)


main()
