// Sentences for people that the app can translate: a marked English literal and its arguments, kept apart.
//
// The engine knows no language but English. The app looks the literal up in the language of the person
// (app/translation/engine_sentences.h) and puts the arguments in afterwards.
#pragma once

#include <concepts>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace alcove::engine {

// An English literal that lupdate finds. Made by ALCOVE_TEXT alone.
class TranslatableText {
public:
    // `context` is "engine" for everything in engine/; anything else does not compile.
    consteval TranslatableText(std::string_view context, const char* source) : m_source(source) {
        if (context != "engine") {
            throw "the context of the engine's texts is \"engine\"";
        }
    }
    [[nodiscard]] constexpr const char* source() const { return m_source; }

private:
    const char* m_source;
};

// Marks `text` for lupdate, which is run with -tr-function-alias QT_TRANSLATE_NOOP+=ALCOVE_TEXT and needs the context
// beside each text. `text` is a whole sentence, or a clause or phrase that is the argument of one; %1 to %9 are its
// arguments, so that a translation may order them otherwise.
#define ALCOVE_TEXT(context, text) (::alcove::engine::TranslatableText("" context, "" text))

// A value; copying copies its strings. Immutable.
class Sentence {
public:
    Sentence() = default;  // nothing: empty()

    // Each argument is a text, a path or a whole number, which stay as they are in every language, or another Sentence
    // or TranslatableText, which is translated by itself.
    template <typename... Arguments>
    Sentence(TranslatableText text, const Arguments&... arguments)  // NOLINT: a literal is a sentence
        : m_source(text.source()), m_arguments{argument(arguments)...}, m_translatable(true) {}

    // A text that is the same in every language, or of which only this one is known: what the system or a library
    // reports.
    [[nodiscard]] static Sentence verbatim(std::string text);

    // One after the other, with nothing between them; empty ones leave no trace.
    [[nodiscard]] static Sentence sequence(std::vector<Sentence> parts);

    // The same with a space between two.
    [[nodiscard]] static Sentence joined(std::vector<Sentence> parts);

    // What an earlier run kept of a translatable sentence. `source` may be any text.
    [[nodiscard]] static Sentence kept(std::string source, std::vector<Sentence> arguments);

    [[nodiscard]] bool operator==(const Sentence&) const = default;
    [[nodiscard]] bool empty() const { return m_source.empty() && m_arguments.empty(); }

    // Translatable: source() is to be looked up, and arguments() put in place of %1 and so on. Otherwise source() is
    // the text, or, where that is empty, arguments() are a sequence.
    [[nodiscard]] bool translatable() const { return m_translatable; }
    [[nodiscard]] const std::string& source() const { return m_source; }
    [[nodiscard]] const std::vector<Sentence>& arguments() const { return m_arguments; }

    // In English.
    [[nodiscard]] std::string english() const;

private:
    [[nodiscard]] static Sentence argument(const Sentence& value) { return value; }
    [[nodiscard]] static Sentence argument(TranslatableText value) { return value; }
    [[nodiscard]] static Sentence argument(const std::filesystem::path& value) { return verbatim(value.string()); }
    [[nodiscard]] static Sentence argument(const std::string& value) { return verbatim(value); }
    [[nodiscard]] static Sentence argument(std::string_view value) { return verbatim(std::string(value)); }
    [[nodiscard]] static Sentence argument(const char* value) { return verbatim(value); }
    template <std::integral Number>
    [[nodiscard]] static Sentence argument(Number value) {
        return verbatim(std::to_string(value));
    }

    std::string m_source;
    std::vector<Sentence> m_arguments;
    bool m_translatable = false;
};

}  // namespace alcove::engine
