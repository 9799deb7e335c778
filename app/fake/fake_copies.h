// Quantised copies for FakeBackend: only remembered, not made.
#pragma once

#include <functional>
#include <mutex>

#include <QtCore/QStringList>

#include "app/checkpoints/copy_store.h"

namespace alcove {

class FakeCopies : public CopyStore {
public:
    static constexpr qint64 kBytes = 301'000'000;  // of each

    [[nodiscard]] QString find(const QString& checkpoint) const override;
    // In `steps` steps, unless `problem` says why not.
    [[nodiscard]] CopyResult make(const QString& checkpoint, const std::function<void(double)>& progress,
                                  const std::atomic<bool>& cancel) const override;
    [[nodiscard]] CopiesOnDisk onDisk() const override;
    [[nodiscard]] QString removeAll() const override;

    // Change them only while no copy is being made.
    int steps = 5;
    int millisecondsPerStep = 0;
    QString problem;
    std::function<void(int)> beforeStep;  // called on the thread that makes the copy: where a test holds it

private:
    mutable std::mutex m_mutex;
    mutable QStringList m_made;  // checkpoints
};

}  // namespace alcove
