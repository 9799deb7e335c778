import QtQuick
import QtQuick.Controls.Basic
import Alcove.Conversations
import Alcove.Library
import Alcove.Settings
import Alcove.Controls

// All settings. Each change takes effect at once; there is nothing to confirm.
AppDialog {
    id: root

    required property SettingsController settings
    required property RunningCheckpoint running
    required property DeviceController devices
    required property CopyController copies
    required property ConversationListModel conversations
    required property string version

    property bool canImport: true

    signal copyRequested(string text)
    signal privacyRequested
    signal importRequested
    signal exportRequested
    signal openFolderRequested
    signal aboutRequested

    // The device that computes now; why, where Alcove chose it; and why others are missing.
    readonly property string deviceExplanation: {
        if (!root.devices.available)
            return root.devices.problem;
        const words = [];
        const left = root.settings.device === "auto" && root.devices.automaticName !== "";
        if (root.running.deviceName !== "" && !(left && root.running.deviceName === root.devices.automaticName))
            words.push(qsTr("Now: %1.").arg(root.running.deviceName));
        if (left)
            words.push(qsTr("Automatic: %1 — %2").arg(root.devices.automaticName).arg(root.devices.automaticReason));
        if (root.devices.note !== "")
            words.push(root.devices.note);
        return words.join(" ");
    }
    readonly property var contextSizes: [0, 512, 1024, 2048, 4096]
    readonly property var submissionTimes: [0, 2, 4, 8, 16, 50]

    title: qsTr("Settings")
    preferredWidth: 640
    height: parent ? Math.min(720, parent.height - 32) : 720
    padding: 0
    topPadding: 0
    onAboutToShow: {
        scroller.contentY = 0;
        root.copies.measure();
    }

    contentItem: Flickable {
        id: scroller

        objectName: "settingsScroller"
        contentHeight: column.implicitHeight + 24
        boundsBehavior: Flickable.StopAtBounds
        clip: true

        ScrollBar.vertical: AppScrollBar {}

        Column {
            id: column

            x: 24
            width: scroller.width - 48

            SectionTitle {
                text: qsTr("Appearance")
            }
            SettingRow {
                title: qsTr("Theme")
                explanation: qsTr("“System” follows your desktop.")

                SegmentedControl {
                    objectName: "themeChoice"
                    name: qsTr("Theme")
                    value: root.settings.theme
                    options: [
                        {
                            value: "system",
                            label: qsTr("System"),
                            icon: "screen"
                        },
                        {
                            value: "light",
                            label: qsTr("Light"),
                            icon: "sun"
                        },
                        {
                            value: "dark",
                            label: qsTr("Dark"),
                            icon: "moon"
                        }
                    ]
                    onChosen: value => root.settings.theme = value
                }
            }
            SettingRow {
                title: qsTr("Conversation in the window's title")
                explanation: qsTr("The desktop shows the title in its window lists and may store it. When off, the title is just “Alcove”.")

                AppSwitch {
                    objectName: "titleInWindow"
                    on: root.settings.titleInWindow
                    text: qsTr("Conversation in the window's title")
                    onChosen: on => root.settings.titleInWindow = on
                }
            }

            SettingRow {
                title: qsTr("Text size")
                explanation: qsTr("Also by Ctrl and plus, minus or 0.")

                AppSpinBox {
                    objectName: "textSize"
                    from: 80
                    to: 200
                    stepSize: 10
                    value: root.settings.textSize
                    textFromValue: value => qsTr("%1 %").arg(value)
                    Accessible.name: qsTr("Text size in percent")
                    onValueModified: root.settings.textSize = value
                }
            }

            SectionTitle {
                text: qsTr("Performance")
            }
            SettingRow {
                title: qsTr("Device")
                explanation: root.deviceExplanation

                AppComboBox {
                    id: device

                    objectName: "deviceChoice"
                    readonly property var entries: root.devices.entries

                    width: 220
                    menuWidth: Math.min(340, column.width)
                    model: device.entries
                    textRole: "label"
                    detailRole: "detail"
                    currentIndex: Math.max(0, device.entries.findIndex(entry => entry.value === root.settings.device))
                    Accessible.name: qsTr("Device")
                    onActivated: index => root.settings.device = device.entries[index].value
                }
            }
            SettingRow {
                title: qsTr("Context length")
                explanation: {
                    const what = qsTr("In tokens: how much of the conversation the model can see. Longer needs more memory.");
                    return root.running.contextNote === "" ? what : what + " " + root.running.contextNote;
                }

                AppComboBox {
                    objectName: "contextChoice"
                    width: 220
                    model: root.contextSizes.map(size => size === 0 ? qsTr("Model default") : qsTr("%1 tokens").arg(size))
                    currentIndex: Math.max(0, root.contextSizes.indexOf(root.settings.contextSize))
                    Accessible.name: qsTr("Context length")
                    onActivated: index => root.settings.contextSize = root.contextSizes[index]
                }
            }
            SettingRow {
                visible: root.devices.hasGraphics
                title: qsTr("GPU time slice")
                explanation: qsTr("How long Alcove may use the GPU at a time. Shorter keeps the desktop smooth, longer answers slightly faster.")

                AppComboBox {
                    objectName: "submissionChoice"
                    width: 220
                    model: root.submissionTimes.map(time => time === 0 ? qsTr("Automatic") : qsTr("At most %1 ms").arg(time))
                    currentIndex: Math.max(0, root.submissionTimes.indexOf(root.settings.submissionMs))
                    Accessible.name: qsTr("GPU time slice")
                    onActivated: index => root.settings.submissionMs = root.submissionTimes[index]
                }
            }
            SettingRow {
                title: qsTr("Use smaller copies of models")
                explanation: qsTr("A full-precision model can be copied to Q4_0: it answers faster and needs less memory, but is slightly less accurate. Alcove asks before it makes a copy.")

                AppSwitch {
                    objectName: "smallerCopies"
                    on: root.settings.smallerCopies
                    text: qsTr("Use smaller copies of models")
                    onChosen: on => root.settings.smallerCopies = on
                }
            }
            SettingRow {
                title: qsTr("Copies in the cache folder")
                explanation: root.copies.onDisk

                AppButton {
                    objectName: "deleteCopies"
                    iconName: "trash"
                    text: qsTr("Delete copies")
                    enabled: root.copies.count > 0 && !root.copies.making
                    onClicked: root.copies.removeAll()
                }
            }

            SectionTitle {
                text: qsTr("Replies")
            }
            SettingRow {
                title: qsTr("System prompt")
                explanation: qsTr("What the model reads before every conversation, for example how it should answer. Leave it empty for the model's own.")
            }
            AppTextArea {
                objectName: "systemPromptArea"
                width: column.width
                height: 96
                name: "systemPrompt"
                label: qsTr("System prompt")
                placeholderText: qsTr("For example: Answer in short, plain sentences.")
                text: root.settings.systemPrompt
                onEdited: text => root.settings.systemPrompt = text
            }
            SettingSlider {
                objectName: "temperature"
                title: qsTr("Temperature")
                explanation: qsTr("0 always takes the most likely word. Higher values are more varied and less reliable.")
                to: 2
                step: 0.05
                value: root.settings.temperature
                onMoved: value => root.settings.temperature = value
            }
            SettingSlider {
                title: qsTr("Top-p")
                explanation: qsTr("Only the most likely words that together reach this probability are considered.")
                value: root.settings.topP
                onMoved: value => root.settings.topP = value
            }
            SettingSlider {
                title: qsTr("Min-p")
                explanation: qsTr("Leaves out words whose probability is below this fraction of the most likely one.")
                value: root.settings.minP
                onMoved: value => root.settings.minP = value
            }
            SettingRow {
                title: qsTr("Top-k")
                explanation: qsTr("The maximum number of words considered.")

                AppSpinBox {
                    to: 1000
                    value: root.settings.topK
                    wordFor: ({
                            0: qsTr("All")
                        })
                    Accessible.name: qsTr("Top-k")
                    onValueModified: root.settings.topK = value
                }
            }
            SettingSlider {
                title: qsTr("Repetition penalty")
                explanation: qsTr("Above 1, the model avoids words it has just used.")
                from: 1
                to: 2
                step: 0.05
                value: root.settings.repetitionPenalty
                onMoved: value => root.settings.repetitionPenalty = value
            }
            SettingRow {
                title: qsTr("Maximum reply length")
                explanation: qsTr("In tokens. A token is about three quarters of a word.")

                AppSpinBox {
                    to: 32768
                    stepSize: 64
                    value: root.settings.maxTokens
                    wordFor: ({
                            0: qsTr("No limit")
                        })
                    Accessible.name: qsTr("Maximum reply length")
                    onValueModified: root.settings.maxTokens = value
                }
            }
            SettingRow {
                title: qsTr("Seed")
                explanation: qsTr("The same seed, text and settings give the same reply.")

                AppSpinBox {
                    from: -1
                    to: 2147483647
                    value: root.settings.seed
                    wordFor: ({
                            "-1": qsTr("Random")
                        })
                    Accessible.name: qsTr("Seed")
                    onValueModified: root.settings.seed = value
                }
            }
            AppButton {
                objectName: "resetSampling"
                kind: "secondary"
                text: qsTr("Reset generation settings")
                onClicked: reset.ask()
            }

            SectionTitle {
                text: qsTr("Your data")
            }
            SettingRow {
                title: qsTr("Import conversations")
                explanation: qsTr("From ChatGPT, LM Studio, llama.cpp, Open WebUI, GPT4All, or a backup. You can also drop them on the window.")

                AppButton {
                    objectName: "importChats"
                    text: qsTr("Import…")
                    enabled: root.canImport
                    onClicked: root.importRequested()
                }
            }
            SettingRow {
                title: qsTr("Export all conversations")
                explanation: qsTr("As Markdown, a web page or JSON, or as a backup of everything.")

                AppButton {
                    objectName: "exportChats"
                    text: qsTr("Export…")
                    onClicked: root.exportRequested()
                }
            }
            SettingRow {
                title: qsTr("Everything is kept in one folder")
                explanation: root.settings.dataFolder

                Row {
                    spacing: 8

                    AppButton {
                        objectName: "openDataFolder"
                        iconName: "folder"
                        text: qsTr("Open folder")
                        onClicked: root.openFolderRequested()
                    }
                    AppButton {
                        iconName: "copy"
                        text: qsTr("Copy path")
                        onClicked: root.copyRequested(root.settings.dataFolder)
                    }
                }
            }
            SettingRow {
                title: qsTr("Delete all conversations")
                explanation: root.conversations.count === 0 ? qsTr("There are none.")
                             : root.conversations.count === 1 ? qsTr("There is one.")
                             : qsTr("There are %L1.").arg(root.conversations.count)

                AppButton {
                    objectName: "deleteAll"
                    kind: "danger"
                    iconName: "trash"
                    text: qsTr("Delete all…")
                    enabled: root.conversations.count > 0 && !root.conversations.readOnly
                    onClicked: deleteAll.ask()
                }
            }
            SettingRow {
                title: qsTr("Privacy")
                explanation: qsTr("What the system keeps Alcove from, tried before your eyes.")

                AppButton {
                    objectName: "showPrivacy"
                    text: qsTr("Show")
                    onClicked: root.privacyRequested()
                }
            }
            SettingRow {
                title: qsTr("About Alcove")
                explanation: qsTr("Version %1. Works fully offline.").arg(root.version)

                AppButton {
                    objectName: "openAbout"
                    iconName: "info"
                    text: qsTr("Version and licences")
                    onClicked: root.aboutRequested()
                }
            }
        }
    }

    ConfirmDialog {
        id: deleteAll

        objectName: "deleteAllDialog"
        title: qsTr("Delete all conversations?")
        text: root.conversations.count === 1 ? qsTr("One conversation goes, with all its messages. This can be undone until Alcove is closed or something else is deleted.")
              : qsTr("%L1 conversations go, with all their messages. This can be undone until Alcove is closed or something else is deleted.").arg(root.conversations.count)
        confirmText: qsTr("Delete all")
        dangerous: true
        onConfirmed: root.conversations.removeAll()
    }
    ConfirmDialog {
        id: reset

        objectName: "resetDialog"
        title: qsTr("Reset generation settings?")
        text: qsTr("Temperature, top-p, min-p, top-k, repetition penalty, maximum reply length and seed go back to their defaults. Nothing else changes.")
        confirmText: qsTr("Reset")
        onConfirmed: root.settings.resetSampling()
    }

    component SectionTitle: AppText {
        width: parent ? parent.width : implicitWidth
        topPadding: 24
        bottomPadding: 4
        color: Theme.accent
        font.pixelSize: Theme.small
        font.weight: Font.DemiBold
        Accessible.role: Accessible.Heading
    }
}
