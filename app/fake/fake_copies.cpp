#include "app/fake/fake_copies.h"

#include <chrono>
#include <thread>

namespace alcove {

QString FakeCopies::find(const QString& checkpoint) const {
    const std::scoped_lock lock(m_mutex);
    return m_made.contains(checkpoint) ? checkpoint + ".gguf" : QString();
}

CopyResult FakeCopies::make(const QString& checkpoint, const std::function<void(double)>& progress,
                            const std::atomic<bool>& cancel) const {
    for (int step = 0; step < steps; ++step) {
        if (beforeStep) {
            beforeStep(step);
        }
        if (cancel) {
            return {.cancelled = true};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(millisecondsPerStep));
        progress(static_cast<double>(step + 1) / steps);
    }
    if (!problem.isEmpty()) {
        return {.problem = problem};
    }
    const std::scoped_lock lock(m_mutex);
    m_made << checkpoint;
    return {.made = true};
}

CopiesOnDisk FakeCopies::onDisk() const {
    const std::scoped_lock lock(m_mutex);
    return {.count = static_cast<int>(m_made.size()), .bytes = kBytes * m_made.size()};
}

QString FakeCopies::removeAll() const {
    const std::scoped_lock lock(m_mutex);
    m_made.clear();
    return {};
}

}  // namespace alcove
