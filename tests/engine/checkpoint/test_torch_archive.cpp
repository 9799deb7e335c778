// Torch archives: the ZIP container, storages, and the pickle that is read but never run.
#include <QTest>

#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/torch_archive.h"
#include "engine/checkpoint/zip_reader.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using namespace alcove::test;

namespace {

const std::string kTensor = pickle::tensor(pickle::storage("HalfStorage", "7", 6), 0, {2, 3}, {3, 1});
const std::string kGood = pickle::dictionary(pickle::text("a") + kTensor);
const std::string kData = "abcdefghijkl";

std::vector<ZipItem> archive(const std::string& pickle, const std::string& storage = kData) {
    return {{"model/data.pkl", pickle}, {"model/data/7", storage}, {"model/version", "3\n"}};
}

std::string errorOf(const std::string& bytes, ErrorCode code, std::string_view part) {
    const ScratchFolder folder;
    writeFile(folder / "x.bin", bytes);
    const MappedFile file(folder / "x.bin");
    return mismatch([&] { (void)readTorchArchive(file); }, code, part);
}

std::string replaced(std::string bytes, std::string_view from, std::string_view to) {
    return bytes.replace(bytes.find(from), from.size(), to);
}

}  // namespace

class TestTorchArchive : public QObject {
    Q_OBJECT

private slots:
    void readsTensors_data();
    void readsTensors();
    void readsEveryFormOfTensor();
    void refusesPickles_data();
    void refusesPickles();
    void refusesStorages_data();
    void refusesStorages();
    void refusesContainers_data();
    void refusesContainers();
    void stopsAtLimits();
    void computesTheChecksum();
};

void TestTorchArchive::readsTensors_data() {
    QTest::addColumn<bool>("zip64");
    QTest::newRow("zip") << false;
    QTest::newRow("zip64") << true;
}

void TestTorchArchive::readsTensors() {
    QFETCH(const bool, zip64);
    const std::string whole = pickle::tensor(pickle::storage("BFloat16Storage", "7", 6), 0, {6}, {1});
    const std::string part = pickle::tensor(pickle::storage("BFloat16Storage", "7", 6), 2, {1, 3}, {77, 1});
    const ScratchFolder folder;
    writeFile(folder / "x.bin",
              makeZip(archive(pickle::dictionary(pickle::text("whole") + whole + pickle::text("part") + part)), zip64));
    const MappedFile file(folder / "x.bin");
    const std::vector<TensorView> tensors = readTorchArchive(file);
    QCOMPARE(tensors.size(), std::size_t{2});
    QCOMPARE(tensors[0].name, std::string("whole"));
    QCOMPARE(tensors[0].dtype, DType::BF16);
    QCOMPARE(tensors[0].bytes.size(), kData.size());
    QVERIFY(std::equal(kData.begin(), kData.end(), reinterpret_cast<const char*>(tensors[0].bytes.data())));
    QCOMPARE(tensors[1].name, std::string("part"));
    QCOMPARE(tensors[1].shape, (std::vector<std::uint64_t>{1, 3}));
    QCOMPARE(tensors[1].bytes.data(), tensors[0].bytes.data() + 4);
    QCOMPARE(tensors[1].bytes.size(), std::size_t{6});
}

void TestTorchArchive::readsEveryFormOfTensor() {
    const std::string parameter = pickle::global("torch._utils", "_rebuild_parameter") + "(" + kTensor + "\x88" +
                                  pickle::global("collections", "OrderedDict") + ")RtR";
    // The arguments of a rebuild without the function in front and the call behind.
    const std::string function = pickle::global("torch._utils", "_rebuild_tensor_v2");
    const std::string arguments = kTensor.substr(function.size(), kTensor.size() - function.size() - 1);
    const std::string fromType = pickle::global("torch._tensor", "_rebuild_from_type_v2") + "(" + function +
                                 pickle::global("torch", "Tensor") + arguments + "}" + pickle::text("_is_initialized") +
                                 "\x88stR";
    const std::string ordered = "\x80\x02" + pickle::global("collections", "OrderedDict") + ")R(" +
                                pickle::text("plain") + kTensor + "q\x05" + pickle::text("again") + "h\x05" +
                                pickle::text("parameter") + parameter + pickle::text("typed") + fromType + "u" + "}" +
                                pickle::text("_metadata") + "}sb.";
    const std::vector<PickledTensor> tensors = readStateDict(std::as_bytes(std::span(ordered)), "x.bin");
    QCOMPARE(tensors.size(), std::size_t{4});
    const std::vector<std::string> names = {"plain", "again", "parameter", "typed"};
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        QCOMPARE(tensors[i].name, names[i]);
        QCOMPARE(tensors[i].storageKey, std::string("7"));
        QCOMPARE(tensors[i].storageSize, std::uint64_t{6});
        QCOMPARE(tensors[i].dtype, DType::F16);
        QCOMPARE(tensors[i].shape, (std::vector<std::uint64_t>{2, 3}));
        QCOMPARE(tensors[i].strides, (std::vector<std::uint64_t>{3, 1}));
    }
}

void TestTorchArchive::refusesPickles_data() {
    QTest::addColumn<std::string>("pickle");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<std::string>("part");
    const auto row = [](const char* name, const std::string& pickle, const char* part,
                        ErrorCode code = ErrorCode::FileDamaged) {
        QTest::newRow(name) << pickle << code << std::string(part);
    };
    using namespace pickle;
    const ErrorCode unsupported = ErrorCode::Unsupported;
    const std::string a = text("a");
    const std::string half = storage("HalfStorage", "7", 6);
    const std::string function = global("torch._utils", "_rebuild_tensor_v2");

    row("os.system", dictionary(a + global("os", "system") + "(" + text("true") + "tR"), "asks for os.system",
        unsupported);
    row("builtins.eval", dictionary(a + global("builtins", "eval")), "asks for builtins.eval", unsupported);
    row("a neighbour of an allowed global", dictionary(a + global("torch._utils", "_rebuild_tensor_v3")),
        "asks for torch._utils._rebuild_tensor_v3", unsupported);
    row("dots in the module", dictionary(a + global("torch", "_utils._rebuild_sparse_tensor")),
        "asks for torch._utils._rebuild_sparse_tensor", unsupported);
    row("double", dictionary(a + tensor(storage("DoubleStorage", "7", 1), 0, {1}, {1})), "stored as DoubleStorage",
        unsupported);
    row("long", dictionary(a + tensor(storage("LongStorage", "7", 1), 0, {1}, {1})), "stored as LongStorage",
        unsupported);
    row("INST", "\x80\x02(ios\nsystem\n.", "operation 105", unsupported);
    row("OBJ", "\x80\x02(" + global("collections", "OrderedDict") + "o.", "operation 111", unsupported);
    row("NEWOBJ", "\x80\x02" + global("collections", "OrderedDict") + ")\x81.", "operation 129", unsupported);
    row("STACK_GLOBAL", "\x80\x02" + text("os") + text("system") + "\x93.", "operation 147", unsupported);
    row("protocol 4", "\x80\x04}.", "not of protocol 2", unsupported);
    row("empty", "", "cut off");
    row("no end", "\x80\x02}", "cut off");
    row("rest after the end", dictionary("") + "x", "does not end as it should");
    row("two results", "\x80\x02}}.", "does not end as it should");
    row("mark left over", "\x80\x02}(.", "does not end as it should");
    row("result is no dictionary", "\x80\x02K\x01.", "a dictionary of tensors belongs");
    row("value is no tensor", dictionary(a + integer(3)), "a, which is no tensor", unsupported);
    row("nested dictionary", dictionary(text("state_dict") + "}"), "state_dict, which is no tensor", unsupported);
    row("name is no text", dictionary(integer(3) + kTensor), "the name of a tensor belongs");
    row("name twice", dictionary(a + kTensor + a + kTensor), "names a twice");
    row("key without value", dictionary(a), "a key without a value");
    row("stack underflow", "\x80\x02s.", "more from its stack than it holds");
    row("underflow at the mark", "\x80\x02}K\x01(s.", "more from its stack than it holds");
    row("no mark", "\x80\x02}u.", "lacks a mark");
    row("memo never set", "\x80\x02h\x01.", "never stored");
    row("global without end", "\x80\x02" + std::string(1, 'c') + std::string(300, 'x'), "a global without an end");
    row("text cut off", "\x80\x02X" + littleEndian(100, 4) + "short", "cut off");
    row("long text", "\x80\x02X" + littleEndian(0xFFFFFFFF, 4), "too long a text");
    row("long number", "\x80\x02\x8A\xFF", "too large a number");
    row("calls a number", "\x80\x02K\x01)R.", "a function belongs");
    row("calls a type", "\x80\x02" + global("torch", "Tensor") + ")R.", "calls what is no function");
    row("arguments are no tuple", "\x80\x02" + function + "K\x01R.", "a list of arguments belongs");
    row("few arguments", "\x80\x02" + function + ")R.", "wrong number of arguments");
    row("dictionary from arguments", "\x80\x02" + global("collections", "OrderedDict") + "(K\x01tR.", "from arguments");
    row("parameter of a number", "\x80\x02" + global("torch._utils", "_rebuild_parameter") + "(K\x01\x88}tR.",
        "a tensor belongs");
    row("persistent id of another kind",
        "\x80\x02(" + text("module") + global("torch", "HalfStorage") + text("7") + text("cpu") + "K\x06tQ.",
        "other than a storage");
    row("persistent id is a number", "\x80\x02K\x01Q.", "a storage belongs");
    row("storage type is a function", "\x80\x02(" + text("storage") + function + text("7") + text("cpu") + "K\x06tQ.",
        "a type that is none");
    row("offset negative", dictionary(a + tensor(half, -1, {6}, {1})), "a negative size");
    row("shape negative", dictionary(a + tensor(half, 0, {-6}, {1})), "a negative size");
    row("strides fewer", dictionary(a + tensor(half, 0, {2, 3}, {1})), "other strides than dimensions");
    row("many dimensions", dictionary(a + tensor(half, 0, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1})),
        "too many dimensions");
    row("builds a tensor", dictionary(a + kTensor + "}b"), "a dictionary belongs");
    row("rebuilds a list type",
        "\x80\x02" + global("torch._tensor", "_rebuild_from_type_v2") + "(" + function + function + ")}tR.",
        "of an unknown type");
    row("rebuilds through itself",
        "\x80\x02" + global("torch._tensor", "_rebuild_from_type_v2") + "(" +
            global("torch._tensor", "_rebuild_from_type_v2") + global("torch", "Tensor") + ")}tR.",
        "in an unknown way");
    // A dictionary that holds itself is harmless to build; it is no state dict.
    row("knot", "\x80\x02}q" + std::string(1, '\0') + text("self") + "h" + std::string(1, '\0') + "s.",
        "self, which is no tensor", unsupported);
}

void TestTorchArchive::refusesPickles() {
    QFETCH(const std::string, pickle);
    QFETCH(const ErrorCode, code);
    QFETCH(const std::string, part);
    const std::string wrong = errorOf(makeZip(archive(pickle)), code, part);
    QVERIFY2(wrong.empty(), wrong.c_str());
}

void TestTorchArchive::refusesStorages_data() {
    QTest::addColumn<std::string>("tensor");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<std::string>("part");
    const auto row = [](const char* name, const std::string& tensor, const char* part,
                        ErrorCode code = ErrorCode::FileDamaged) {
        QTest::newRow(name) << tensor << code << std::string(part);
    };
    const auto half = [](std::int64_t count, const char* key = "7") {
        return pickle::storage("HalfStorage", key, count);
    };
    const std::int64_t huge = std::int64_t{1} << 62;
    row("missing", pickle::tensor(half(6, "8"), 0, {6}, {1}), "lacks the storage 8 of a");
    row("path", pickle::tensor(half(6, "../version"), 0, {6}, {1}), "lacks the storage ../version");
    row("claims more", pickle::tensor(half(7), 0, {6}, {1}), "should hold 7 values as F16, but has 12 bytes");
    row("claims less", pickle::tensor(half(5), 0, {5}, {1}), "should hold 5 values");
    row("claims absurdly much", pickle::tensor(half(huge), 0, {6}, {1}), "but has 12 bytes");
    row("other type", pickle::tensor(pickle::storage("FloatStorage", "7", 6), 0, {6}, {1}), "as F32, but has 12 bytes");
    row("tensor too large", pickle::tensor(half(6), 0, {7}, {1}), "[7] at offset 0 exceeds its storage of 6");
    row("offset too large", pickle::tensor(half(6), 1, {6}, {1}), "at offset 1 exceeds");
    row("offset absurd", pickle::tensor(half(6), huge, {0}, {1}), "exceeds its storage");
    row("overflow", pickle::tensor(half(6), 0, {huge, 4}, {4, 1}), "exceeds its storage");
    row("transposed", pickle::tensor(half(6), 0, {2, 3}, {1, 2}), "strides [1, 2], and Alcove reads only contiguous",
        ErrorCode::Unsupported);
    row("expanded", pickle::tensor(half(6), 0, {2, 3}, {0, 1}), "only contiguous", ErrorCode::Unsupported);
    row("strided", pickle::tensor(half(6), 0, {3}, {2}), "only contiguous", ErrorCode::Unsupported);
}

void TestTorchArchive::refusesStorages() {
    QFETCH(const std::string, tensor);
    QFETCH(const ErrorCode, code);
    QFETCH(const std::string, part);
    const std::string wrong = errorOf(makeZip(archive(pickle::dictionary(pickle::text("a") + tensor))), code, part);
    QVERIFY2(wrong.empty(), wrong.c_str());
}

void TestTorchArchive::refusesContainers_data() {
    QTest::addColumn<std::string>("bytes");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<std::string>("part");
    const auto row = [](const char* name, const std::string& bytes, const char* part,
                        ErrorCode code = ErrorCode::FileDamaged) {
        QTest::newRow(name) << bytes << code << std::string(part);
    };
    const std::string good = makeZip(archive(kGood));
    const std::string good64 = makeZip(archive(kGood), true);
    const std::size_t end = good.size() - 22;
    const auto patched = [](std::string bytes, std::size_t offset, std::uint64_t value, std::size_t size) {
        return bytes.replace(offset, size, littleEndian(value, size));
    };
    row("empty", "", "no torch archive");
    row("text", "<!DOCTYPE html>", "no torch archive");
    row("format before 1.6", "\x80\x02\x8A\x0A", "before version 1.6", ErrorCode::Unsupported);
    row("only a beginning", "PK\x03\x04", "no end record");
    row("no data.pkl", makeZip({{"model/version", "3\n"}}), "holds no data.pkl");
    row("data.pkl in the wrong place", makeZip({{"a/b/data.pkl", kGood}}), "holds no data.pkl");
    row("two data.pkl", makeZip({{"a/data.pkl", kGood}, {"b/data.pkl", kGood}}), "more than one data.pkl");
    row("same name twice", makeZip({{"a/data.pkl", kGood}, {"a/data.pkl", kGood}}), "a/data.pkl twice");
    row("compressed", makeZip({{"model/data.pkl", kGood, 8}}), "model/data.pkl is compressed", ErrorCode::Unsupported);
    row("compressed storage", makeZip({{"model/data.pkl", kGood}, {"model/data/7", kData, 8}}),
        "model/data/7 is compressed", ErrorCode::Unsupported);
    row("encrypted", makeZip({{"model/data.pkl", kGood, 0, 1}}), "is encrypted", ErrorCode::Unsupported);
    row("checksum", makeZip({{"model/data.pkl", kGood, 0, 0, 12345}}), "checksum of its data.pkl");
    row("big-endian", makeZip({{"model/data.pkl", kGood}, {"model/byteorder", "big"}}), "big-endian",
        ErrorCode::Unsupported);
    row("large pickle", makeZip({{"model/data.pkl", std::string(kMaxPickleBytes + 1, '(')}}), "data.pkl is too large");
    row("directory outside", patched(good, end + 16, 0x7FFFFFFF, 4), "directory lies outside");
    row("directory too long", patched(good, end + 12, 0x7FFFFFFF, 4), "directory lies outside");
    row("too many entries", patched(good, end + 10, 1000, 2), "claims 1000 entries");
    row("too few entries", patched(good, end + 10, 2, 2), "longer than its entries");
    row("directory damaged", replaced(good, "PK\x01\x02", "PK\x01\x03"), "directory is malformed");
    row("local header missing", replaced(good, "PK\x03\x04", "PK\x03\x05"),
        "local header of model/data.pkl is missing");
    row("local name differs", replaced(good, "model/data.pkl", "model/data.pkx"), "has another name");
    const std::size_t central = good.find("PK\x01\x02");
    row("sizes differ", patched(good, central + 20, 3, 4), "two sizes of its entry");
    row("size outside", patched(patched(good, central + 20, 0x7FFFFFFF, 4), central + 24, 0x7FFFFFFF, 4),
        "outside itself");
    row("overlap", patched(patched(good, central + 20, kGood.size() + 1, 4), central + 24, kGood.size() + 1, 4),
        "overlap");
    row("local header outside", patched(good, central + 42, 0x7FFFFFFF, 4), "outside itself");
    row("name outside", patched(good, central + 28, 0xFFFF, 2), "directory is malformed");
    row("no locator", replaced(good64, "PK\x06\x07", "PK\x06\x08"), "ZIP64 locator is missing");
    row("no ZIP64 end", replaced(good64, "PK\x06\x06", "PK\x06\x05"), "ZIP64 end record is missing");
    const std::size_t end64 = good64.find("PK\x06\x06");
    row("locator outside", patched(good64, good64.find("PK\x06\x07") + 8, ~std::uint64_t{0} - 10, 8), "outside itself");
    row("ZIP64 directory outside", patched(good64, end64 + 48, ~std::uint64_t{0} - 10, 8), "directory lies outside");
    row("ZIP64 entries absurd", patched(good64, end64 + 32, std::uint64_t{1} << 61, 8), "entries in");
    const std::size_t field = good64.find(littleEndian(1, 2) + littleEndian(24, 2));
    row("ZIP64 size absurd",
        patched(patched(good64, field + 4, ~std::uint64_t{0}, 8), field + 12, ~std::uint64_t{0}, 8), "outside itself");
    row("ZIP64 offset absurd", patched(good64, field + 20, ~std::uint64_t{0} - 20, 8), "outside itself");
    row("ZIP64 field short", patched(good64, field + 2, 8, 2), "ZIP64 field of model/data.pkl is too short");
    row("ZIP64 field absent", patched(good64, field, 2, 2), "has no ZIP64 field");
}

void TestTorchArchive::refusesContainers() {
    QFETCH(const std::string, bytes);
    QFETCH(const ErrorCode, code);
    QFETCH(const std::string, part);
    const std::string wrong = errorOf(bytes, code, part);
    QVERIFY2(wrong.empty(), wrong.c_str());
}

void TestTorchArchive::stopsAtLimits() {
    const auto repeated = [](const std::string& piece, std::size_t count) {
        std::string result = "\x80\x02";
        for (std::size_t i = 0; i < count; ++i) {
            result += piece;
        }
        return result;
    };
    const std::vector<std::pair<std::string, const char*>> pickles = {
        {repeated("(", 1000), "nested too deeply"},
        {repeated("K\x01", 100'000), "too large a stack"},
        {repeated(")", 100'000), "too large a stack"},
        // Each tuple swallows the one before, so the stack stays small and only the objects grow.
        {repeated(")", 1) + repeated("\x85", 1'000'000).substr(2), "too many objects"},
        {repeated("}", 1) + repeated("K\x01K\x01s", 1'000'000).substr(2), "too many objects"},
        {repeated("Nr\xFF\xFF\xFF\x7F", 1), "too large a memo"},
    };
    for (const auto& [bytes, part] : pickles) {
        EXPECT_ERROR((void)readStateDict(std::as_bytes(std::span(bytes)), "x.bin"), ErrorCode::FileDamaged, part);
    }
}

void TestTorchArchive::computesTheChecksum() {
    const std::string_view known = "123456789";
    QCOMPARE(crc32(std::as_bytes(std::span(known))), 0xCBF43926U);  // the check value every CRC-32 is published with
}

ALCOVE_TEST(TestTorchArchive)
#include "test_torch_archive.moc"
