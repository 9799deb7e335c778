// A message in blocks: the same however it arrives and however it is split on, each of bounded size, and a person's
// words whole. The first bytes say how the text is cut.
#include <cstdlib>

#include "app/chat/block_splitter.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void splitOn(BlockSplitter& splitter) {
    do {
        splitter.split(BlockSplitter::kBlockCharacters);
    } while (splitter.waiting());
}

void read(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kHead = 2;
    if (size < kHead) {
        return;
    }
    const auto form = (data[0] & 1) != 0 ? BlockSplitter::Form::Plain : BlockSplitter::Form::Markdown;
    const qsizetype piece = 1 + (1 + (data[0] >> 1)) * static_cast<qsizetype>(size) / 512;
    const qsizetype cost = 1 + data[1] * 64;
    const QString text =
        QString::fromUtf8(reinterpret_cast<const char*>(data + kHead), static_cast<qsizetype>(size - kHead));

    BlockSplitter whole(form);
    whole.append(text);
    whole.finish();
    splitOn(whole);

    BlockSplitter cut(form);
    QList<MessageBlock> before;
    for (qsizetype at = 0; at < text.size(); at += piece) {
        cut.append(text.mid(at, piece));
        const qsizetype spent = cut.split(cost);
        require(spent <= cost + 3 * BlockSplitter::kBlockWeight + 4 * BlockSplitter::kBlockCost);
        const QList<MessageBlock>& now = cut.blocks();
        require(now.size() >= before.size());
        require(before.size() < 2 || now[before.size() - 2] == before[before.size() - 2]);
        before = now;
    }
    cut.finish();
    splitOn(cut);
    require(cut.blocks() == whole.blocks());

    QString joined;
    for (const MessageBlock& block : whole.blocks()) {
        require(!block.open);
        require(block.text.size() < BlockSplitter::kBlockCharacters + BlockSplitter::kLineCharacters);
        require(block.text.count(u'\n') < BlockSplitter::kBlockLines);
        if (form == BlockSplitter::Form::Plain) {
            if (block.continues && !block.midLine) {
                joined += u'\n';
            }
            joined += block.text;
        }
    }
    if (form == BlockSplitter::Form::Plain) {
        QString expected = text;
        expected.replace("\r\n", "\n").replace(QChar(QChar::LineSeparator), u'\n');
        expected.replace(QChar(QChar::ParagraphSeparator), u'\n');
        if (expected.endsWith(u'\n')) {
            expected.chop(1);
        }
        if (!text.contains(u'\r')) {
            require(joined == expected);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
