// Mapped files that become shorter, or are written to, while they are read: an Error, and nothing dies.
#include <csignal>
#include <fcntl.h>
#include <numeric>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <QTest>

#include "engine/checkpoint/checkpoint.h"
#include "engine/conversion/model_writer.h"
#include "engine/files/mapped_file.h"
#include "engine/generator.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::test::ScratchFolder;
using alcove::test::writeFile;

namespace {

constexpr std::size_t kSize = 1 << 20;

std::uint64_t sumOf(std::span<const std::byte> bytes) {
    return std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0}, [](std::uint64_t sum, std::byte byte) {
        return sum + std::to_integer<std::uint64_t>(byte);
    });
}

constexpr const char* kChanged = "changed while it was read";

}  // namespace

class TestMappedFile : public QObject {
    Q_OBJECT

private slots:
    // Before the first mapping, which keeps what was there: Qt Test's handler would look for a debugger.
    void initTestCase() { std::signal(SIGBUS, SIG_DFL); }
    void init() { writeFile(m_folder / "file", std::string(kSize, 'x')); }

    void whatAShorterFileLacksIsZero() {
        const MappedFile file(m_folder / "file");
        file.requireUnchanged();
        QCOMPARE(sumOf(file.bytes()), kSize * 'x');
        std::filesystem::resize_file(file.path(), kSize / 2 + 10);
        QCOMPARE(sumOf(file.bytes()), (kSize / 2 + 10) * 'x');
        EXPECT_ERROR(file.requireUnchanged(), ErrorCode::FileUnreadable, kChanged);
        std::filesystem::resize_file(file.path(), 0);
        (void)sumOf(file.bytes());
        std::filesystem::remove(file.path());
        EXPECT_ERROR(file.requireUnchanged(), ErrorCode::FileUnreadable, kChanged);
    }

    void backwardsPageByPage() {
        const MappedFile file(m_folder / "file");
        std::filesystem::resize_file(file.path(), 0);
        for (std::size_t i = kSize; i-- > 0;) {
            QCOMPARE(file.bytes()[i], std::byte{0});
        }
    }

    void manyThreadsAndFiles() {
        std::vector<MappedFile> files;
        for (int i = 0; i < 20; ++i) {
            const std::filesystem::path path = m_folder.path() / ("file" + std::to_string(i));
            writeFile(path, std::string(kSize / 4, 'x'));
            files.emplace_back(path);
        }
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&files] {
                for (const MappedFile& file : files) {
                    (void)sumOf(file.bytes());
                }
            });
        }
        for (std::size_t i = 0; i < files.size(); i += 2) {
            std::filesystem::resize_file(files[i].path(), 0);
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        for (std::size_t i = 0; i < files.size(); ++i) {
            (void)sumOf(files[i].bytes());
            QCOMPARE(alcove::test::failureOf([&] { files[i].requireUnchanged(); }).has_value(), i % 2 == 0);
        }
        files.clear();
        const MappedFile again(m_folder / "file");  // in the place of one that failed
        again.requireUnchanged();
        QCOMPARE(sumOf(again.bytes()), kSize * 'x');
    }

    void moves() {
        MappedFile first(m_folder / "file");
        MappedFile second = std::move(first);
        first = std::move(second);
        std::filesystem::resize_file(first.path(), 0);
        QCOMPARE(sumOf(first.bytes()), 0U);
        EXPECT_ERROR(first.requireUnchanged(), ErrorCode::FileUnreadable, kChanged);
    }

    void aChangeInPlaceIsSeenAndAReplacementDoesNotMatter() {
        const MappedFile file(m_folder / "file");
        writeFile(m_folder / "other", std::string(kSize, 'y'));
        std::filesystem::rename(m_folder / "other", file.path());
        file.requireUnchanged();
        QCOMPARE(sumOf(file.bytes()), kSize * 'x');
        const MappedFile replaced(m_folder / "file");
        std::filesystem::resize_file(replaced.path(), 2 * kSize);
        EXPECT_ERROR(replaced.requireUnchanged(), ErrorCode::FileUnreadable, kChanged);
    }

    void theErrorIsThatItChanged() {
        const MappedFile file(m_folder / "file");
        const auto read = [&] {
            std::filesystem::resize_file(file.path(), 0);
            throw Error(ErrorCode::FileDamaged, Sentence::verbatim("It is damaged."));
        };
        EXPECT_ERROR(file.unchangedAfter(read), ErrorCode::FileUnreadable, kChanged);
    }

    void otherBusErrorsStillEndTheProgram() {
        const MappedFile guarded(m_folder / "file");  // the handler is there
        const int file = ::open((m_folder / "file").c_str(), O_RDONLY | O_CLOEXEC);
        void* const mapping = ::mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE, file, 0);
        ::close(file);
        QVERIFY(mapping != MAP_FAILED);
        std::filesystem::resize_file(m_folder / "file", 0);
        const pid_t child = ::fork();
        if (child == 0) {
            const char first = *static_cast<volatile const char*>(mapping);
            ::_exit(first);
        }
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
        ::munmap(mapping, kSize);
    }

    void aShrinkingCheckpointDoesNotOpen_data() {
        QTest::addColumn<QString>("fixture");
        QTest::addColumn<QString>("file");
        QTest::newRow("safetensors") << "stories260K"
                                     << "model.safetensors";
        QTest::newRow("torch archive") << "shared-hd64-bf16"
                                       << "pytorch_model.bin";
    }
    void aShrinkingCheckpointDoesNotOpen() {
        QFETCH(QString, fixture);
        QFETCH(QString, file);
        const ScratchFolder folder(qPrintable(fixture));
        OpenOptions options;
        options.checkpoint = folder.path();
        options.device = "cpu";
        options.progress = [&](double share) {
            if (share > 0.04) {
                std::filesystem::resize_file(folder / qPrintable(file), 100);
            }
        };
        EXPECT_ERROR((void)Generator::open(options), ErrorCode::FileUnreadable, kChanged);
    }

    void aShrinkingCheckpointIsNotCopied() {
        const ScratchFolder folder("stories260K");
        const Checkpoint checkpoint = Checkpoint::open(folder.path());
        const Tokenizer tokenizer = Tokenizer::open(folder.path(), checkpoint.config().vocabSize);
        ModelWriteOptions options;
        options.dtype = DType::Q4_0;
        options.progress = [&](std::uint64_t, std::uint64_t) {
            std::filesystem::resize_file(folder / "model.safetensors", 100);
        };
        EXPECT_ERROR((void)writeModel(checkpoint, tokenizer, {.name = "plain"}, folder / "copy.gguf", options),
                     ErrorCode::FileUnreadable, kChanged);
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
            QVERIFY(!entry.path().filename().string().starts_with("copy"));
        }
    }

private:
    ScratchFolder m_folder;
};

ALCOVE_TEST(TestMappedFile)
#include "test_mapped_file.moc"
