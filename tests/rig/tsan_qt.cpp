// Tells ThreadSanitizer what Qt's event queue orders: what a thread wrote before it queued a call or emitted a signal
// comes before the call, or the slot, in the other thread. The locks that see to it are inside Qt, which is not built
// with ThreadSanitizer. Part of the test programs of that build only (Qt 6.4, Debian 12's).
#include "tests/rig/tsan_qt.h"

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <QCoreApplication>
#include <QEvent>
#include <QMetaObject>
#include <QThread>

namespace {

char fromOtherThreads = 0;  // stands for all signals that threads other than the main one have emitted

bool onMainThread() {
    return QCoreApplication::instance() == nullptr ||
           QThread::currentThread() == QCoreApplication::instance()->thread();
}

template <class Function>
Function inQt(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// The next two take the place of Qt's for the calls from this program.
bool QMetaObject::invokeMethodImpl(QObject* object, QtPrivate::QSlotObjectBase* slot, Qt::ConnectionType type,
                                   void* result) {
    using Function = bool (*)(QObject*, QtPrivate::QSlotObjectBase*, Qt::ConnectionType, void*);
    static const auto invoke = inQt<Function>(
        "_ZN11QMetaObject16invokeMethodImplEP7QObjectPN9QtPrivate15QSlotObjectBaseEN2Qt14ConnectionTypeEPv");
    __tsan_release(object);
    return invoke(object, slot, type, result);
}

void QMetaObject::activate(QObject* sender, const QMetaObject* metaObject, int signal, void** arguments) {
    using Function = void (*)(QObject*, const QMetaObject*, int, void**);
    static const auto emitSignal = inQt<Function>("_ZN11QMetaObject8activateEP7QObjectPKS_iPPv");
    if (!onMainThread()) {
        __tsan_release(&fromOtherThreads);
    }
    emitSignal(sender, metaObject, signal, arguments);
}

namespace alcove::tests {

void beforeDelivery(QObject* receiver, QEvent* event) {
    __tsan_acquire(receiver);
    if (event->type() == QEvent::MetaCall && onMainThread()) {
        __tsan_acquire(&fromOtherThreads);
    }
}

}  // namespace alcove::tests
