// What the window shows of a reply: no image, no remote reference, no link but to the web or mail, nothing unseen, and
// no more to lay out than the limits say, whatever is written.
#include <cstdlib>

#include <QtGui/QTextBlock>
#include <QtGui/QTextDocument>
#include <QtGui/QTextFrame>

#include "app/chat/block_splitter.h"
#include "app/chat/document_writer.h"
#include "app/chat/markdown_reader.h"
#include "tests/fuzz/growth.h"

using namespace alcove;

namespace {

class Watched : public QTextDocument {
protected:
    QVariant loadResource(int, const QUrl&) override { std::abort(); }
};

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check(const QTextFormat& format) {
    require(!format.isImageFormat());
    require(!format.hasProperty(QTextFormat::ImageName));
    require(!format.hasProperty(QTextFormat::BackgroundImageUrl));
    require(format.objectType() == QTextFormat::NoObject || format.objectType() == QTextFormat::TableObject ||
            format.objectType() == QTextFormat::TableCellObject);
    const QString href = format.toCharFormat().anchorHref();
    require(href.isEmpty() || href.startsWith("http://") || href.startsWith("https://") || href.startsWith("mailto:"));
}

void read(const std::uint8_t* data, std::size_t size) {
    const QString text = QString::fromUtf8(reinterpret_cast<const char*>(data), static_cast<qsizetype>(size));
    BlockSplitter splitter;
    splitter.append(text);
    splitter.finish();
    splitter.split(2 * BlockSplitter::kBlockCharacters);
    for (const MessageBlock& block : splitter.blocks()) {
        for (const StyledText& styled : {styledMarkdown(block.text), styledCode(block.text), styledPlain(block.text)}) {
            Watched document;
            writeDocument(styled, {}, document);
            for (const QTextFormat& format : document.allFormats()) {
                check(format);
            }
            require(document.blockCount() <= static_cast<int>(2 * kCells + BlockSplitter::kBlockCharacters));
            const QString shown = document.toPlainText();
            require(shown.size() < 8 * BlockSplitter::kBlockCharacters);
            for (const QChar character : shown) {
                require(character.unicode() >= 0x20 || character == u'\n' || character == u'\t');
                require(character.unicode() < 0x202A || character.unicode() > 0x202E);
                require(character != QChar(0x200B) && character != QChar(0xFFFC));
            }
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::tried(data, size, read);
}
