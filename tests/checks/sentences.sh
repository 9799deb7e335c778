#!/usr/bin/env bash
# What the engine says to people is marked for translation: no English reaches an Error or a Sentence past ALCOVE_TEXT.
# Usage: sentences.sh [REPOSITORY]
# shellcheck source=deny.sh
source "$(dirname "${BASH_SOURCE[0]}")/deny.sh"

# Of each statement that makes a sentence, the literals with letters in them that are not in ALCOVE_TEXT.
unmarked=$(found engine \( -name '*.cpp' -o -name '*.h' \) | xargs -r -d '\n' perl -0777 -ne '
    my $text = qr/"(?:\\.|[^"\\])*"/;
    s{^\s*//[^\n]*}{}gm;
    while (/\b(?:(?:Error|failDamaged|failUnsupported|Sentence::verbatim|Sentence)\s*[({]|ALCOVE_TEXT\()(?:[^;"]|$text)*;/g) {
        my ($statement, $line) = ($&, 1 + (substr($_, 0, $-[0]) =~ tr/\n//));
        $statement =~ s/ALCOVE_TEXT\(\s*"engine",\s*(?:$text\s*)+\)//g;
        while ($statement =~ /($text)/g) {
            my $literal = $1;
            print "$ARGV:$line: $literal\n" if $literal =~ s/\\.//gr =~ /[a-z]{2}/;
        }
    }')
[[ -z $unmarked ]] || complain 'Sentences of the engine are made from ALCOVE_TEXT, which lupdate finds:' "$unmarked"
finish
