#!/usr/bin/env bash
# What comes from outside is read in one place of each kind, which is where it is limited.
# Usage: readers.sh [REPOSITORY]
# shellcheck source=deny.sh
source "$(dirname "${BASH_SOURCE[0]}")/deny.sh"

cpp=(\( -name '*.cpp' -o -name '*.h' \))
deny 'JSON is read by engine/files/bounded_json and streamed_json alone:' \
    '\b(json|ordered_json|basic_json(<>)?)::(parse|accept|sax_parse|from_[a-z]+)\b|QJsonDocument::fromJson|QCborValue::from|"_json\b|>>[[:space:]]*json' \
    engine app "${cpp[@]}" ! -path engine/files/bounded_json.cpp ! -path engine/files/streamed_json.cpp
deny 'Files are mapped by engine/files/mapped_file alone, which survives that they become shorter:' \
    '\bmmap(64)?\(|QFile(Device)?::map|[.>]map\(' engine app "${cpp[@]}" ! -path 'engine/files/*' ! -path engine/cpu/memory.cpp
finish
