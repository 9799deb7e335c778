// The safetensors reader: what it accepts, and the sentence for each kind of damage.
#include <QTest>

#include "engine/checkpoint/safetensors.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using namespace alcove::test;

class TestSafetensors : public QObject {
    Q_OBJECT

private slots:
    void readsTensors();
    void refuses_data();
    void refuses();
    void refusesLyingLengths();
};

void TestSafetensors::readsTensors() {
    const ScratchFolder folder;
    const char* header = R"({"__metadata__":{"format":"pt"},
        "b":{"dtype":"BF16","shape":[2,1],"data_offsets":[4,8]},
        "empty":{"dtype":"F16","shape":[0],"data_offsets":[8,8]},
        "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})";
    writeFile(folder / "x.safetensors", makeSafetensors(header, "abcdefgh"));
    const MappedFile file(folder / "x.safetensors");
    const std::vector<TensorView> tensors = readSafetensors(file);
    QCOMPARE(tensors.size(), std::size_t{3});
    QCOMPARE(tensors[0].name, std::string("a"));
    QCOMPARE(tensors[0].dtype, DType::F32);
    QCOMPARE(tensors[0].shape.size(), std::size_t{0});
    QCOMPARE(tensors[0].bytes.front(), std::byte{'a'});
    QCOMPARE(tensors[1].name, std::string("b"));
    QCOMPARE(tensors[1].dtype, DType::BF16);
    QCOMPARE(tensors[1].shape, (std::vector<std::uint64_t>{2, 1}));
    QCOMPARE(tensors[1].bytes.size(), std::size_t{4});
    QCOMPARE(tensors[1].bytes.back(), std::byte{'h'});
    QCOMPARE(tensors[2].bytes.size(), std::size_t{0});
}

void TestSafetensors::refuses_data() {
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QByteArray>("part");
    const auto row = [](const char* name, const QByteArray& header, const char* part,
                        ErrorCode code = ErrorCode::FileDamaged) {
        QTest::newRow(name) << header << code << QByteArray(part);
    };
    const QByteArray good = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
    row("no JSON", "{", "malformed at byte");
    row("no object", "[1,2]", "not an object");
    row("not UTF-8", "{\"\xFF\":1}", "malformed at byte");
    row("number out of range", R"({"a":1e999})", "out of range");
    row("name twice", "{" + good + "," + good + "}", "gives \"a\" twice");
    row("nested", "{\"a\":" + QByteArray(100000, '[') + "}", "nested too deeply");
    row("many values", "{\"a\":[" + QByteArray("1,").repeated(500'001) + "1]}", "too many values");
    row("no fields", R"({"a":{}})", "lacks its dtype, shape or data_offsets");
    row("no object inside", R"({"a":3})", "lacks its dtype, shape or data_offsets");
    row("dtype is a number", R"({"a":{"dtype":3,"shape":[1],"data_offsets":[0,4]}})", "dtype of a is not a text");
    row("F64", R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", "a is stored as F64",
        ErrorCode::Unsupported);
    row("I64", R"({"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", "a is stored as I64",
        ErrorCode::Unsupported);
    row("negative shape", R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "shape of a is not");
    row("fractional shape", R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", "shape of a is not");
    row("shape is a text", R"({"a":{"dtype":"F32","shape":"1","data_offsets":[0,4]}})", "shape of a is not");
    row("many dimensions", R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})",
        "shape of a is not");
    row("overflowing shape", R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,1],"data_offsets":[0,4]}})",
        "[4294967296, 4294967296, 1] as F32, but 4 bytes");
    row("overflowing bytes", R"({"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})",
        "but 4 bytes");
    row("shape against bytes", R"({"a":{"dtype":"F16","shape":[3],"data_offsets":[0,8]}})", "[3] as F16, but 8 bytes");
    row("offsets reversed", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", "not a begin and an end");
    row("one offset", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}})", "not a begin and an end");
    row("offsets outside", R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}})", "which has only 8 bytes");
    row("overlap", "{" + good + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})", "b begins at byte 2");
    row("same bytes", "{" + good + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "begins at byte 0");
    row("hole", "{" + good + R"(,"b":{"dtype":"F16","shape":[1],"data_offsets":[6,8]}})", "where 4 is expected");
    row("rest", "{" + good + "}", "end at byte 4 of the data, which has 8 bytes");
    row("hostile name", R"({"\u001b[2J\u0000":{}})", "?[2J? lacks its dtype");
}

void TestSafetensors::refuses() {
    QFETCH(const QByteArray, header);
    QFETCH(const ErrorCode, code);
    QFETCH(const QByteArray, part);
    const ScratchFolder folder;
    writeFile(folder / "x.safetensors",
              makeSafetensors({header.data(), static_cast<std::size_t>(header.size())}, "abcdefgh"));
    const MappedFile file(folder / "x.safetensors");
    EXPECT_ERROR((void)readSafetensors(file), code, part.toStdString());
}

void TestSafetensors::refusesLyingLengths() {
    const ScratchFolder folder;
    const std::vector<std::pair<std::string, const char*>> files = {
        {"", "too short"},
        {"1234567", "too short"},
        {littleEndian(3, 8) + "{}", "claims 3 bytes"},
        {littleEndian(~std::uint64_t{0}, 8) + "{}", "claims 18446744073709551615 bytes"},
        {littleEndian(std::uint64_t{1} << 63, 8) + "{}", "more than the file has"},
        {littleEndian((16 << 20) + 1, 8) + std::string((16 << 20) + 1, ' '), "larger than 16777216 bytes"},
        {littleEndian(0, 8), "malformed"},
    };
    for (const auto& [bytes, part] : files) {
        writeFile(folder / "x.safetensors", bytes);
        const MappedFile file(folder / "x.safetensors");
        EXPECT_ERROR((void)readSafetensors(file), ErrorCode::FileDamaged, part);
    }
}

ALCOVE_TEST(TestSafetensors)
#include "test_safetensors.moc"
