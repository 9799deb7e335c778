#!/usr/bin/env bash
# lupdate finds what people read: every marked text of the engine and of app/, and those of the window.
# Usage: translations.sh LUPDATE
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$1" -silent -locations none -tr-function-alias QT_TRANSLATE_NOOP+=ALCOVE_TEXT -I . engine app ui -ts "$folder/all.ts"

# One line for each text: its context, a tab, the text.
perl -CSD -0777 -ne '
    while (m{<context>\s*<name>(.*?)</name>(.*?)</context>}sg) {
        my ($context, $messages) = ($1, $2);
        while ($messages =~ m{<source>(.*?)</source>}sg) {
            my $text = $1;
            $text =~ s/&quot;/"/g; $text =~ s/&apos;/\x27/g; $text =~ s/&lt;/</g; $text =~ s/&gt;/>/g;
            $text =~ s/&amp;/&/g;
            print "$context\t$text\n";
        }
    }' "$folder/all.ts" | sort -u >"$folder/found"

find engine app \( -name '*.cpp' -o -name '*.h' \) -print0 | xargs -0 perl -CSD -0777 -ne '
    s{^\s*//[^\n]*}{}gm;
    s{^#define[^\n]*}{}gm;
    while (/ALCOVE_TEXT\(\s*"(\w+)",\s*((?:"(?:\\.|[^"\\])*"\s*)+)\)/g) {
        my ($context, $literals) = ($1, $2);
        my $text = join("", $literals =~ /"((?:\\.|[^"\\])*)"/g);
        $text =~ s/\\(.)/$1/g;
        print "$context\t$text\n";
    }' | sort -u >"$folder/marked"

# What only a change to this script could hide.
count=$(wc -l <"$folder/marked")
((count > 200)) || { printf 'Only %s texts of the engine are marked.\n' "$count"; exit 1; }
cat >>"$folder/marked" <<'LIST'
alcove::EngineBackend	No model is open.
alcove::CheckpointLibrary	%1 is no longer there.
alcove::DeviceController	This machine has no device that Alcove can use.
Composer	Write a message
SettingsDialog	Settings
LIST
missing=$(sort -u "$folder/marked" | comm -23 - "$folder/found")
[[ -z $missing ]] || { printf 'lupdate does not find:\n%s\n' "$missing"; exit 1; }
