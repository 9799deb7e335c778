#include "app/window/about.h"

#include <array>

#include <QtCore/QFile>

#include "app/library/library_controller.h"
#include "app/library/running_checkpoint.h"
#include "app/version/version.h"

namespace alcove {

namespace {

struct Component {
    const char* name;
    const char* licence;
};

constexpr std::array kComponents = {
    Component{"Qt 6", "LGPL-3.0-only"},
    Component{"SQLite", "public domain"},
    Component{"SentencePiece", "Apache-2.0"},
    Component{"Protocol Buffers", "BSD-3-Clause"},
    Component{"Highway", "Apache-2.0 or BSD-3-Clause"},
    Component{"MD4C", "MIT"},
    Component{"JSON for Modern C++", "MIT"},
    Component{"volk", "MIT"},
    Component{"Vulkan headers", "Apache-2.0"},
    Component{"CLI11", "BSD-3-Clause"},
    Component{"WordNet 3.0, in the starter", "WordNet"},
};

QString resource(const QString& name) {
    QFile file(QStringLiteral(":/qt/qml/Alcove/Window/licences/") + name);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

}  // namespace

About::About(LibraryController& library, const RunningCheckpoint& running, QObject* parent)
    : QObject(parent), m_library(library), m_running(running) {
    m_thread.setMaxThreadCount(1);
}

QString About::version() const {
    return QString::fromUtf8(kVersion);
}

QVariantList About::components() const {
    QVariantList list;
    for (const Component& component : kComponents) {
        list << QVariantMap{{QStringLiteral("name"), QString::fromUtf8(component.name)},
                            {QStringLiteral("licence"), QString::fromUtf8(component.licence)}};
    }
    return list;
}

QString About::licenceTexts() const {
    return resource(QStringLiteral("copyright")) + u'\n' + resource(QStringLiteral("Apache-2.0"));
}

QString About::modelLicence() const {
    if (m_path.isEmpty()) {
        return {};
    }
    if (!m_licence.name.isEmpty()) {
        return tr("Licence: %1").arg(m_licence.name);
    }
    return m_licence.text.isEmpty() ? tr("Its folder names no licence. Look where you have it from.")
                                    : tr("Its licence is in %1.").arg(m_licence.file);
}

void About::refresh() {
    m_path = m_running.path();
    m_licence = {};
    const CheckpointEntry* const row = m_library.model()->find(m_path);
    m_description = row != nullptr ? row->card.description : QString();
    emit modelChanged();
    if (m_path.isEmpty()) {
        return;
    }
    m_thread.start([this, path = m_path] {
        const ModelLicence licence = readModelLicence(path);
        QMetaObject::invokeMethod(
            this,
            [this, path, licence] {
                if (path == m_path) {
                    m_licence = licence;
                    emit modelChanged();
                }
            },
            Qt::QueuedConnection);
    });
}

}  // namespace alcove

#include "moc_about.cpp"
