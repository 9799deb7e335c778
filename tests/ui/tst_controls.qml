import QtQuick
import QtTest
import Alcove.Controls

// The controls by themselves.
Item {
    id: root

    width: 600
    height: 400

    SignalSpy {
        id: spy
    }

    Component {
        id: iconButton

        IconButton {
            iconName: "copy"
            text: "Copy"
        }
    }
    Component {
        id: segments

        SegmentedControl {
            value: "b"
            options: [{ value: "a", label: "A", icon: "sun" }, { value: "b", label: "B", icon: "moon" }]
        }
    }
    Component {
        id: spinBox

        AppSpinBox {
            to: 100
            wordFor: ({ 0: "No limit" })
        }
    }
    Component {
        id: meter

        Meter {
            width: 100
        }
    }
    Component {
        id: icon

        Icon {}
    }
    TestCase {
        name: "Controls"
        when: windowShown

        function init() {
            failOnWarning(/TypeError|ReferenceError|Binding loop|polish|Cannot open/);
        }

        function test_enterAndSpaceClickAButton() {
            const button = createTemporaryObject(iconButton, root);
            spy.target = button;
            spy.signalName = "clicked";
            spy.clear();
            button.forceActiveFocus(Qt.TabFocusReason);
            verify(button.visualFocus);
            keyClick(Qt.Key_Return);
            keyClick(Qt.Key_Space);
            compare(spy.count, 2);
            compare(button.Accessible.name, "Copy");
        }

        function test_segmentsTellAndDoNotDecide() {
            const control = createTemporaryObject(segments, root);
            spy.signalName = "";
            spy.target = control;
            spy.signalName = "chosen";
            spy.clear();
            mouseClick(control, 20, 20);
            compare(spy.count, 1);
            compare(spy.signalArguments[0][0], "a");
            compare(control.value, "b");
        }

        function test_wordsForNumbers() {
            const box = createTemporaryObject(spinBox, root);
            compare(box.displayText, "No limit");
            compare(box.valueFromText("no limit", Qt.locale()), 0);
            compare(box.valueFromText("42", Qt.locale()), 42);
            box.value = 7;
            compare(box.valueFromText("nonsense", Qt.locale()), 7);
        }

        function test_meterStaysInside() {
            const bar = createTemporaryObject(meter, root, { value: 7 });
            compare(bar.children[0].width, 100);
            bar.value = -1;
            compare(bar.children[0].width, 0);
        }

        function test_everyIconIsThere_data() {
            return ["arrow-down", "book", "branch", "bulb", "calendar", "check", "chevron-down", "chevron-left",
                "chevron-right", "chip", "close", "compose", "copy",
                "cube", "error", "folder", "folder-plus", "info", "keyboard", "letter", "lock", "minus", "moon", "more",
                "pencil", "play", "plus", "regenerate", "screen", "send", "settings", "sidebar", "stop", "sun", "trash",
                "warning"].map(name => ({ tag: name }));
        }
        function test_everyIconIsThere(data) {
            const item = createTemporaryObject(icon, root, { icon: data.tag });
            tryCompare(item, "status", Image.Ready);
            compare(item.paintedWidth, 20);
        }
    }
}
