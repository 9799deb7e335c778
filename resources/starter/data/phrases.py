"""The small language of the templates, and the untidiness of people who type.

[a|b|] picks one of the alternatives (the last one here is empty), {slot} one of a slot's words; both nest.
"""
import re

SLOTS = {
    "app": ["Alcove", "Alcove", "this app", "the app", "this program", "the program", "this application", "this thing"],
    "ckpt": ["checkpoint", "checkpoint", "model", "model", "[language |AI ]model", "LLM", "set of weights"],
    "ckpts": ["checkpoints", "models", "language models", "LLMs"],
    "other": ["another", "another", "a different", "some other", "a new", "a second", "the other", "a better"],
    "chat": ["conversation", "chat", "conversation", "chat", "thread", "discussion", "dialogue"],
    "chats": ["conversations", "chats", "conversations", "chats", "messages", "threads", "talks", "chat history",
              "history", "discussions"],
    "pc": ["computer", "machine", "PC", "laptop", "disk", "hard drive", "device", "system"],
    "key": ["key", "shortcut", "keyboard shortcut", "hotkey", "key combination", "keys", "keystroke", "combo"],
    "howto": ["how do I", "how do I", "how can I", "how to", "how would I", "how do you", "how does one", "how could I",
              "how should I", "what do I do to", "what must I do to", "what's the way to", "is there a way to", "how am I supposed to",
              "can you tell me how to", "could you explain how to", "tell me how to", "show me how to",
              "i want to know how to", "please explain how to", "what is the best way to", "what's the easiest way to",
              "i don't know how to", "I can't figure out how to", "do you know how to", "help me", "what is the trick to"],
    "want": ["I want to", "I'd like to", "I would like to", "I need to", "let me", "I wish to", "I'm trying to",
             "I have to", "can I", "could I", "may I", "is it possible to", "am I able to", "I would love to",
             "can one", "am I allowed to"],
    "whatkey": ["what's the {key} to", "what is the {key} to", "which {key} do I press to", "which {key} will",
                "what {key} do I use to", "is there a {key} to", "which {key} lets me", "what do I press to",
                "what do I click to", "where do I click to", "which {key} is there to", "what button do I press to",
                "which button do I use to", "tell me the {key} to", "with which {key} can I", "where can I",
                "where do I go to", "where in {app} can I"],
    "please": ["", "", "", "", "", " please", " pls", ", please", " now", " here", " in {app}", " in Alcove", " with {app}"],
}


def expand(text, rng, slots=SLOTS):
    """One phrase of the template `text`."""
    while True:
        found = re.search(r"\{(\w+)\}", text)
        if not found:
            break
        text = text[:found.start()] + rng.choice(slots[found.group(1)]) + text[found.end():]
    while True:
        found = re.search(r"\[([^\[\]]*)\]", text)
        if not found:
            break
        text = text[:found.start()] + rng.choice(found.group(1).split("|")) + text[found.end():]
    return re.sub(r"  +", " ", text).strip()


OPENINGS = ["hi, ", "hello, ", "hey, ", "hey ", "ok, ", "okay, ", "so, ", "so ", "um, ", "one question: ", "question: ",
            "quick question: ", "please tell me, ", "tell me, ", "say, ", "sorry, ", "excuse me, ", "well, ", "oh, ",
            "and ", "now ", "I have a question. ", "just wondering, ", "by the way, ", "help! ", "help: ", "hm, ",
            "Hi there! ", "Dear starter, ", "be honest, ", "quickly: ", "seriously, ", "oh no, ", "good, ", "right, ",
            "I am new here. ", "this is my first day with {app}. ", "I am confused, ", "next, "]
ENDINGS = [" please", ", please", " thanks", ", thank you", " pls", ", can you help?", " I don't get it", " ?", "??",
           "!", "...", " :)", ", any idea?", ", do you know?", " exactly", ", exactly", " really", " actually", " anyway",
           " by the way", ", if I may ask", " then", " again", ", in short", " right now", ", I wonder", " at all",
           ", tell me"]


def slip(text, rng):
    """One typing mistake somewhere in a longer word."""
    places = [m for m in re.finditer(r"[a-z]{4,}", text)]
    if not places:
        return text
    word = rng.choice(places)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1:]
    if kind == 1:
        return text[:at] + text[at + 1] + text[at] + text[at + 2:]
    return text[:at] + text[at] + text[at:]


SMALL_WORDS = set("the a an to do i my is of for in you can it this that please".split())
ASIDES = ["I am on my laptop.", "My friend gave me this program.", "I have used it for a week.", "Sorry to bother you.", "It is late.", "I like it here.",
          "My cat walked over the keyboard.", "I read the page twice.", "There is something I want to know.", "I installed it today.", "I am not good with computers.",
          "My boss is waiting.", "This is for my work.", "I tried everything.", "You may find this a silly question.", "Just a small thing."]


def hurried(text, rng):
    """Without some of the small words."""
    words = [w for w in text.split(" ") if w.lower() not in SMALL_WORDS or rng.random() < 0.5]
    return " ".join(words) if len(words) > 1 else text


def as_typed(text, rng, question=True):
    """`text` as one of many people would type it."""
    if question and rng.random() < 0.08:
        text = hurried(text, rng)
    if rng.random() < 0.22:
        text = expand(rng.choice(OPENINGS), rng) + " " + (text if rng.random() < 0.5 else text[0].lower() + text[1:])
    if rng.random() < 0.12:
        text = text.rstrip("?.! ") + rng.choice(ENDINGS)
    if rng.random() < 0.55:
        text = text[0].upper() + text[1:]
    elif rng.random() < 0.5:
        text = text.lower()
    if question and text[-1].isalnum():
        asks = re.search(r"\b(how|what|which|where|who|why|when|can|could|is|are|do|does|may|will|would|am|must|should|did|have|has)\b",
                         text[:24].lower())
        text += rng.choice(["?", "?", "?", ""] if asks else [".", ".", "", ""])
    if rng.random() < 0.08:
        text = slip(text, rng)
    if question and rng.random() < 0.03:
        text = rng.choice(ASIDES) + " " + text
    if rng.random() < 0.02:
        text = text.upper()
    return text


def article(noun):
    return ("an " if noun[0].lower() in "aeiou" else "a ") + noun


def capital(text):
    return text[0].upper() + text[1:]
