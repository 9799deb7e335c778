#include "app/transfer/import_texts.h"

#include <algorithm>
#include <array>
#include <utility>

#include <QCryptographicHash>

namespace alcove {

QString attachmentLine(const QString& kind, const QString& name) {
    constexpr qsizetype kLongestName = 200;
    const QString shown = name.simplified().left(kLongestName);
    return shown.isEmpty() ? QStringLiteral("[%1]").arg(kind) : QStringLiteral("[%1: ").arg(kind) + shown + u']';
}

QString fenced(const QString& code, const QString& language) {
    constexpr qsizetype kShortestFence = 3;
    qsizetype longest = 0;
    qsizetype run = 0;
    for (const QChar c : code) {
        run = c == u'`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const QString fence(std::max(kShortestFence, longest + 1), u'`');
    return fence + language + u'\n' + code + (code.endsWith(u'\n') ? QString() : QStringLiteral("\n")) + fence;
}

QString attachedFile(const QString& name, const QString& content) {
    const QString line = attachmentLine(QStringLiteral("File"), name);
    return content.isEmpty() ? line : line + u'\n' + fenced(content, {});
}

void appendPart(QString& text, const QString& part) {
    if (!part.isEmpty()) {
        text += text.isEmpty() ? part : QStringLiteral("\n\n") + part;
    }
}

QString nameByContent(const QString& first, const QString& second) {
    constexpr qsizetype kLength = 32;
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(first.toUtf8());
    hash.addData(QByteArrayView("\n"));
    hash.addData(second.toUtf8());
    return QString::fromLatin1(hash.result().toHex().left(kLength));
}

QString knownStopReason(const QString& theirs) {
    static const std::array<std::pair<QLatin1String, const char*>, 10> kNames{{
        {QLatin1String("eosFound"), "endOfText"},
        {QLatin1String("stop"), "endOfText"},
        {QLatin1String("finished_successfully"), "endOfText"},
        {QLatin1String("stopStringFound"), "stopString"},
        {QLatin1String("maxPredictedTokensReached"), "maxTokens"},
        {QLatin1String("length"), "maxTokens"},
        {QLatin1String("max_tokens"), "maxTokens"},
        {QLatin1String("contextLengthReached"), "contextFull"},
        {QLatin1String("userStopped"), "cancelled"},
        {QLatin1String("interrupted"), "cancelled"},
    }};
    const auto found =
        std::find_if(kNames.begin(), kNames.end(), [&](const auto& name) { return theirs == name.first; });
    return found == kNames.end() ? QString() : QString::fromLatin1(found->second);
}

}  // namespace alcove
