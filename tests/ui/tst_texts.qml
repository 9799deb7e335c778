import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// Long and hostile texts: what a turn of the event loop does for them, how they fold, what of them is marked, and where
// their links lead to.
TestCase {
    id: test

    name: "Texts"

    WindowFixture {
        id: fixture
    }
    TextTurns {
        id: turns

        fixture: fixture
    }

    readonly property var chat: fixture.application ? fixture.application.chat : null

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
        verify(fixture.open({}));
        tryVerify(() => fixture.application.running.name !== "");
    }
    function cleanup() {
        fixture.close();
    }
    function verifyCheap(name, most) {
        verify(most.characters <= 12000, name + ": " + most.characters + " characters in a turn");
        verify(most.written <= 12, name + ": " + most.written + " documents in a turn");
        verify(most.blocks <= 90, name + ": " + most.blocks + " blocks");
    }

    function test_aTurnDoesLittle_data() {
        return ["less-than signs", "one word", "paragraphs of one letter", "items of one letter", "one code block",
            "code blocks of one letter", "emphasis", "a very wide table", "a very long table",
            "zero width spaces between letters"].map(name => ({ tag: name }));
    }
    function test_aTurnDoesLittle(data) {
        const text = turns.text(data.tag, 30000);
        verifyCheap("asked", turns.open(text, true));
        verifyCheap("replied", turns.open(text, false));
        const grown = turns.grow(text.slice(0, 4000), 50);
        verifyCheap("growing", grown);
        // Of the documents that are there only the last one changes; a table is taken out before it is written again.
        verify(grown.changes <= 4, "growing: " + grown.changes + " changes of documents in a turn");
    }

    function test_scrollingBackDoesLittle() {
        const text = turns.text("sentences", 20000);
        turns.open(text, false);
        const list = fixture.find("messageList");
        const height = list.contentHeight;
        turns.open("Hi", true);
        verifyCheap("opened again", turns.open(text, false));
        fuzzyCompare(fixture.find("messageList").contentHeight, height, 60);
    }

    function test_aLongReplyFolds() {
        turns.open("A line of words.\n\n".repeat(3000), false);
        tryVerify(() => fixture.find("showMore"));
        verify(fixture.find("showAll"));
        const shown = fixture.count("replyText");
        const list = fixture.find("messageList");
        list.positionViewAtEnd();
        verify(fixture.click("showMore"));
        tryVerify(() => fixture.count("replyText") > shown + 20);
    }

    function test_showAll() {
        turns.open("```\n" + "int a;\n".repeat(5000) + "```\n", false);
        const list = fixture.find("messageList");
        tryVerify(() => fixture.find("showAll"));
        list.positionViewAtEnd();
        verify(fixture.click("showAll"));
        tryVerify(() => fixture.count("codeText") === 50);
        verify(!fixture.find("showMore"));
        compare(fixture.count("copyCode"), 1);
        list.positionViewAtBeginning();
        verify(fixture.click("copyCode"));
        compare(fixture.clipboard(), "int a;\n".repeat(5000).trim());
    }

    function test_aLongQuestionFoldsAndIsCopiedWhole() {
        const text = "unbroken".repeat(20000);
        turns.open(text, true);
        tryVerify(() => fixture.find("showMore"));
        const list = fixture.find("messageList");
        list.forceActiveFocus();  // the question's buttons are seen then
        list.positionViewAtEnd();
        verify(fixture.click("copyMessage"));
        compare(fixture.clipboard(), text);
    }

    function test_hiddenCharactersAreMarked() {
        turns.open("pass\u200Bword and \u202Egnp.exe\n\n```\nif (a\u2066b)\n```\n", false);
        tryVerify(() => fixture.find("codeText"));
        compare(fixture.find("replyText").text, "passU+200Bword and U+202Egnp.exe");
        compare(fixture.find("codeText").text, "if (aU+2066b)");
    }

    function test_aLinkShowsWhereItLeadsTo() {
        turns.open("[https://bank.example](https://bank.example@evil.example/x)", false);
        tryVerify(() => fixture.find("replyText"));
        const reply = fixture.find("replyText");
        compare(reply.text, "https://bank.example");
        mouseMove(reply, 20, 10);
        tryVerify(() => fixture.shows("https://bank.example@evil.example/x"));
        mouseClick(reply, 20, 10);
        tryVerify(() => fixture.find("linkPlace"));
        compare(fixture.find("linkPlace").text, "evil.example");
        compare(fixture.find("linkAddress").text, "https://bank.example@evil.example/x");
        verify(fixture.click("linkCopy"));
        compare(fixture.clipboard(), "https://bank.example@evil.example/x");
        tryVerify(() => !fixture.find("linkPlace"));
    }
}
