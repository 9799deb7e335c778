// What a checkpoint says of itself, in the optional alcove.json of its folder:
//
//   {"display_name": "Starter", "description": "One sentence.", "order": 0, "suggestions": ["What leaves my machine?"]}
//
// Every field is optional. The same file names the chat template, which is the engine's to read
// (engine/text/template_selection.h).
#pragma once

#include <limits>

#include <QString>
#include <QStringList>

namespace alcove {

struct CheckpointCard {
    QString displayName;  // up to 60 characters; empty: the folder's name is used
    QString description;  // up to 300 characters
    // Smaller ones come first among the checkpoints of one library folder; those without come last.
    double order = std::numeric_limits<double>::infinity();
    QStringList suggestions;  // up to 4 first messages it can answer, up to 120 characters each

    friend bool operator==(const CheckpointCard&, const CheckpointCard&) = default;
};

// The card of the checkpoint in the folder, or of the only GGUF file in its folder. Never throws: a field that is too
// long, of the wrong type or holds characters that change how other text looks is left out, and so is all of a file
// that cannot be read; what is wrong with such a file is for the engine to say. White space in a text becomes single
// spaces.
[[nodiscard]] CheckpointCard readCheckpointCard(const QString& location);

// What a checkpoint is called: its display name, or the name of its folder or GGUF file.
[[nodiscard]] QString checkpointName(const QString& location);

}  // namespace alcove
