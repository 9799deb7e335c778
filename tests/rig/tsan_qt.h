// See tsan_qt.cpp.
#pragma once

class QEvent;
class QObject;

namespace alcove::tests {

// To be called before an event is delivered, in the receiver's thread.
void beforeDelivery(QObject* receiver, QEvent* event);

}  // namespace alcove::tests
