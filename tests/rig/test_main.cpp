// Runs one of the program's test classes: PROGRAM CLASS [OPTIONS OF QT TEST]. Without arguments it lists them.
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <QTest>

#include "tests/rig/test_registry.h"
#ifdef ALCOVE_TEST_GUI
#include <QGuiApplication>
using QtApplication = QGuiApplication;
#else
#include <QCoreApplication>
using QtApplication = QCoreApplication;
#endif
#ifdef __SANITIZE_THREAD__
#include "tests/rig/tsan_qt.h"
#endif

namespace alcove::tests {

namespace {

std::map<std::string, TestRegistration::Make>& registered() {
    static std::map<std::string, TestRegistration::Make> classes;
    return classes;
}

class TestApplication : public QtApplication {
public:
    using QtApplication::QtApplication;
#ifdef __SANITIZE_THREAD__
    bool notify(QObject* receiver, QEvent* event) override {
        beforeDelivery(receiver, event);
        return QtApplication::notify(receiver, event);
    }
#endif
};

}  // namespace

TestRegistration::TestRegistration(const char* name, Make make) {
    registered().emplace(name, make);
}

}  // namespace alcove::tests

int main(int argc, char* argv[]) {
    using namespace alcove::tests;
    const auto chosen = argc < 2 ? registered().end() : registered().find(argv[1]);
    if (chosen == registered().end()) {
        std::puts("Test classes of this program, one of which is its first argument:");
        for (const auto& [name, make] : registered()) {
            std::printf("  %s\n", name.c_str());
        }
        return 1;
    }
    std::vector<char*> arguments = {argv[0]};
    arguments.insert(arguments.end(), argv + 2, argv + argc);
    int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    TestApplication application(count, arguments.data());
    TestApplication::setAttribute(Qt::AA_Use96Dpi);
    QTEST_SET_MAIN_SOURCE_PATH
    return QTest::qExec(chosen->second().get(), count, arguments.data());
}
