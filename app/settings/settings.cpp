#include "app/settings/settings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <QCoreApplication>
#include <QFile>
#include <QSettings>

namespace alcove {
namespace {

constexpr int kMostTokens = 1 << 20;
constexpr int kSmallestContext = 64;
constexpr int kSmallestText = 80;  // percent
constexpr int kLargestText = 200;
constexpr int kLongestSubmission = 500;  // beyond, drivers may take it for a hang
constexpr qsizetype kMostAdded = 1000;
constexpr qint64 kLargestSettings = 1 << 20;

// Whether Alcove can have written the file: of a size that is read in no time, and with nothing in it but texts,
// numbers and lists of texts. A "@Variant(" is a value of any type of Qt's in binary form, which Qt builds while it
// reads the file, lists in lists as deep as the stack is and deeper.
bool isPlain(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return true;  // there is none yet; QSettings finds out why it cannot be written, if so
    }
    const QByteArray bytes = file.read(kLargestSettings + 1);
    return bytes.size() <= kLargestSettings && !bytes.contains("@Variant(");
}

double clamped(double value, double least, double most, double otherwise) {
    return std::isfinite(value) ? std::clamp(value, least, most) : otherwise;
}

int wholeNumber(const QVariant& value, int otherwise) {
    bool ok = false;
    const double number = value.toString().toDouble(&ok);  // "7", but also "7.0" and what exceeds an int
    return ok && std::isfinite(number) ? static_cast<int>(std::clamp(std::trunc(number), -2147483648.0, 2147483647.0))
                                       : otherwise;
}

double realNumber(const QVariant& value, double otherwise) {
    bool ok = false;
    const double number = value.toString().toDouble(&ok);
    return ok ? number : otherwise;
}

// Calls `field(key, member)` for every setting that is a plain value; loading and saving use the same keys.
template <typename SettingsType, typename Field>
void forEachNumber(SettingsType& settings, const Field& field) {
    field("sampling/temperature", settings.sampling.temperature);
    field("sampling/topK", settings.sampling.topK);
    field("sampling/topP", settings.sampling.topP);
    field("sampling/minP", settings.sampling.minP);
    field("sampling/repetitionPenalty", settings.sampling.repetitionPenalty);
    field("sampling/maxTokens", settings.sampling.maxTokens);
    field("sampling/seed", settings.sampling.seed);
    field("contextSize", settings.contextSize);
    field("textSize", settings.textSize);
    field("submissionMs", settings.submissionMs);
}

constexpr int kFarthest = 1 << 16;  // of a window's coordinates

bool flag(const QVariant& value, bool otherwise) {
    const QString text = value.toString();
    return text == QLatin1String("true") || (text != QLatin1String("false") && otherwise);
}

// "x y width height"; empty if it is none.
QRect rectangle(const QString& text) {
    const QStringList words = text.left(100).split(QLatin1Char(' '));
    if (words.size() != 4) {
        return {};
    }
    std::array<int, 4> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        bool ok = false;
        numbers[i] = words[static_cast<qsizetype>(i)].toInt(&ok);
        if (!ok || std::abs(numbers[i]) > kFarthest) {
            return {};
        }
    }
    return {numbers[0], numbers[1], numbers[2], numbers[3]};
}

QString textOf(const QRect& rectangle) {
    return QStringLiteral("%1 %2 %3 %4")
        .arg(rectangle.x())
        .arg(rectangle.y())
        .arg(rectangle.width())
        .arg(rectangle.height());
}

// What is no number: its key, how it is stored, and how a stored value is taken.
struct SettingsField {
    const char* key;
    QVariant (*stored)(const Settings&);
    void (*take)(Settings&, const QVariant&);
};

constexpr std::array kSettingsFields = {
    SettingsField{"theme", [](const Settings& from) -> QVariant { return themeName(from.theme); },
                  [](Settings& to, const QVariant& value) { to.theme = themeFromName(value.toString()); }},
    SettingsField{"systemPrompt", [](const Settings& from) -> QVariant { return from.systemPrompt; },
                  [](Settings& to, const QVariant& value) { to.systemPrompt = value.toString(); }},
    SettingsField{"device", [](const Settings& from) -> QVariant { return from.device; },
                  [](Settings& to, const QVariant& value) { to.device = value.toString(); }},
    SettingsField{"titleInWindow", [](const Settings& from) -> QVariant { return from.titleInWindow; },
                  [](Settings& to, const QVariant& value) { to.titleInWindow = flag(value, false); }},
    SettingsField{"copies/use", [](const Settings& from) -> QVariant { return from.smallerCopies; },
                  [](Settings& to, const QVariant& value) { to.smallerCopies = flag(value, true); }},
    SettingsField{"copies/declined", [](const Settings& from) -> QVariant { return from.declinedCopies; },
                  [](Settings& to, const QVariant& value) { to.declinedCopies = value.toStringList(); }},
    SettingsField{"checkpoints/last", [](const Settings& from) -> QVariant { return from.lastCheckpoint; },
                  [](Settings& to, const QVariant& value) { to.lastCheckpoint = value.toString(); }},
    SettingsField{"checkpoints/added", [](const Settings& from) -> QVariant { return from.addedCheckpoints; },
                  [](Settings& to, const QVariant& value) { to.addedCheckpoints = value.toStringList(); }},
    SettingsField{"window/geometry", [](const Settings& from) -> QVariant { return textOf(from.window.geometry); },
                  [](Settings& to, const QVariant& value) { to.window.geometry = rectangle(value.toString()); }},
    SettingsField{"window/maximized", [](const Settings& from) -> QVariant { return from.window.maximized; },
                  [](Settings& to, const QVariant& value) { to.window.maximized = flag(value, false); }},
    SettingsField{"window/sidebar", [](const Settings& from) -> QVariant { return from.window.sidebar; },
                  [](Settings& to, const QVariant& value) { to.window.sidebar = flag(value, true); }},
    SettingsField{"window/conversation", [](const Settings& from) -> QVariant { return from.window.conversation; },
                  [](Settings& to, const QVariant& value) { to.window.conversation = value.toLongLong(); }},
};

}  // namespace

QString themeName(Theme theme) {
    return theme == Theme::Light  ? QStringLiteral("light")
           : theme == Theme::Dark ? QStringLiteral("dark")
                                  : QStringLiteral("system");
}

Theme themeFromName(const QString& name) {
    return name == QLatin1String("light") ? Theme::Light : name == QLatin1String("dark") ? Theme::Dark : Theme::System;
}

Settings withinRange(Settings settings) {
    const SamplingSettings standard;
    SamplingSettings& sampling = settings.sampling;
    sampling.temperature = clamped(sampling.temperature, 0, 2, standard.temperature);
    sampling.topK = std::clamp(sampling.topK, 0, 1000);
    sampling.topP = clamped(sampling.topP, 0.01, 1, standard.topP);
    sampling.minP = clamped(sampling.minP, 0, 1, standard.minP);
    sampling.repetitionPenalty = clamped(sampling.repetitionPenalty, 1, 2, standard.repetitionPenalty);
    sampling.maxTokens = std::clamp(sampling.maxTokens, 0, kMostTokens);
    sampling.seed = std::clamp<qint64>(sampling.seed, -1, std::numeric_limits<int>::max());
    settings.textSize = std::clamp(settings.textSize, kSmallestText, kLargestText);
    settings.systemPrompt = settings.systemPrompt.trimmed().left(kMostSystemPrompt);
    settings.systemPrompt.replace(QLatin1String("@Variant("), QLatin1String("@ Variant("));  // see isPlain()
    settings.submissionMs = std::clamp(settings.submissionMs, 0, kLongestSubmission);
    if (settings.contextSize != 0) {
        settings.contextSize =
            settings.contextSize < 0 ? 0 : std::clamp(settings.contextSize, kSmallestContext, kMostTokens);
    }
    if (settings.device.trimmed().isEmpty()) {
        settings.device = Settings().device;
    }
    for (QStringList* paths : {&settings.addedCheckpoints, &settings.declinedCopies}) {
        paths->removeAll(QString());
        paths->removeDuplicates();
        *paths = paths->mid(0, kMostAdded);
    }
    return settings;
}

SettingsFile::SettingsFile(const QString& path) {
    if (isPlain(path)) {
        m_file = std::make_unique<QSettings>(path, QSettings::IniFormat);
        m_file->setFallbacksEnabled(false);
    }
}

SettingsFile::~SettingsFile() = default;

Settings SettingsFile::load() {
    Settings settings;
    if (m_file) {
        m_file->sync();
        forEachNumber(settings, [this](const char* key, auto& member) {
            const QVariant value = m_file->value(QLatin1String(key));
            if constexpr (std::is_integral_v<std::decay_t<decltype(member)>>) {
                member = wholeNumber(value, static_cast<int>(member));
            } else {
                member = realNumber(value, member);
            }
        });
        for (const SettingsField& field : kSettingsFields) {
            field.take(settings, m_file->value(QLatin1String(field.key)));
        }
    }
    m_known = withinRange(settings);
    return m_known;
}

QString SettingsFile::save(const Settings& settings) {
    const Settings wanted = withinRange(settings);
    const auto failure = [](const QString& path) {
        return QCoreApplication::translate("alcove::SettingsFile",
                                           "The settings could not be kept: %1 cannot be written.")
            .arg(path);
    };
    if (!m_file) {
        return failure(QStringLiteral("settings.ini"));
    }
    if (wanted == m_known) {
        return {};
    }
    QHash<QString, QVariant> before;
    forEachNumber(m_known, [&before](const char* key, const auto& member) { before[QLatin1String(key)] = member; });
    forEachNumber(wanted, [&](const char* key, const auto& member) {
        if (before[QLatin1String(key)] != QVariant(member)) {
            m_file->setValue(QLatin1String(key), member);
        }
    });
    for (const SettingsField& field : kSettingsFields) {
        const QVariant value = field.stored(wanted);
        if (value != field.stored(m_known)) {
            m_file->setValue(QLatin1String(field.key), value);
        }
    }
    m_file->sync();
    if (m_file->status() == QSettings::AccessError) {
        return failure(m_file->fileName());
    }
    m_known = wanted;
    return {};
}

}  // namespace alcove
