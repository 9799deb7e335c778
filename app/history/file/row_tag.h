// Which table a row is of, written in the row itself.
#pragma once

namespace alcove {

// Since schema 4 every row of every table bears a constant text that says which table it is of, so that recovery
// knows a row without its table. A new table has its tag in its last column when it is made, of a length that no other
// tag has (record.h says why), and its line here.
struct RowTag {
    int column;  // counted from 0, the INTEGER PRIMARY KEY
    const char* text;
};
constexpr RowTag kConversationTag{6, "conversations"};
constexpr RowTag kMessageTag{7, "messages"};
constexpr RowTag kReplyTag{15, "replies"};
constexpr RowTag kDraftTag{2, "drafts"};
constexpr RowTag kFolderTag{13, "folder list"};
constexpr RowTag kTokensTag{7, "reply tokens"};

}  // namespace alcove
