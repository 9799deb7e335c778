// Running the built alcove-cli.
#pragma once

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QProcessEnvironment>
#include <QStringList>

namespace alcove::tests {

inline const QString kFixtures = ALCOVE_FIXTURES;
inline const QString kStories = kFixtures + "/stories260K";
inline const QString kTiny = kFixtures + "/mobillama-tiny";
inline const QString kText = kFixtures + "/measures/text.txt";
inline const QString kTask = kFixtures + "/measures/task.jsonl";

struct CliRun {
    int exitCode = -1;
    QByteArray out;
    QByteArray err;

    // The one line of JSON on standard output; empty if it is anything else.
    [[nodiscard]] QJsonObject json() const {
        return out.count('\n') == 1 && out.endsWith('\n') ? QJsonDocument::fromJson(out).object() : QJsonObject();
    }
};

inline CliRun finished(QProcess& process) {
    CliRun run;
    if (process.waitForFinished(100000) && process.exitStatus() == QProcess::NormalExit) {
        run.exitCode = process.exitCode();
    }
    run.out = process.readAllStandardOutput();
    run.err = process.readAllStandardError();
    return run;
}

// Data lies in `dataFolder`; `input` is all of standard input.
inline CliRun runCli(const QStringList& arguments, const QString& dataFolder = {}, const QByteArray& input = {},
                     const QString& program = QStringLiteral(ALCOVE_CLI)) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("ALCOVE_DATA_DIR", dataFolder.isEmpty() ? QStringLiteral("/nonexistent") : dataFolder);
    process.setProcessEnvironment(environment);
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    return finished(process);
}

// A copy of the program in `prefix`/bin, as after an installation: the checkpoints shipped with it are those a test
// puts into `prefix`/share/alcove/checkpoints. Empty if it could not be made.
inline QString installedCli(const QString& prefix) {
    const QString program = prefix + "/bin/alcove-cli";
    return QDir().mkpath(prefix + "/bin") && QFile::copy(ALCOVE_CLI, program) ? program : QString();
}

}  // namespace alcove::tests
