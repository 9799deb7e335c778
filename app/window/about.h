// What the window tells about the program, and about the model that is open.
#pragma once

#include <QtCore/QObject>
#include <QtCore/QThreadPool>
#include <QtCore/QVariantList>
#include <QtQml/qqmlregistration.h>

#include "app/checkpoints/model_licence.h"

namespace alcove {

class LibraryController;
class RunningCheckpoint;

// GUI thread; reads the model's files on a thread of its own.
class About : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the program")
    Q_PROPERTY(QString version READ version CONSTANT)
    Q_PROPERTY(QVariantList components READ components CONSTANT)
    Q_PROPERTY(QString modelDescription READ modelDescription NOTIFY modelChanged)
    Q_PROPERTY(QString modelLicence READ modelLicence NOTIFY modelChanged)
    Q_PROPERTY(QString modelLicenceText READ modelLicenceText NOTIFY modelChanged)

public:
    // Both must outlive it.
    About(LibraryController& library, const RunningCheckpoint& running, QObject* parent = nullptr);

    [[nodiscard]] QString version() const;  // with the commit
    // What the programs are made of beside our own code: {name, licence}.
    [[nodiscard]] QVariantList components() const;
    // The texts of the licences of what is in the programs; of the rest, their packages have them.
    Q_INVOKABLE [[nodiscard]] QString licenceTexts() const;

    [[nodiscard]] QString modelDescription() const { return m_description; }
    [[nodiscard]] QString modelLicence() const;  // a sentence
    [[nodiscard]] QString modelLicenceText() const { return m_licence.text; }

    // Looks at the model that is open now; modelChanged() follows.
    Q_INVOKABLE void refresh();

signals:
    void modelChanged();

private:
    LibraryController& m_library;
    const RunningCheckpoint& m_running;
    QString m_path;  // of the model that is told about; empty: none is open
    QString m_description;
    ModelLicence m_licence;
    QThreadPool m_thread;  // last: its destructor waits for the thread, which uses the other members
};

}  // namespace alcove
