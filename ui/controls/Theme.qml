pragma Singleton
import QtQuick

// Colours, type and metrics of the window: warm greys for surfaces, one green for what can be acted on.
// Main sets `dark` and `scale`; everything else follows from them.
QtObject {
    id: theme

    property bool dark: false
    property real scale: 1  // of text, and of what has to be as large as text

    // Surfaces, from the back to the front.
    readonly property color sidebar: theme.dark ? "#171614" : "#F2EFE9"
    readonly property color page: theme.dark ? "#1E1C1A" : "#FBFAF7"
    readonly property color raised: theme.dark ? "#282522" : "#FFFFFF"
    readonly property color bubble: theme.dark ? "#322E2A" : "#EDE9E1"
    readonly property color code: theme.dark ? "#171614" : "#F4F1EB"
    readonly property color border: theme.dark ? "#38342F" : "#E3DED5"
    readonly property color strongBorder: theme.dark ? "#544D46" : "#CBC4B8"
    readonly property color scrim: theme.dark ? "#99000000" : "#42332A20"
    readonly property color shadow: theme.dark ? "#66000000" : "#1F3A2E20"

    // States laid over any surface.
    readonly property color hover: theme.dark ? "#12FFF4E6" : "#0F3A2E20"
    readonly property color pressed: theme.dark ? "#21FFF4E6" : "#1F3A2E20"
    readonly property color selected: theme.dark ? "#1CFFF4E6" : "#173A2E20"

    // Of text. `faint` is for icons and large text only; the other two read well at any size.
    readonly property color text: theme.dark ? "#EDE8E1" : "#27231E"
    readonly property color secondary: theme.dark ? "#ACA49A" : "#686157"
    readonly property color faint: theme.dark ? "#80786E" : "#938B80"

    readonly property color accent: theme.dark ? "#8AC7B5" : "#2C6A5C"
    readonly property color accentHover: theme.dark ? "#9DD4C4" : "#245A4E"
    readonly property color accentPressed: theme.dark ? "#79B8A6" : "#1C4A40"
    readonly property color accentSoft: theme.dark ? "#24352F" : "#E0ECE7"
    readonly property color accentInk: theme.dark ? "#10241E" : "#FFFFFF"
    readonly property color selection: theme.dark ? "#3B5F55" : "#BFDDD3"

    readonly property color danger: theme.dark ? "#F0A08F" : "#A33A2A"
    readonly property color dangerSoft: theme.dark ? "#3A2420" : "#F8E8E4"
    readonly property color warning: theme.dark ? "#E4BF75" : "#835600"
    readonly property color warningSoft: theme.dark ? "#352B1A" : "#F8EFD9"

    // Of folders, by the names that the history keeps.
    readonly property var folderColours: ["", "green", "blue", "violet", "red", "amber"]

    function folderColour(name: string): color {
        switch (name) {
        case "green":
            return theme.dark ? "#8AC7A0" : "#2E7D4F";
        case "blue":
            return theme.dark ? "#8FB8E8" : "#2F66A8";
        case "violet":
            return theme.dark ? "#C3A6EC" : "#7348AE";
        case "red":
            return theme.danger;
        case "amber":
            return theme.warning;
        default:
            return theme.secondary;
        }
    }

    // Type scale in pixels.
    readonly property int tag: Math.round(11 * theme.scale)
    readonly property int caption: Math.round(12 * theme.scale)
    readonly property int small: Math.round(13 * theme.scale)
    readonly property int ui: Math.round(14 * theme.scale)
    readonly property int body: Math.round(15 * theme.scale)
    readonly property int title: Math.round(16 * theme.scale)
    readonly property int heading: Math.round(18 * theme.scale)
    readonly property int display: Math.round(28 * theme.scale)

    readonly property string family: theme.firstInstalled(["Inter", "Noto Sans", "Cantarell", "Segoe UI"], "sans-serif")
    readonly property string monospace: theme.firstInstalled(["JetBrains Mono", "Noto Sans Mono", "Cascadia Mono",
                                                              "DejaVu Sans Mono", "Menlo", "Consolas"], "monospace")

    // Metrics on a grid of four.
    readonly property int unit: 4
    readonly property int control: theme.grown(36)
    readonly property int radius: 8
    readonly property int largeRadius: 12
    readonly property int column: Math.round(744 * Math.max(1, theme.scale))
    readonly property int sidebarWidth: theme.grown(272)
    readonly property int narrowBelow: theme.grown(760)
    readonly property int quick: 120
    readonly property int calm: 160

    // What holds text grows with it, but less: the space around the text stays.
    function grown(size: int): int {
        return Math.round(size * Math.max(1, 0.4 + 0.6 * theme.scale));
    }
    function firstInstalled(wanted: list<string>, otherwise: string): string {
        const installed = Qt.fontFamilies();
        for (let i = 0; i < wanted.length; ++i) {
            if (installed.includes(wanted[i]))
                return wanted[i];
        }
        return otherwise;
    }
}
