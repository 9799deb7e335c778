#include "app/downloads/quantizing.h"

#include <algorithm>
#include <exception>
#include <new>

#include <QCoreApplication>

#include "app/checkpoints/file_path.h"
#include "app/translation/engine_sentences.h"
#include "engine/base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/conversion/model_writer.h"
#include "engine/text/template_selection.h"
#include "engine/text/tokenizer.h"

namespace alcove {

CopyResult writeQuantizedFile(const QString& checkpoint, const QString& file, QuantizedForm form,
                              const std::function<void(double)>& progress, const std::atomic<bool>& cancel) {
    try {
        const engine::Checkpoint original = engine::Checkpoint::open(toPath(checkpoint), cancel);
        const engine::Tokenizer tokenizer = engine::Tokenizer::open(original.location(), original.config().vocabSize);
        const engine::TemplateSelection choice = engine::selectTemplate(original.location());
        engine::ModelWriteOptions options;
        options.dtype = form == QuantizedForm::Q8_0 ? engine::DType::Q8_0 : engine::DType::Q4_0;
        options.overwrite = true;
        options.cancel = cancel;
        options.progress = [&progress](std::uint64_t done, std::uint64_t total) {
            progress(static_cast<double>(done) / static_cast<double>(std::max<std::uint64_t>(total, 1)));
        };
        (void)engine::writeModel(original, tokenizer, choice, toPath(file), options);
        return {.made = true};
    } catch (const engine::Error& error) {
        const bool cancelled = error.code() == engine::ErrorCode::Cancelled;
        return {.cancelled = cancelled, .problem = cancelled ? QString() : inWords(error.sentence())};
    } catch (const std::bad_alloc&) {
        return {.problem = QCoreApplication::translate("alcove::Download",
                                                       "This machine has not enough free memory for that.")};
    } catch (const std::exception& error) {
        return {.problem = QString::fromUtf8(error.what())};
    }
}

}  // namespace alcove
