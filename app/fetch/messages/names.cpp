#include "app/fetch/messages/names.h"

#include <algorithm>

#include "app/digest/content_hash.h"

namespace alcove {
namespace {

constexpr qsizetype kLongestPartOfRepository = 96;
constexpr qsizetype kLongestRevision = 200;
constexpr qsizetype kLongestName = 1000;       // bytes
constexpr qsizetype kLongestPartOfName = 200;  // bytes

bool isPlainText(QStringView text, QLatin1String alsoAllowed) {
    return std::all_of(text.begin(), text.end(), [alsoAllowed](QChar c) {
        return (c.unicode() < 0x80 && c.isLetterOrNumber()) || c == u'.' || c == u'-' || c == u'_' ||
               alsoAllowed.contains(c);
    });
}

}  // namespace

bool isRepository(const QString& name) {
    const QStringList parts = name.split(u'/');
    return parts.size() == 2 && std::all_of(parts.begin(), parts.end(), [](const QString& part) {
               return !part.isEmpty() && part.size() <= kLongestPartOfRepository && !part.startsWith(u'.') &&
                      isPlainText(part, QLatin1String());
           });
}

bool isRevision(const QString& revision) {
    return !revision.isEmpty() && revision.size() <= kLongestRevision && isPlainText(revision, QLatin1String("/")) &&
           !revision.startsWith(u'.') && isSafeName(revision);
}

bool isCommit(const QString& text) {
    return isHash(HashKind::GitBlob, text.toLatin1());
}

bool isSafeName(const QString& name) {
    if (name.isEmpty() || name.toUtf8().size() > kLongestName) {
        return false;
    }
    const bool plain = std::none_of(name.begin(), name.end(), [](QChar c) {
        return c.category() == QChar::Other_Control || c.category() == QChar::Other_Format || c.isSurrogate() ||
               c == u'\\' || c == QChar::ReplacementCharacter || c.category() == QChar::Separator_Line ||
               c.category() == QChar::Separator_Paragraph;
    });
    const QStringList parts = name.split(u'/');
    return plain && std::none_of(parts.begin(), parts.end(), [](const QString& part) {
               return part.isEmpty() || part == QLatin1String(".") || part == QLatin1String("..") ||
                      part.toUtf8().size() > kLongestPartOfName;
           });
}

}  // namespace alcove
