// The one error type of the engine.
//
// Everything that can go wrong outside the program (files, drivers, memory, what a person typed) is
// thrown as an Error whose sentence that person can act on. Programmer mistakes are asserted instead.
// Nothing in the engine catches an Error only to drop it.
#pragma once

#include <memory>
#include <stdexcept>
#include <utility>

#include "engine/base/sentence.h"

namespace alcove::engine {

enum class ErrorCode {
    InvalidRequest,     // an argument outside its documented range
    FileMissing,        // a file that must be there is not
    FileUnreadable,     // present, but the system refuses to read or map it
    FileUnwritable,     // the system refuses to write a file, or the disk is full
    FileDamaged,        // the content contradicts itself or its format
    Unsupported,        // well-formed, but not a model this engine runs
    TokenizerMismatch,  // the tokenizer does not belong to the weights
    NoVulkan,           // no Vulkan loader, driver or usable device
    DeviceNotFound,     // the device asked for by name or number is not there
    OutOfMemory,        // host or device memory does not suffice
    DeviceLost,         // the driver gave the device up
    PromptTooLong,      // even the shortest admissible prompt exceeds the context
    NotFinite,          // the model computed NaN or infinity
    Cancelled,          // the caller asked to stop while a checkpoint was opening, or a measurement running
};

// what() is the sentence in English.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, Sentence sentence)
        : std::runtime_error(sentence.english()),
          m_code(code),
          m_sentence(std::make_shared<const Sentence>(std::move(sentence))) {}

    // As Sentence takes them.
    template <typename... Arguments>
    Error(ErrorCode code, TranslatableText text, const Arguments&... arguments)
        : Error(code, Sentence(text, arguments...)) {}

    [[nodiscard]] ErrorCode code() const noexcept { return m_code; }
    [[nodiscard]] const Sentence& sentence() const noexcept { return *m_sentence; }

private:
    ErrorCode m_code;
    std::shared_ptr<const Sentence> m_sentence;  // shared: copying an exception must not throw
};

}  // namespace alcove::engine
