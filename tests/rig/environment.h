// Environment variables that have another value for a while.
#pragma once

#include <QFile>
#include <QTemporaryDir>
#include <QtGlobal>

namespace alcove::tests {

// Sets a variable, or takes it away; the destructor puts back what was there, also where a test ends early.
class ScopedVariable {
public:
    explicit ScopedVariable(const char* name)
        : m_name(name), m_wasSet(qEnvironmentVariableIsSet(name)), m_before(qgetenv(name)) {
        qunsetenv(name);
    }
    ScopedVariable(const char* name, const QByteArray& value) : ScopedVariable(name) { set(value); }
    ScopedVariable(const ScopedVariable&) = delete;
    ScopedVariable& operator=(const ScopedVariable&) = delete;
    ~ScopedVariable() {
        if (m_wasSet) {
            set(m_before);
        } else {
            qunsetenv(m_name);
        }
    }

    void set(const QByteArray& value) const { qputenv(m_name, value); }
    void unset() const { qunsetenv(m_name); }

private:
    const char* m_name;
    bool m_wasSet;
    QByteArray m_before;
};

// The software driver passes for integrated graphics, nobody has chosen a device, and nothing is remembered: what first
// needs a device compares the two.
class UncomparedGraphics {
    const QTemporaryDir m_cache;
    const ScopedVariable m_cacheHome{"XDG_CACHE_HOME", QFile::encodeName(m_cache.path())};
    const ScopedVariable m_device{"ALCOVE_DEVICE", "auto"};
    const ScopedVariable m_kind{"ALCOVE_SOFTWARE_AS", "integrated"};
};

}  // namespace alcove::tests
