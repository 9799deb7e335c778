// Everything that Alcove keeps of a person on this machine, and its removal.
#pragma once

#include <QList>
#include <QString>

#include "app/settings/data_paths.h"

namespace alcove {

// A file, or a folder with all that is in it. Symbolic links are links here, wherever they lead.
struct Trace {
    QString path;
    qint64 bytes = 0;
};

// Something that stays, and why.
struct KeptTrace {
    enum class Reason {
        Checkpoints,  // the folder of checkpoints, which were not asked for
        Link,         // one of Alcove's folders is a symbolic link, which is not followed
        NotOurs,      // in a data folder that a person chose, and by its name not Alcove's
        Failed,       // the system refused: `problem`
    };
    Trace trace;
    Reason reason = Reason::Failed;
    QString problem = {};
};

struct Traces {
    QList<Trace> removable;  // in the order in which they are removed
    QList<KeptTrace> kept;
    QStringList folders;  // which are removed last, if nothing is left in them
};

// What is there now. Nothing outside of the data, settings and cache folders is looked at. With `checkpoints`, the
// folder of checkpoints is removable too.
[[nodiscard]] Traces findTraces(const DataPaths& paths, bool checkpoints);

// Removes them for good, without following links or leaving the file system that a trace lies on, and goes on where
// something cannot be removed. Returns that.
[[nodiscard]] QList<KeptTrace> removeTraces(const Traces& traces);

}  // namespace alcove
