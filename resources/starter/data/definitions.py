"""What common words mean: the glosses of WordNet 3.0 (Debian's wordnet-base; its licence is in WORDNET-LICENSE).

`python3 -m data.definitions` writes wordnet.tsv (word, definition) from /usr/share/wordnet; that small file is kept
beside this one, so that the corpus can be made without the package.
"""
import os
import re

from .phrases import article, as_typed, capital, expand

# A word, or word:sense where the first sense of WordNet is not the everyday one.
WORDS = """river mountain island forest desert valley lake beach hill ocean cave garden waterfall volcano cloud rain snow
wind ice fire star moon sun tree flower grass leaf fruit apple banana:2 orange lemon grape bread butter cheese
milk soup honey sugar salt rice potato tomato carrot onion cake:3 chocolate tea coffee juice water dog cat
horse cow sheep pig fox lion tiger:2 elephant monkey bird owl duck swan fish whale:2 frog snake turtle:2
spider bee ant butterfly house door window roof wall room kitchen bridge road street tower castle church:2
school library museum hospital farm village city table:2 chair bed lamp mirror clock key lock hammer:2 knife
fork spoon cup bottle box basket bag book letter newspaper dictionary pen pencil computer camera violin piano
guitar drum flute trumpet ship boat train bicycle car bus airplane wheel engine hat coat shirt
umbrella doctor nurse teacher farmer baker king queen:2 soldier sailor friend mother father brother sister
child neighbor hand foot head eye ear nose mouth heart:2 blood bone finger tooth hair song dance game toy ball
gift story poem""".split()

KEPT = os.path.join(os.path.dirname(__file__), "wordnet.tsv")


def first_gloss(word, folder="/usr/share/wordnet"):
    name, _, sense = word.partition(":")
    with open(os.path.join(folder, "index.noun")) as index:
        line = next(line for line in index if line.startswith(name + " "))
    fields = line.split()
    offsets = [f for f in fields if re.fullmatch(r"\d{8}", f)]
    with open(os.path.join(folder, "data.noun")) as data:
        data.seek(int(offsets[int(sense or 1) - 1]))
        return data.readline().split(" | ", 1)[1].strip()


def cleaned(gloss):
    """The definition proper: no examples, no brackets, one clause, at most 18 words."""
    text = gloss.split('; "')[0].split(' "')[0]
    text = re.sub(r"\s*\([^)]*\)", "", text).split(";")[0].split(" -- ")[0].split(": ")[0].replace(" etc.", "").strip(" ,:")
    words = text.split()
    if len(words) > 18:
        cut = max((i for i, w in enumerate(words[:18]) if w.endswith(",")), default=-1)
        text = " ".join(words[:cut + 1]).rstrip(",") if cut >= 4 else " ".join(words)
    return text


def load():
    with open(KEPT, encoding="utf-8") as kept:
        return dict(line.rstrip("\n").split("\t") for line in kept if not line.startswith("#"))


DETERMINERS = set("a an the any one someone something each".split())
UNCOUNTED = set("rain snow wind ice fire grass fruit bread butter cheese milk soup honey sugar salt rice cake chocolate tea coffee juice water hair blood music paper".split())
THE = set("sun moon".split())


def definition(word, gloss):
    bare = gloss.split()[0] in DETERMINERS or word in UNCOUNTED | {"desert", "train", "fork"}
    return "%s is %s." % (capital(subject(word)), gloss if bare else article(gloss))


def subject(word):
    return word if word in UNCOUNTED else "the " + word if word in THE else article(word)


ASK = ["what is {A}", "what is {A}", "what's {A}", "what does [the word |]\"{w}\" mean", "what does {w} mean", "define {w}", "define the word {w}", "explain [the word |]{w}", "explain what {A} is", "what is the meaning of {w}", "meaning of [the word |]{w}", "definition of [the word |]{w}", "{w}: definition", "definition: {w}", "[can|could] you [explain|tell me|define] what {A} is",
       "tell me what {A} is", "[can|could|would] you define {w}", "what [exactly |really |]is {A}", "do you know what {A} is", "what do you call {A}", "what is meant by {w}", "what's meant by \"{w}\"", "give me [a|the] definition of {w}", "how would you [describe|define|explain] {A}", "I don't know what {A} is", "the word {w}, what does it mean", "what kind of thing is {A}", "what sort of thing is {A}",
       "what do people mean [by|when they say] {w}", "what does a dictionary say about {w}", "describe {A}", "{A} is what", "explain {A} in simple words", "what is {A}, in simple words", "what [means|would be] {A}", "do you have a definition of {w}", "what, in short, is {A}", "define {w} for me", "I never [understood|learned] what {A} is", "what does the word {w} stand for", "so what is {A}"]


def question(word, rng):
    return as_typed(expand(rng.choice(ASK), rng, {"A": [subject(word)], "w": [word]}), rng)


def exchange(rng, known=load() if os.path.exists(KEPT) else {}):
    word = rng.choice(list(known))
    return question(word, rng), definition(word, known[word])


if __name__ == "__main__":
    with open(KEPT, "w", encoding="utf-8") as kept:
        kept.write("# From WordNet 3.0, Copyright 2006 by Princeton University; see WORDNET-LICENSE.\n")
        for word in WORDS:
            kept.write("%s\t%s\n" % (word.partition(":")[0], cleaned(first_gloss(word))))
