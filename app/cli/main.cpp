// alcove-cli: the engine in a terminal.
//
// Exit codes: 0 done; 1 failed, with a sentence on standard error; 2 wrong usage; 130 stopped by Ctrl-C,
// SIGTERM or SIGHUP.
#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <QCoreApplication>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/nearest_name.h"
#include "app/cli/output.h"
#include "app/process/broker.h"
#include "app/process/privacy.h"
#include "app/process/sandbox.h"
#include "app/process/terminal_text.h"
#include "app/session/backend.h"
#include "app/translation/engine_sentences.h"
#include "app/version/version.h"
#include "engine/base/error.h"

namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

int fail(const char* sentence) {
    alcove::cli::writeSentence(QStringLiteral("alcove-cli: %1").arg(QString::fromUtf8(sentence)));
    return kFailed;
}

// The parser asks for a command without a word on the one that was given. Returns false if there is one of that name.
bool refuseUnknownCommand(const CLI::App& app, int argc, char** argv) {
    if (argc < 2 || argv[1][0] == '-') {
        return false;
    }
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    const std::string given = argv[1];
    if (std::find(names.begin(), names.end(), given) != names.end()) {
        return false;
    }
    const std::string nearest = alcove::cli::nearestName(given, names);
    QString sentence =
        QStringLiteral("alcove-cli: there is no command “%1”.").arg(QString::fromLocal8Bit(given.c_str()));
    if (!nearest.empty()) {
        sentence += QStringLiteral(" Did you mean “%1”?").arg(QString::fromStdString(nearest));
    }
    alcove::cli::writeSentence(sentence + QStringLiteral(" “alcove-cli --help” lists all commands."));
    return true;
}

// Does the work while there is an application, whose translators the sentences need.
int reported(const alcove::cli::Command& work) {
    try {
        return work();
    } catch (const alcove::engine::Error& error) {
        const int exitCode = fail(qUtf8Printable(alcove::inWords(error.sentence())));
        return error.code() == alcove::engine::ErrorCode::Cancelled ? alcove::cli::kInterruptedExit : exitCode;
    } catch (const alcove::BackendError& error) {
        const int exitCode = fail(qUtf8Printable(error.sentence));
        return error.cancelled ? alcove::cli::kInterruptedExit : exitCode;
    } catch (const std::bad_alloc&) {
        return fail("There is not enough memory for this.");
    } catch (const std::exception& error) {
        return fail(error.what());
    }
}

int run(int argc, char** argv) {
    using namespace alcove::cli;
    CLI::App app("Private chat with MobiLlama on your own machine.", "alcove-cli");
    app.set_version_flag("--version", std::string("Alcove ") + alcove::kVersion);
    app.require_subcommand(1);
    Command chosen;
    addDevices(app, chosen);
    addInspect(app, chosen);
    addInspectText(app, chosen);
    addTokenize(app, chosen);
    addLogits(app, chosen);
    addGenerate(app, chosen);
    addAsk(app, chosen);
    addChat(app, chosen);
    addBench(app, chosen);
    addPerplexity(app, chosen);
    addEvaluate(app, chosen);
    addDivergence(app, chosen);
    addQuantize(app, chosen);
    addExport(app, chosen);
    addHistory(app, chosen);
    addLibrary(app, chosen);
    addNetworkLog(app, chosen);
    addForget(app, chosen);
    addPrivacy(app, chosen);
    if (refuseUnknownCommand(app, argc, argv)) {
        return kWrongUsage;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::ostringstream help;
        std::ostringstream complaint;
        const int code = app.exit(error, help, complaint);
        writeText(help.str());
        if (!complaint.str().empty()) {
            writeSentence(QString::fromStdString(complaint.str()).trimmed());
        }
        return code == 0 ? 0 : kWrongUsage;
    }
    const QCoreApplication application(argc, argv);
    std::setlocale(LC_NUMERIC, "C");  // Qt has set the person's locale; numbers are read and written with a point
    return reported(chosen);
}

}  // namespace

int main(int argc, char** argv) {
    alcove::beginPrivately();
    alcove::startBroker();
    alcove::lockDown();
    alcove::refuseInspection();
    alcove::showMessagesVisibly();
    std::signal(SIGPIPE, SIG_IGN);  // a closed pipe shows as a failed write
    std::signal(SIGXFSZ, SIG_IGN);  // so does a file that outgrows a limit
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        return fail(error.what());
    }
}
