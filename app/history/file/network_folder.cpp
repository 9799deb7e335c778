#include "app/history/file/network_folder.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <QFile>

namespace alcove {
namespace {

// f_type of statfs; <linux/magic.h> lacks most of them.
constexpr std::array<quint32, 23> kNetworkTypes{
    0x00006969,  // NFS
    0x0000517b,  // SMB
    0xff534d42,  // CIFS
    0xfe534d42,  // SMB2
    0x0000564c,  // NCP
    0x01021997,  // 9P
    0x5346414f,  // AFS
    0x6b414653,  // AFS of the kernel
    0x73757245,  // Coda
    0x00c36400,  // Ceph
    0x0bd00bd0,  // Lustre
    0x47504653,  // GPFS
    0x7461636f,  // OCFS2
    0x01161970,  // GFS2
    0x19830326,  // BeeGFS
    0x20030528,  // OrangeFS
    0xaad7aaea,  // PanFS
    0xbeefdead,  // StorNext
    0x61636673,  // ACFS
    0x013111a8,  // IBRIX
    0x786f4256,  // folders shared by VirtualBox
    0xbacbacbc,  // folders shared by VMware
    0x7c7c6673,  // folders shared by Parallels
};
constexpr quint32 kFuse = 0x65735546;

// Of a FUSE file system, "fuse.sshfs" or the like, by the device number in /proc/self/mountinfo.
QByteArray fuseType(dev_t device) {
    QFile mounts(QStringLiteral("/proc/self/mountinfo"));
    if (!mounts.open(QIODevice::ReadOnly)) {
        return {};
    }
    const QByteArray number = QByteArray::number(major(device)) + ':' + QByteArray::number(minor(device));
    const QList<QByteArray> lines = mounts.readAll().split('\n');
    for (const QByteArray& line : lines) {
        const QList<QByteArray> words = line.split(' ');
        const qsizetype separator = words.indexOf("-");
        if (words.value(2) == number && separator > 0) {
            return words.value(separator + 1);
        }
    }
    return {};
}

}  // namespace

bool isOnNetwork(const QString& folder) {
    const QByteArray name = QFile::encodeName(folder);
    struct statfs system {};
    struct stat status {};
    if (::statfs(name.constData(), &system) != 0 || ::stat(name.constData(), &status) != 0) {
        return true;
    }
    const auto type = static_cast<quint32>(system.f_type);
    if (type != kFuse) {
        return std::find(kNetworkTypes.begin(), kNetworkTypes.end(), type) != kNetworkTypes.end();
    }
    constexpr std::array<std::string_view, 6> kLocal{"fuseblk",    "fuse.gocryptfs", "fuse.encfs",
                                                     "fuse.cryfs", "fuse.bindfs",    "fuse.fuse-overlayfs"};
    const QByteArray fuse = fuseType(status.st_dev);
    return std::find(kLocal.begin(), kLocal.end(), std::string_view(fuse.constData(), fuse.size())) == kLocal.end();
}

}  // namespace alcove
