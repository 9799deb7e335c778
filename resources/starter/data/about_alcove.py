"""Questions about Alcove. Each subject has things to do ("acts", asked with the frames of `question`), whole
questions ("asks") and answers that all hold the key fact."""
from . import more_wordings
from .phrases import SLOTS, as_typed, expand

SUBJECTS = {
    "switch": dict(
        acts=["[switch|change|swap|exchange|replace] [the |your |my |]{ckpt}", "[switch|change] to {other} {ckpt}",
              "[choose|pick|select|use|load|try|take|run|start|open|get] {other} {ckpt}", "[switch|change|move] {ckpts}",
              "[open|see|show|find|get to|bring up|view] the [{ckpt} menu|list of {ckpts}|{ckpt} list|menu of {ckpts}|menu with the {ckpts}]",
              "[choose|pick|select|go to|change to|go back to] [a bigger|a smaller|the other|a different|an installed|the old] {ckpt}",
              "[make|let|have|get] you [use|run|load|run on|switch to|answer with] {other} {ckpt}", "talk to {other} {ckpt}",
              "swap the [brain|engine|mind|AI] [you use|you run on|behind you|for another]",
              "see [which|what] {ckpts} [are installed|there are|I have|can be used]"],
        asks=["where [is|do I find|can I find|can I see] the {ckpt} [menu|list|picker|selector|chooser]", "{ckpt} [menu|list]",
              "where [can|do] I [choose|pick|select|change|switch] the {ckpt}", "change [the |]{ckpt}", "switch [the |]{ckpt}",
              "what do I [press|click|hit] for the [list of {ckpts}|{ckpt} menu]", "I [want|need] {other} {ckpt}",
              "[what|which] {ckpts} [are there|do I have|can I use|are installed|are available]", "switching {ckpts}",
              "what [happens when I press|does|is] Ctrl+K", "where is the name of the {ckpt} that I click",
              "can I [go to|have|run] {other} {ckpt} [from|in] [the|a] menu", "open the {ckpts}",
              "what can I click at the top of the window"],
        answers=["Press Ctrl+K, or click the checkpoint's name at the top, and choose another checkpoint in the menu.",
                 "Open the checkpoint menu with Ctrl+K (or click the checkpoint's name at the top) and pick the one you want."]),
    "switch_keeps": dict(
        acts=["[switch|change] [the |]{ckpt} [in the middle of|during|within|inside] [a|this|my] {chat}",
              "[keep|go on with|continue] [this|my|the|a] {chat} [with|after I choose|after switching to] {other} {ckpt}",
              "[change|switch|swap] {ckpts} without [losing|closing|ending|leaving|restarting] [this|my|the] {chat}"],
        asks=["[do|will] I lose [this|my|the] {chat} [if|when] I [switch|change|swap] [the |]{ckpt}",
              "[is|will be] [my|the|this] {chat} [kept|lost|gone|still there|deleted] [when|if|after] I [switch|change] [the |]{ckpt}",
              "what happens to [my|the|this] {chat} when I [switch|change|choose another] {ckpt}",
              "does {other} {ckpt} [start a new|keep the|know the] {chat}"],
        answers=["Yes: when you switch the checkpoint with Ctrl+K, the conversation stays open and the new checkpoint goes on with it.",
                 "Your conversation stays. Press Ctrl+K, choose another checkpoint, and it goes on from there."]),
    "add": dict(
        acts=["[add|install|import|put in|load|use|bring in|set up|register] [a|my own|a new|another|my|a larger|a downloaded] {ckpt} [folder|from disk|from a folder|from another drive|from a USB stick|by path|]",
              "[make|let] {app} [find|see|know|use|load|open|recognise] [my|a|a new] {ckpt}",
              "[open|use] a {ckpt} [that is|lying|stored|I have|saved] [somewhere else|on another drive|on a USB stick|in my own folder|in another folder|in my downloads]",
              "add [to|something to] the [menu|library|list of {ckpts}]", "point {app} to [a|my] folder",
              "[run|use] my own {ckpt}", "get a {ckpt} into the menu", "extend the [menu|library] with [my|a] {ckpt}"],
        asks=["where [do|should|must|can] I [put|place|copy|save|store|move|drop] [a|the|my|a new] {ckpt}[ folder| files|]",
              "where [are|is] [the|your|my] {ckpts} [kept|stored|saved|located|found|looked for]",
              "[which|what] [folder|directory|place] [is|holds|are|does] [for |][the |]{ckpts}[ in| go into|]",
              "[which|what] folder should [a|the] [new |downloaded |]{ckpt} be [placed|put|stored] in",
              "where is the [library|{ckpt}] folder", "what is the library folder", "where does {app} [look|search] for {ckpts}",
              "I [have|downloaded|got] [a|another|MobiLlama as a] {ckpt}, [how do I use it|where does it go|what now|how do I add it|where do I put it]",
              "my {ckpt} [is|lies|sits] [in|on] [another folder|an external drive|a USB stick|/home/me/models|/mnt/disk|my desktop|my home folder|the downloads folder], can {app} [use|find|load|open|see] it",
              "can I add [a|my] folder [with|of] {ckpts}", "I have MobiLlama on [a|my] [disk|stick|drive|computer]",
              "adding a {ckpt}", "my {ckpt} is not in the menu", "{app} does not [see|find|show|list] my {ckpt}"],
        answers=["Put the checkpoint's folder into ~/.local/share/alcove/checkpoints, or open the menu with Ctrl+K and choose \"Add a folder…\".",
                 "Copy its folder to ~/.local/share/alcove/checkpoints. Or leave it where it is and use \"Add a folder…\" in the menu (Ctrl+K)."]),
    "download": dict(
        acts=["[download|get|obtain|fetch|find|install] [a|the] [bigger|larger|better|real|full|proper|smarter|stronger|new] [{ckpt}|MobiLlama|MobiLlama {ckpt}]",
              "[download|get|obtain|fetch] [MobiLlama|MobiLlama-05B-Chat|a MobiLlama {ckpt}|a {ckpt}|{ckpts}|more {ckpts}|the big MobiLlama]"],
        asks=["where [can|do] I [get|find|download|obtain] [more|other|bigger|larger|better|new] {ckpts}",
              "where [can|do] I [get|find|download] [MobiLlama|a bigger one|a larger one|the real MobiLlama|the weights]",
              "where [does one get|are|is there] [MobiLlama|more {ckpts}|bigger {ckpts}]", "download {ckpts}", "get MobiLlama",
              "from where do {ckpts} come", "which {ckpt} should I [get|download|add]", "[which|what] larger {ckpt} do you [recommend|suggest]"],
        answers=["Get MobiLlama-05B-Chat from the Hugging Face Hub (MBZUAI), put its folder into ~/.local/share/alcove/checkpoints, and choose it with Ctrl+K.",
                 "MobiLlama's checkpoints are on the Hugging Face Hub under MBZUAI. Put the folder into ~/.local/share/alcove/checkpoints, then press Ctrl+K."]),
    "downloads_itself": dict(
        acts=[],
        asks=["does {app} download [anything|something|{ckpts}|stuff|files|updates|data] [by itself|on its own|alone|automatically|in the background|without asking|secretly|]",
              "[will|does|can] {app} [fetch|download|update|load] [{ckpts}|itself|things|anything] [from the internet|from the web|online] [without asking|by itself|on its own|automatically]",
              "when does {app} download [something|anything|a {ckpt}]", "does {app} [update itself|have automatic updates|use my data plan|use bandwidth]",
              "are there [automatic|hidden|background|silent] [downloads|updates]", "does it download without asking me"],
        answers=["No. Alcove downloads nothing by itself: a download runs only when you start one.",
                 "Nothing is downloaded on its own. A download happens only when you start it."]),
    "history": dict(
        acts=["[find|see|locate|open] the file [with|of|for] my {chats}", "[back up|backup|save|copy|export|keep a copy of|secure|archive] [my|all my|all|the] {chats}",
              "move my {chats} to [another|a new] {pc}"],
        asks=["where [are|is] [my|the|our|all] {chats} [kept|stored|saved|written|held|put|located]", "where do [my|our|the] {chats} [go|end up|live|stay|get saved]",
              "[in which|which|what] [file|folder|database|place] [holds|are|has|keeps|do you store] [my|the|our] {chats}[ in|]",
              "where does {app} [save|keep|store|put|write] [my|the|our|all] {chats}", "are [my|the|our] {chats} saved[ to disk| on my {pc}|]",
              "where on my {pc} [are|is|do you keep] [my {chats}|what I write|what I type|the things I said|my words|my data|everything I write]",
              "where is [my data|the history|my history|the history file|the database|the chat log|my chat log|the log of our talk]",
              "do you [keep|save|store|remember] [my|our] {chats}", "what [file|must I copy] for a backup of [my|all] {chats}",
              "is [this|our] {chat} saved somewhere", "what is history.sqlite", "are {chats} still there [tomorrow|after a restart|when I close the window]"],
        answers=["All conversations are kept on this computer only, in the file ~/.local/share/alcove/history.sqlite.",
                 "They are in ~/.local/share/alcove/history.sqlite, on this computer and nowhere else. Copy that file to back them up."]),
    "privacy": dict(
        acts=[],
        asks=["what [leaves|is sent from|goes out of] [my|this|the] {pc}", "[does|will|can] [anything|something|any data|my text|any of this] [leave|get out of|go out of] [my|this] {pc}",
              "[is|are] [my|the|our] [data|{chats}|text|words|secrets|privacy] [private|safe|secure|protected|confidential|sent anywhere|uploaded|shared|sent to a server|sent to the cloud|sent to anyone]",
              "do you [send|upload|share|sell|leak|report|transmit|give away] [my data|anything|my {chats}|what I write|what I type|data|information|things] [to anyone|to the cloud|to a server|to a company|somewhere|anywhere|]",
              "[who|can anyone|can somebody|can others|does somebody|who else|can a company|can Google] [can |][see|read|view|watch|access|look at] [my {chats}|what I write|what I type|this|this {chat}|my data|what I say]",
              "does {app} [spy on me|track me|collect data|collect statistics|have telemetry|send telemetry|use analytics|call home|phone home|report usage|watch me|log me|gather data about me]",
              "do you [spy on me|track me|collect data|collect usage data|have telemetry|call home|phone home|use the cloud|watch me|listen to me]",
              "is there [telemetry|tracking|a cloud|a server|spyware|any tracking|data collection|analytics|a company behind this that reads along]",
              "is {app} private", "is it [private|safe|secure] [here|to write secrets|to talk to you|to use]", "can I tell you [a secret|something private|secrets]",
              "privacy", "is usage [data|information] collected", "what do you know about me", "what about [my privacy|telemetry|tracking|privacy]", "are you [connected to|in] [a|the] [server|cloud]"],
        answers=["Nothing leaves this computer. There is no telemetry, no account and no server; your conversations stay here.",
                 "Nothing leaves your computer: no telemetry, no cloud, no account. Nobody else can read what you write."]),
    "account": dict(
        acts=["[sign up|register|log in|sign in|create an account|make an account]"],
        asks=["do I [need|have to have|require] [an account|a login|to register|to sign up|to log in|a password|an email address|a subscription|a user name|to sign in|an API key]",
              "must I [register|sign up|log in|sign in|create an account|give my email|make an account|pay or register]", "is [an account|a login|a registration|a password|a subscription|an email] [needed|required|necessary]",
              "where do I [log in|sign in|register|sign up]", "how do I [log in|sign in|register]", "is there a [login|password|subscription|sign up]", "login", "what is my password",
              "do I have to [register|sign up|log in] [first|before I can use this|before using {app}|to use {app}]", "can I use {app} without [an account|a login|registering|signing up]"],
        answers=["No account is needed: there is no login, no password and nothing to sign up for. Just write.",
                 "There is no account and no login. Alcove works as soon as it is installed."]),
    "offline": dict(
        acts=["use {app} [offline|without internet|without a network|with no connection|on a plane|on a train|in the woods]"],
        asks=["[does|will|can] {app} [work|run|function] [offline|without internet|without the internet|without a network|without wifi|with no connection|without a connection|on a plane|in flight mode|in airplane mode]",
              "do [you|I] need [the internet|internet|a network|wifi|a connection|to be online|an internet connection|to be connected]", "do you [work|run] [offline|without internet|without wifi|when I am offline|with no network|in a tunnel]",
              "[is|are] [the internet|an internet connection|a network|wifi] [needed|required|necessary]", "what [happens|if] [without internet|when the internet is down|I am offline|my wifi is off|I have no connection|I unplug the cable|the network fails]",
              "I [have no|am without|lost my] [internet|wifi|network|connection], [does this work|can I still chat|can we still talk|is that a problem|will it work]", "offline",
              "can we [talk|chat] [offline|without internet|without a network|on the train|on a plane]", "will {app} [keep working|still work|go on] [if|when] [I turn off the wifi|I pull the plug of the router|the net is down|I go offline]"],
        answers=["Yes, Alcove works offline. The model runs on your own computer, so no network is needed.",
                 "Yes. Everything runs on this computer, so it works without a network."]),
    "new": dict(
        acts=["[start|begin|open|create|make|have] [a|a new|a fresh|another|an empty|a brand new|a clean] [new |]{chat}", "[start|begin] [over|afresh|again from nothing|from scratch|a new topic|anew]",
              "[clear|empty|reset] [the|this] [screen|{chat}]", "talk about something [new|else] in a new {chat}"],
        asks=["new {chat}", "where is the new {chat} button", "what does Ctrl+N do", "a [fresh|new|empty] {chat}, how", "[key|shortcut] for [a new|another|a fresh] {chat}", "I want a [new|fresh|clean|second|separate] {chat}"],
        answers=["Press Ctrl+N to begin a new conversation.", "Ctrl+N starts a new conversation. The old one stays in the list."]),
    "rename": dict(
        acts=["[rename|name|retitle|call something else|give another name to|give a new name to|give a title to] [a|the|this|my|an old] {chat}", "[change|edit|set|correct|alter|fix|improve] the [name|title|heading] of [a|the|this|my] {chat}",
              "[change|edit] [a|the] {chat}'s [name|title]", "give [a|this|the|my] {chat} [another|a new|a better|a different|its own] [name|title]"],
        asks=["can [a|this|the|my] {chat} [be renamed|have another name|get a new title|have a better name]", "rename", "rename {chat}", "what does F2 do", "the [title|name] of [this|my|the] {chat} is [wrong|ugly|bad|too long|stupid|boring]",
              "[key|shortcut] for renaming", "I don't like the [title|name] of [this|the|my] {chat}", "call this {chat} something else"],
        answers=["Press F2 to rename the conversation.", "Choose the conversation in the list and press F2, then type its new name."]),
    "delete": dict(
        acts=["[delete|remove|erase|get rid of|throw away|trash|discard|bin|drop|kill|clear away|destroy] [a|one|this|the|an old|my last|a single] {chat}", "make [a|one|this] {chat} [disappear|go away]"],
        asks=["delete {chat}", "can [a|this|the|one] {chat} be [deleted|removed|erased]", "what does the Delete key do", "[this|a] {chat} [must go|should go away|is not needed any more|is embarrassing]",
              "[key|shortcut] for deleting [a {chat}|one]", "I don't [need|want] this {chat} [any more|now]", "away with this {chat}"],
        answers=["Choose the conversation in the list and press Delete. You can undo it right after.", "Press Delete on the conversation in the list. A notice then offers to undo it."]),
    "undo": dict(
        acts=["[undo|take back|reverse|revert] [the deletion|a deletion|deleting|a delete|the removal]", "[get back|bring back|restore|recover|rescue|save] [a|the|my] [deleted|removed|erased|lost] {chat}", "get a {chat} back [that I deleted|after deleting it]"],
        asks=["I [deleted|removed|erased|threw away|trashed] [a|the|my|the wrong|this] {chat} [by mistake|by accident|accidentally|in error|without wanting to|], [can I get it back|what now|how do I get it back|help|can you bring it back|is it gone]",
              "[can|is] [a|the|my] deleted {chat} [come back|gone for ever|be restored|lost|recoverable|be brought back]", "I [pressed|hit] Delete by [mistake|accident]", "oops, I [deleted|erased|removed] [it|my {chat}|the wrong {chat}|the wrong one]",
              "is there an undo", "undo", "I [didn't mean to|did not want to] delete [it|that|this {chat}]", "I deleted the wrong [one|{chat}]"],
        answers=["Yes: right after deleting, a notice offers to undo it. Choose Undo there and the conversation is back.",
                 "After a deletion a notice with Undo appears. Click Undo to get the conversation back."]),
    "delete_all": dict(
        acts=["[delete|remove|erase|wipe|destroy|clear|get rid of|purge] [everything|all my data|all data|all {chats}|my whole history|all my {chats}|all traces|every trace|every {chat}|it all|the whole history|all of it]",
              "[leave|keep] no [traces|trace|data]", "[remove|uninstall] {app} with all [data|my data|{chats}]", "[wipe|clean] {app} [completely|from my {pc}]", "remove my data [for good|for ever|completely|from this {pc}]",
              "make {app} forget [everything|all]"],
        asks=["delete everything", "delete all", "wipe everything", "where is all my data so that I can delete it", "[forget|erase] everything [about me|I said|now]", "can [everything|all my data|all of it|my whole history] be [deleted|erased|wiped|removed]",
              "I want [everything|all my {chats}|every trace of me|all data] gone", "remove all my data", "clear history"],
        answers=["Delete the conversations in the list, or quit and remove the folder ~/.local/share/alcove: then everything is gone.",
                 "Quit Alcove and remove the folder ~/.local/share/alcove. It holds all conversations and checkpoints; nothing is kept elsewhere."]),
    "send": dict(
        acts=["[send|submit|post|transmit|dispatch] [a|the|my|this] [message|question|text|line|prompt]", "[hand|get] my [message|question|text] [over|to you]"],
        asks=["what [key|button] sends [a|the|my] [message|text|question]", "where is the send button", "what does Enter do", "send message", "[key|shortcut] for sending", "which key sends", "how are messages sent"],
        answers=["Press Enter to send your message. Shift+Enter begins a new line.", "Enter sends the message."]),
    "newline": dict(
        acts=["[add|insert|write|type|make|get|put in|begin|start|enter] a [new line|line break|second line|newline|paragraph|return]", "write [several|two|many|three|more|multiple|a few] [lines|paragraphs]", "[break|wrap] the line", "go to the next line",
              "write [on the next line|a list|a poem over several lines|code] [in|into] my message", "write a message [with|of|over] [several|two|more|multiple] lines"],
        asks=["new line", "line break", "what does Shift+Enter do", "Enter sends my message [but|and] I [want|need|only wanted] a [new line|line break|second line]", "[how|where] can I [get|have] a [new line|line break] [in|inside] [my|a|the] [message|text|box]",
              "when I press Enter the message is sent, but I [want|need] [a new line|another line]", "[key|shortcut] for a [new line|line break]", "can a message have [several|two|more] lines"],
        answers=["Press Shift+Enter for a new line. Enter alone sends the message.", "Shift+Enter begins a new line in your message."]),
    "stop": dict(
        acts=["[stop|interrupt|cancel|abort|halt|end|cut off|break off|cut short|pause] [you|a reply|the reply|an answer|your answer|the answer|the text|the writing|your reply|the generation|it|this]", "[make|get] you [stop|be quiet|shut up|silent|finish]",
              "stop you [writing|talking|from writing|in the middle|from talking|while you write|mid sentence]", "end a [long|boring|wrong] [reply|answer]"],
        asks=["stop button", "what does Esc do", "your [answer|reply] is [too long|wrong|boring|endless], how do I [stop|interrupt|end|cut] it", "you [talk|write] too much, how do I stop [you|it]", "[key|shortcut] [for|to] [stopping|stop|interrupt]",
              "is there a stop [key|button]", "can I [interrupt|stop|cancel] you", "you don't stop writing", "how do I shut you up"],
        answers=["Press Esc to stop the reply. What was written so far is kept.", "Esc stops a reply at once."]),
    "regenerate": dict(
        acts=["[regenerate|redo|repeat|remake|renew|rewrite|retry|reroll] [the|a|your|this|the last|that] [reply|answer|response]", "[get|have|see|ask for] [another|a new|a different|a second|a better] [reply|answer|version|version of the answer|try|response]",
              "[make|let|have] you [try|answer|write it|reply|do it] [again|once more|anew|a second time]", "try [the last answer|your reply|the answer] [again|once more|anew]"],
        asks=["regenerate", "what does Ctrl+R do", "I [don't|didn't|do not] like [your|the|this|that] [reply|answer|response]", "[that|your|the|this] [reply|answer] was [bad|wrong|poor|no good], [try again|another one|can you redo it|how do I get another]",
              "try again", "another answer please", "[key|shortcut] for [another|a new] [answer|reply]", "can I have [another|a different|a new|a second] [answer|reply|version|try]", "can you [try|answer] [again|once more]"],
        answers=["Press Ctrl+R and I write the last reply again.", "Ctrl+R makes a new reply to your last message."]),
    "sidebar": dict(
        acts=["[hide|show|close|open|remove|toggle|fold|collapse|bring back|get back|get rid of] the [sidebar|side bar|list|list of {chats}|{chat} list|left panel|panel|list on the left|left side|side panel|left column]",
              "[make|get] [more|some more] [room|space] [for the text|on the screen|in the window|]", "[make|let] the [sidebar|list|list on the left|left panel] [go away|disappear|come back|vanish]"],
        asks=["what does Ctrl+B do", "the [sidebar|list|list on the left|left panel] [is gone|has disappeared|is in the way|takes too much room|is missing|is too wide|annoys me|takes up space]", "where is the [sidebar|list of {chats}|list of my {chats}|left panel]", "sidebar", "[key|shortcut] for the [sidebar|list]",
              "can the [sidebar|list on the left|left panel] be [hidden|closed|removed]", "the window is too small, can the list go"],
        answers=["Press Ctrl+B to hide the sidebar, and again to show it.", "Ctrl+B hides and shows the sidebar with the list of conversations."]),
    "settings": dict(
        acts=["[open|see|find|change|get to|show|go to|edit|reach|adjust] the [settings|preferences|options|configuration|settings page]", "[configure|set up|adjust|customise] {app}", "change [options|settings|preferences|the configuration]"],
        asks=["where [are|is|do I find|can I find] [the|your|my] [settings|preferences|options|configuration|settings page]", "settings", "preferences", "options", "is there a [settings page|settings menu|preferences dialog|configuration]", "what does Ctrl+, do",
              "what can I [set|configure|change] in the settings", "[key|shortcut] for the [settings|preferences|options]"],
        answers=["Press Ctrl+, to open the settings: theme, device and how replies are written.", "The settings open with Ctrl+, (Control and the comma)."]),
    "sampling": dict(
        acts=["[change|set|adjust|lower|raise|alter] [the |][temperature|top-k|top-p|min-p|repetition penalty|seed|sampling|creativity|randomness|length of the replies|maximum length]", "make [you|the replies|the answers|your answers] [more creative|less random|longer|shorter|more random|less wild|the same every time|more varied|more precise]"],
        asks=["where [is|do I set|can I set|do I find|can I change] [the |][temperature|sampling|seed|top-k|creativity|repetition penalty|randomness]", "what is [the temperature|top-k|top-p|sampling|the seed|repetition penalty]", "[temperature|sampling|seed|creativity]"],
        answers=["Open the settings with Ctrl+, : temperature, top-k, top-p, the seed and the length of replies are set there.", "In the settings (Ctrl+,). A low temperature makes replies steady, a high one makes them more varied."]),
    "shortcuts": dict(
        acts=["[see|show|list|find|learn|look up|view|read] [all |][the |][shortcuts|keyboard shortcuts|hotkeys|keys|key combinations|keyboard commands|keybindings]", "get [a list|an overview] of [the |all ][shortcuts|keys|hotkeys]", "use {app} with the keyboard", "[see|get|open] the help"],
        asks=["[which|what] [keyboard |][shortcuts|hotkeys|keys|keyboard commands] [are there|do you have|exist|can I use|does {app} have|do you know]", "[shortcuts|keyboard shortcuts|hotkeys|keyboard]", "is there a [list|table|page|overview|cheat sheet] of [all |the |][shortcuts|hotkeys|keys|key combinations]", "what does F1 do",
              "where are the [shortcuts|hotkeys|keys|keyboard shortcuts] [explained|listed|shown|]", "I [forgot|always forget|can't remember|don't know] the [shortcuts|hotkeys|keys], where [are|can I see] they", "can I use {app} without [a|the] mouse"],
        answers=["Press F1 to see all keyboard shortcuts.", "F1 shows them all. The main ones: Ctrl+K checkpoints, Ctrl+N new conversation, Esc stop, Ctrl+R again."]),
    "quit": dict(
        acts=["[quit|exit|close|leave|end|shut down|terminate|stop] {app}", "[close|shut] [the|this] [window|app|application|program]", "get out of [here|{app}]"],
        asks=["what does Ctrl+Q do", "quit", "exit", "[key|shortcut] for [quitting|closing {app}|leaving]", "how is {app} closed", "I am done, how do I [close|quit|exit|leave] [it|{app}|the window]"],
        answers=["Press Ctrl+Q to quit Alcove. Your conversations are saved.", "Ctrl+Q quits. Everything is saved already."]),
    "speed_line": dict(
        acts=["[read|understand|interpret] the [speed line|status line|line at the bottom|numbers below|speed]", "see how fast [you are|the {ckpt} is|it runs]"],
        asks=["what [is|does|means] the [speed line|line at the bottom|line below|status line|status bar|bottom line|small line|speed display|little line][ mean| show| say| tell me|]", "what do the [numbers|figures|values] [at the bottom|below|down there|in the speed line|in the line|under the text|in the status line] [mean|tell me|say|show]",
              "what [is|does|means] [tok/s|t/s|tokens per second|tokens/s|{n} tok/s|{n} tokens per second|the speed][ mean|]", "it [says|shows|reads] {n} [tok/s|tokens per second|tokens/s|t/s], what is [that|this]", "explain the [speed line|numbers below|line at the bottom|status line|speed display]", "speed line", "how [fast|quick] are you",
              "where can I see [the speed|how fast you are|the tokens per second|which device is used]", "what is a token per second"],
        answers=["The speed line shows the device, the tokens per second of the reply and how much of the context is used.",
                 "It shows three things: the device that computes, how many tokens per second are written, and how much of the context is used."]),
    "context": dict(
        acts=["[see|know|find out] how much [context|memory|room] is [used|left]"],
        asks=["what [is|does|means] [the|a] context[ size| window| number| length| used|][ mean|]", "what does [context|context used|the context figure|the context number] [mean|say|tell]", "how [long|big|large] is [your|the] [memory|context|context window]", "how much [can you|do you] remember", "do you [forget|remember] [things|what I said|the beginning|earlier messages|old messages]",
              "why do you forget [what I said|things|the beginning|earlier messages]", "what happens when the {chat} [gets|is|becomes] [too long|very long|longer than the context]", "how many [words|tokens|messages] can you [remember|keep in mind|read]", "context", "why is there a [divider|line] in the {chat}", "what happens when the context is full"],
        answers=["The context is what I can remember of a conversation: 512 tokens, about 400 words. When it is full, the oldest messages leave my memory.",
                 "The context is my memory of this conversation, 512 tokens. The oldest messages drop out first; a divider shows where my memory begins."]),
    "theme": dict(
        acts=["[use|get|have|turn on|switch to|enable|activate|choose|set|see] [the |a |][dark|light|night|black|bright|white] [theme|mode|colours|look|style|version|background]", "[change|switch|set|choose] the [theme|colours|look|appearance|colour scheme|colors|background]", "make [it|the window|{app}|everything] [dark|darker|light|brighter|black|less bright|white]"],
        asks=["is there a [dark|light|night] [mode|theme|look]", "[it is|the window is|this is|everything is|{app} is] [too bright|so bright|too dark|too white|blinding], [can I change that|what can I do|help|can it be dark]", "dark [mode|theme]", "theme", "does {app} [have|support] [a dark mode|themes|a dark theme]", "which [themes|colours] are there", "can it be [dark|light|black]", "my eyes [hurt|are tired], can the window be [dark|darker]"],
        answers=["Open the settings with Ctrl+, and choose the theme: light, dark, or like the system.", "There is a dark and a light theme, and one that follows the system: choose in the settings (Ctrl+,)."]),
    "gpu": dict(
        acts=["use [my|the|another] [GPU|graphics card|video card|graphics chip|device]", "[choose|change|select|switch] the [device|GPU|graphics card]"],
        asks=["do I need [a GPU|a graphics card|an nvidia card|an AMD card|a gaming PC|CUDA|a fast {pc}|a special card|expensive hardware]", "does {app} [use|need|support|run on|work with] [my|the|a|any] [GPU|graphics card|video card|graphics chip|AMD card|nvidia card|intel graphics]", "[what|which] [hardware|GPU|graphics card|device|computer] [do you|does {app}|do I] [need|use|run on|work on|require|support]",
              "do you run on [my|the|a] [GPU|CPU|graphics card|processor]", "what is Vulkan", "why Vulkan", "do you [use|need] [CUDA|Vulkan|the GPU|my graphics card|a graphics card]", "[GPU|graphics card|Vulkan|device|hardware|requirements]", "what are the [requirements|system requirements|hardware requirements]", "there is no Vulkan [device|driver]", "which device computes [the answers|this]", "what [chip|part of my {pc}] do you run on"],
        answers=["Alcove runs on any graphics card with a Vulkan driver: AMD, Intel or NVIDIA. The device is chosen in the settings (Ctrl+,).",
                 "I run on your graphics card through Vulkan; no CUDA is needed. You can choose the device in the settings (Ctrl+,)."]),
    "slow": dict(
        acts=["[make|get] [you|it|{app}|the answers] [faster|quicker|to write faster|speed up]", "[speed up|accelerate] [the replies|{app}|the answers|you]"],
        asks=["why [are you|is it|is {app}|is this] [so |][slow|so slow|slow today|writing slowly|taking so long]", "[it|{app}|this|the answer] is [too|very|so|really] slow", "why does it take [so long|so much time|ages]", "you are [slow|so slow|too slow]", "can [it|you|{app}] be [faster|quicker]", "why do the words come so slowly"],
        answers=["Look at the speed line: it names the device. A graphics card with a Vulkan driver is fast; choose it in the settings (Ctrl+,). Smaller checkpoints are faster too.",
                 "See which device the speed line shows. Choose your graphics card (Vulkan) in the settings with Ctrl+, or take a smaller checkpoint."]),
    "shared": dict(
        acts=[],
        asks=["why is MobiLlama [so |][small|so small|compact|tiny|little|light|thin]", "what makes MobiLlama [small|compact|special|different|light|so small|efficient|thin]", "[how|why] can MobiLlama be [so small|small|this small|that compact]", "what is [the |a |][shared block|shared feed-forward block|shared FFN|idea of MobiLlama|trick of MobiLlama|secret of MobiLlama|shared FFN design]",
              "how [does|is] MobiLlama [work|built|save memory|save parameters|made small|different from LLaMA|different from a normal llama|constructed]", "what is [the|MobiLlama's|its|your] architecture", "explain [the architecture|MobiLlama's architecture|the shared block|weight sharing|your architecture]", "what do the layers share", "what is shared [in MobiLlama|between the layers|among the layers]",
              "how is [it|MobiLlama|the architecture|your architecture] different from [a normal|an ordinary|a usual|another] [llama|LLaMA|transformer|language model|model]"],
        answers=["MobiLlama shares one feed-forward block among all its layers. The weights are stored once instead of once a layer, so it is small.",
                 "All layers of MobiLlama share one feed-forward block; other models have one in every layer. That makes it small."]),
    "mobillama": dict(
        acts=[],
        asks=["what is MobiLlama", "[tell me|say something|talk] about MobiLlama", "who [made|built|trained|wrote] MobiLlama", "MobiLlama", "explain MobiLlama", "do you know MobiLlama", "what [kind|sort] of model is MobiLlama", "what does MobiLlama mean", "give me [some |]information about MobiLlama", "describe MobiLlama"],
        answers=["MobiLlama is a family of small open language models by MBZUAI. All layers share one feed-forward block, so it runs well on small machines.",
                 "MobiLlama is a small open language model from MBZUAI whose layers share one feed-forward block. Alcove was made to run it."]),
    "licence": dict(
        acts=["use {app} [at work|in my company|commercially|at school|for business|in my office]", "[copy|share|change|modify|redistribute|give away|pass on] {app}"],
        asks=["what [licence|license] [has {app}|does {app} have|is {app} under|is it|applies|is this under]", "what is the [licence|license][ of {app}|]", "[which|under which|under what] [licence|license] [is {app}|is it|is this][ published| released|]", "is {app} [open source|free software|free|open|really free]", "[licence|license]", "[what|how much] does {app} cost", "do I have to pay[ for {app}| for this|]", "[how much|what] [is|costs] {app}",
              "can I see the source[ code|]", "where is the source code", "is it [free|open source|gratis|for free]", "may I use {app} [for free|for my business|in my company|at work|commercially|at school]", "what is the price"],
        answers=["Alcove is free and open source under the Apache-2.0 licence. You may use, change and share it, at work too.",
                 "It is free: the licence is Apache-2.0, so you may use, change and pass on Alcove and its source code."]),
    "cli": dict(
        acts=["use {app} [in|from] [the|a] [terminal|command line|shell|console|script]", "[chat|talk to you|ask you] [in|from] [the|a] [terminal|shell|console|command line|script]", "use you without [the|a] window", "script {app}"],
        asks=["is there a [command|command line|terminal|console|shell|text] [tool|version|program|interface|for the terminal|client|mode]", "does {app} have [a CLI|a command line|a terminal mode|a command]", "what is alcove-cli", "[terminal|command line|CLI|shell|console]", "what is the [command|name of the command] [for|in] the [terminal|shell|console]", "I [work|am|live|sit] in the [terminal|shell|console], [what about me|is there something for me|can I use you there|which command]",
              "can I [ask|chat with|use|call|run] [you|{app}] [from|in] [a|the] [script|terminal|shell|console|command line]", "which command [asks|starts] [a question|a chat] in the terminal"],
        answers=["Yes: `alcove-cli chat` holds a conversation in the terminal, and `alcove-cli ask \"your question\"` answers one question.",
                 "Use alcove-cli in the terminal: `alcove-cli chat` to talk, or `alcove-cli ask \"…\"` for one question."]),
    "who": dict(
        acts=[],
        asks=["who are you", "what are you", "[which|what] [model|checkpoint|AI|language model|LLM] [are you|is this|am I talking to|am I speaking with|do I talk to|is running|answers me|is loaded]", "who am I [talking|speaking|writing|chatting] [to|with]", "[introduce|describe|explain] yourself", "tell me [about|something about] yourself", "what is this {ckpt}", "what is the starter",
              "who is [this|there|answering|speaking|writing]", "[which|what] {ckpt} is [this|active|in use|loaded|the current one|running now]", "what kind of [AI|model|assistant|thing|bot] are you", "are you the [starter|starter model|starter checkpoint]"],
        answers=["I am the starter, a small language model that comes with Alcove. I can talk about Alcove, tell short stories and explain common words.",
                 "I am Alcove's starter: a very small model in the style of MobiLlama, here so that you can chat at once."]),
    "not_mobillama": dict(
        acts=[],
        asks=["are you [MobiLlama|MobiLlama-0.5B|MobiLlama 0.5B|the real MobiLlama|MobiLlama-05B-Chat|the big MobiLlama|a MobiLlama]", "is this [MobiLlama|MobiLlama-0.5B|the real MobiLlama]", "[are you|is this] [ChatGPT|GPT-4|GPT|Claude|Gemini|Siri|Alexa|Llama|a big model|a large model|Copilot|an OpenAI model|Mistral|Bard]", "do I talk to [MobiLlama|ChatGPT|GPT|Claude]", "you are [MobiLlama|ChatGPT], right"],
        answers=["No. I am the starter, a much smaller model that comes with Alcove. Larger checkpoints such as MobiLlama can be added from the menu (Ctrl+K).",
                 "No, I am only the small starter of Alcove. I share MobiLlama's design, but MobiLlama itself is much larger; add it with Ctrl+K."]),
    "better": dict(
        acts=["[get|have|receive] [better|smarter|cleverer|more intelligent|more useful|longer|wiser|more detailed] [answers|replies|responses]", "make you [smarter|better|cleverer|more intelligent|wiser|know more]", "[improve|upgrade] [you|the answers|your answers|your knowledge]"],
        asks=["why [are you so|are you|aren't you very] [dumb|stupid|limited|small|simple|bad|weak|clever|smart|ignorant]", "why [don't|do] you [know|understand] [so little|much|more|anything|that|so few things]", "why can't you answer [that|my question|more|everything|this]", "you [know|understand] [nothing|very little|so little|not much]", "what are your [limits|limitations|weaknesses]",
              "what can't you do", "do you know [everything|a lot|much]", "how [smart|clever|good|intelligent|reliable] are you", "is there a [better|smarter|cleverer|bigger] [model|version|one] than you", "I need [a smarter model|better answers|smarter answers|more than this]"],
        answers=["I am only the small starter and know little. For better answers add a larger checkpoint from the menu (Ctrl+K).",
                 "I am very small: the starter knows Alcove, short stories and common words. A larger checkpoint, added with Ctrl+K, can do more."]),
    "size": dict(
        acts=[],
        asks=["how [big|large|small|heavy] are you", "how many parameters [do you have|have you got|are in you|has the starter]", "[what|how big] is your [size|number of parameters|file|parameter count]", "how much [memory|space|room|disk space] do you [need|take|use]", "how many [layers|weights] do you have", "are you [big|small|a small model|large]", "how many megabytes are you"],
        answers=["I have about 1.6 million parameters, a file of some three megabytes. MobiLlama-0.5B is more than 300 times as large.",
                 "I am small: about 1.6 million parameters in 6 layers that share one feed-forward block."]),
    "trained": dict(
        acts=[],
        asks=["how [were|was] you [made|trained|built|created|taught|produced]", "what [were|was] you trained on", "what is your training data", "[where|from what] did you learn [this|that|to talk|English|all this]", "on what [data|texts] [were you|are you] trained", "who trained you", "how did you learn [to talk|to write|English|to speak|this]", "where does your knowledge come from", "how long did your training take", "what data [was|were] you [trained|made] [on|from]",
              "can I train you myself", "is your training [open|public|repeatable]"],
        answers=["I was trained from nothing on two processor cores, on texts written for Alcove and definitions from WordNet. Everything to repeat it is in resources/starter.",
                 "I was trained in the open, on dialogues made for Alcove and on WordNet. Data, code and all figures are in resources/starter."]),
    "learning": dict(
        acts=[],
        asks=["do you learn [from me|from this|from what I say|from our {chats}|while we talk|from my messages|from what I write|from what I tell you|over time]", "[will|do|are] [my|our|these] {chats} [be |][used to train you|used for training|train you|make you smarter]", "are you [trained|learning] [on|from] my [data|{chats}|messages|texts]", "can I teach you [something|a word|things|new things]", "will you remember me [tomorrow|next time|in another {chat}|later]", "do you get smarter [with time|when we talk|over time]",
              "do you [remember|know] [what I said yesterday|other {chats}|our last {chat}|me from last time]"],
        answers=["No, I do not learn from you. Your conversations are never used for training, and each conversation begins afresh.",
                 "No. My weights never change: I do not learn from conversations and know only the one we are in."]),
    "internet": dict(
        acts=[],
        asks=["can you [search|look things up|look something up|google|browse|surf|look it up|find something|check something] [online|on the internet|on the web|in the internet|for me online|the web|the internet]", "can you [browse|search] [the web|the internet|Wikipedia|online]", "do you have access to [the internet|the web|Google|Wikipedia|my files|my camera|my documents|news]", "are you [online|connected to the internet|on the internet]",
              "can you [open|read|see] [a website|web pages|my files|my documents|a link|my screen|a PDF]", "can you [see|hear|watch] me", "google something for me", "search the web"],
        answers=["No, I cannot look anything up: I never connect to the internet and see only what you write here.",
                 "No. I have no internet and cannot see your files; I only read what you write in this conversation."]),
    "alcove": dict(
        acts=[],
        asks=["what is {app}", "what is Alcove[ exactly| for| good for| all about|]", "what does {app} do", "what [can|do] I [do|use] [with {app}|{app} for|in {app}]", "[tell me|say something] about {app}", "explain {app}[ to me| to a child| to my mother| in one sentence| simply|]", "describe {app}", "Alcove", "why [should I use|use|choose] {app}", "what kind of [program|app|software] is [this|{app}]", "what is [this|this program|this app] [for|good for|about]", "who is {app} for", "what makes {app} [special|different]",
              "why is it called Alcove", "what did I [install|start|open] here", "what is this"],
        answers=["Alcove is a private chat app: small language models such as MobiLlama run on your own computer, and nothing leaves it.",
                 "Alcove is a private chat program. It runs MobiLlama models on your own graphics card, without a network or an account."]),
    "checkpoint": dict(
        acts=[],
        asks=["what is a checkpoint", "what [are|does] [checkpoints|checkpoint mean|a checkpoint mean]", "what do you mean by checkpoint", "explain [checkpoint|checkpoints|what a checkpoint is|the word checkpoint]", "checkpoint", "what's in a checkpoint", "is a checkpoint the same as a model", "what does a checkpoint [contain|hold|consist of]", "what is in [a|the] {ckpt} folder"],
        answers=["A checkpoint is a trained model saved on disk: a folder with its weights, config.json and tokenizer.model.",
                 "A checkpoint is a folder that holds a model's weights, its config.json and its tokenizer."]),
    "formats": dict(
        acts=["[open|load|use|read] [a |][safetensors|safetensors file|PyTorch|PyTorch file|bin file|GGUF|.bin|pytorch_model.bin]"],
        asks=["[which|what] [file |model |checkpoint |][formats|types|file types|kinds of files|kinds of models|kinds of {ckpts}] [are supported|can be opened|do you support|does {app} open|does {app} read|can I use|work|can {app} load]", "does {app} [support|open|read] [safetensors|PyTorch files|PyTorch|bin files]", "what [must|should] a {ckpt} folder [contain|look like|have]", "[which|what] files [does {app} need|are needed|belong to a {ckpt}]", "file formats", "which {ckpts} [work|run|can {app} run|are supported|fit]"],
        answers=["Alcove opens LLaMA and MobiLlama checkpoints in the Hub's layout: config.json, tokenizer.model, and weights as safetensors or PyTorch .bin files.",
                 "A folder with config.json, tokenizer.model and the weights as safetensors or PyTorch .bin: that is what Alcove opens."]),
    "platform": dict(
        acts=["[install|run|use] {app} on [Linux|Ubuntu|Debian|my {pc}|another {pc}]"],
        asks=["does {app} [run|work|exist] on [Linux|Ubuntu|Debian|Windows|a Mac|my phone|Android|Fedora|macOS|a Raspberry Pi]", "[which|what] [operating systems|systems|platforms] [are supported|does {app} run on|do you support|can I use]", "is there [a version|an app] for [Windows|Mac|Linux|Android|Ubuntu|iPhone|my phone]", "can I [run|install|use] {app} on [Ubuntu|Debian|Windows|Linux|a Mac|my phone]", "operating system"],
        answers=["Alcove is made for Linux: Debian 12 and Ubuntu 24.04 or newer.", "It runs on Linux, tested on Debian 12 and Ubuntu 24.04 or newer."]),
    "family": dict(
        acts=[],
        asks=["what are the other starter [models|checkpoints|entries|ones][ in the menu|]", "what [is|are] [starter-step-{s}|step {s}|starter step {s}|the starter-step entries|the steps in the menu|the step checkpoints|the starter-step checkpoints]", "why are there [several|three|more|many] starters[ in the menu|]", "what does starter-step[-{s}|] mean", "why [is there|do I see] a [step {s}|starter-step-{s}|starter step {s}] [in the menu|checkpoint]",
              "what is the difference between the starters", "what are [those|these|the] [starter-step|step] [things|entries|checkpoints|models] [in the menu|for|there]"],
        answers=["They are earlier snapshots of my own training. Choose one with Ctrl+K and see how a model gets better step by step.",
                 "Those are the starter earlier in its training, so that you can see it get better. Switch between them with Ctrl+K."]),
}

for _name in SUBJECTS:
    SUBJECTS[_name]["acts"] += more_wordings.ACTS.get(_name, [])
    SUBJECTS[_name]["asks"] += more_wordings.ASKS.get(_name, [])

NUMBERS = {"n": [str(i) for i in range(2, 400)], "s": ["200", "300", "500", "600", "800", "1000", "1500", "2000", "3000", "5000"]}

FRAMES = ["{howto} {act}{please}"] * 10 + ["{want} {act}{please}"] * 6 + ["{whatkey} {act}{please}"] * 5 + [
    "{act}{please}", "{act}, how", "how {act}", "{act}", "{act}, [is that possible|possible|can I|which key|how does that work|where]",
    "[possible|any way|any chance|a way] to {act}", "[someone|my friend|a friend|they] [said|says|told me] [I|one|you] can {act}, how", "what if I [want|wish|need|have] to {act}",
    "suppose I want to {act}", "I was wondering how to {act}", "where is the [option|button|command|menu|function] to {act}", "does {app} [let|allow] me {act}", "[no idea|not sure|I never know] how to {act}",
    "what [steps|keys] [are needed|do I need] to {act}", "[need|trying|want|wish] to {act}", "it would be [nice|great|good] to {act}", "why can't I {act}", "[how|when] [may|might|will] I {act}", "[will|would] you let me {act}",
    "I am looking for [a way|the way] to {act}", "if I [want|wanted] to {act}, what [do I do|would I do|should I press]", "[remind me|I forgot] how to {act}", "how come I can't {act}", "my [wife|son|colleague|father|friend] wants to {act}"]


def question(subject, rng):
    slots = dict(SLOTS, **NUMBERS)
    kinds = SUBJECTS[subject]
    if kinds["acts"] and rng.random() < 0.6:
        act = expand(rng.choice(kinds["acts"]), rng, slots)
        return expand(rng.choice(FRAMES), rng, dict(slots, act=[act]))
    return expand(rng.choice(kinds["asks"]), rng, slots)


def exchange(rng, subject=None):
    subject = subject or rng.choice(list(SUBJECTS))
    return as_typed(question(subject, rng), rng), rng.choice(SUBJECTS[subject]["answers"])


# After a first answer, people ask for the next thing with fewer words.
SHORT = ["and to {act}", "and {act}", "and how do I {act}", "and how can I {act}", "what about [how to|] {act}", "now I want to {act}", "and if I want to {act}",
         "also, how do I {act}", "thanks, and to {act}", "ok. And to {act}", "great, and how do I {act}"]


def follow_up(rng, subject=None):
    subject = subject or rng.choice([s for s in SUBJECTS if SUBJECTS[s]["acts"]])
    if rng.random() < 0.4:
        return exchange(rng, subject)
    act = expand(rng.choice(SUBJECTS[subject]["acts"]), rng)
    return as_typed(expand(rng.choice(SHORT), rng, {"act": [act]}), rng), rng.choice(SUBJECTS[subject]["answers"])
