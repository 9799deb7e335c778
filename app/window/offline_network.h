// Keeps QML off the network: whatever a message makes it ask for is refused.
#pragma once

#include <QtQml/QQmlNetworkAccessManagerFactory>

namespace alcove {

// Set on the QML engine before anything is loaded. Local files and resources of the program are not requested
// through it. May be called on any thread.
class OfflineNetworkFactory : public QQmlNetworkAccessManagerFactory {
public:
    QNetworkAccessManager* create(QObject* parent) override;
};

}  // namespace alcove
