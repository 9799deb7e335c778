#include "app/window/privacy_report.h"

#include <QtCore/QStringList>
#include <QtCore/QVariantMap>

#include "app/process/sandbox.h"

namespace alcove {
namespace {

struct ProtectionText {
    QString name;
    QString explanation;
};

ProtectionText textOf(Protection protection) {
    switch (protection) {
        case Protection::NoNewPrivileges:
            return {PrivacyReport::tr("No new rights"),
                    PrivacyReport::tr("Nothing that Alcove starts can gain more rights than you have.")};
        case Protection::NoNetwork:
            return {PrivacyReport::tr("No network"),
                    PrivacyReport::tr("Alcove can open no connection, only talk to the desktop on this machine.")};
        case Protection::NoInspection:
            break;
    }
    return {PrivacyReport::tr("No access to other programs"),
            PrivacyReport::tr("Alcove can neither read nor control other programs.")};
}

}  // namespace

void PrivacyReport::tryNow() {
    const std::vector<ProtectionTrial> trials = tryProtections();
    m_protections.clear();
    m_allEnforced = true;
    for (const ProtectionState& state : alcove::protections()) {
        bool enforced = state.enforced;
        QStringList answers;
        for (const ProtectionTrial& trial : trials) {
            if (trial.protection == state.protection) {
                enforced = enforced && trial.refused;
                answers << QStringLiteral("%1: %2").arg(QString::fromStdString(trial.what),
                                                        QString::fromLocal8Bit(trial.answer.c_str()));
            }
        }
        if (!state.problem.empty()) {
            answers << QString::fromLocal8Bit(state.problem.c_str());
        }
        const ProtectionText text = textOf(state.protection);
        m_protections << QVariantMap{{QStringLiteral("name"), text.name},
                                     {QStringLiteral("explanation"), text.explanation},
                                     {QStringLiteral("enforced"), enforced},
                                     {QStringLiteral("answers"), answers}};
        m_allEnforced = m_allEnforced && enforced;
    }
    emit tried();
}

}  // namespace alcove

#include "moc_privacy_report.cpp"
