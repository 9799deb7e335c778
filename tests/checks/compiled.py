"""The sources of this repository as a build compiles them, alone or several as one: for each a line
"COMPILER<tab>SOURCE<tab>FLAGS", the source relative to the repository, its flags those that matter to a reader of it.
Usage: compiled.py BUILD REPOSITORY (absolute paths)
"""
import json
import re
import shlex
import sys

build, root = sys.argv[1:]
seen = set()
for entry in json.load(open(build + "/compile_commands.json")):
    words = shlex.split(entry["command"])
    compiler = next(word for word in words if not word.endswith("ccache"))
    flags, take = [], False
    for word in words:
        if take or re.match(r"-(I|D|std=|f|m)", word):
            flags.append(word)
            take = False
        elif word == "-isystem":
            flags.append(word)
            take = True
    file = entry["file"]
    sources = re.findall(r'#include "([^"]+)"', open(file).read()) if "/Unity/" in file else [file]
    for source in sources:
        line = (compiler, source.removeprefix(root + "/"), shlex.join(flags))
        if not source.startswith(build + "/") and line not in seen:
            seen.add(line)
            print(*line, sep="\t")
