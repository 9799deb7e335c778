// Many test classes in one program: each registers itself, and test_main.cpp runs the one that is asked for.
#pragma once

#include <memory>

#include <QObject>

namespace alcove::tests {

struct TestRegistration {
    using Make = std::unique_ptr<QObject> (*)();
    TestRegistration(const char* name, Make make);
};

}  // namespace alcove::tests

// After the class, once in its file.
#define ALCOVE_TEST(Class)                                              \
    static const alcove::tests::TestRegistration registrationOf##Class( \
        #Class, []() -> std::unique_ptr<QObject> { return std::make_unique<Class>(); });
