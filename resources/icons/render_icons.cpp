// Renders the application's icon at the sizes a desktop asks for. The results lie in hicolor/ and are committed,
// so that neither building nor installing needs an SVG renderer:  render_icons alcove.svg hicolor
#include <QDir>
#include <QGuiApplication>
#include <QImage>
#include <QImageReader>
#include <QTextStream>

int main(int argc, char** argv) {
    QGuiApplication application(argc, argv);
    const QStringList arguments = application.arguments();
    if (arguments.size() != 3) {
        QTextStream(stderr) << "usage: render_icons SVG FOLDER\n";
        return 2;
    }
    for (const int size : {16, 22, 24, 32, 48, 64, 128, 256, 512}) {
        QImageReader reader(arguments[1], "svg");
        reader.setScaledSize(QSize(size, size));
        const QImage image = reader.read();
        const QString folder = QStringLiteral("%1/%2x%2/apps").arg(arguments[2]).arg(size);
        if (image.isNull() || !QDir().mkpath(folder) || !image.save(folder + QStringLiteral("/alcove.png"))) {
            QTextStream(stderr) << "cannot render " << arguments[1] << " at " << size << ": " << reader.errorString()
                                << '\n';
            return 1;
        }
    }
    return 0;
}
