"""Very short stories about whatever was asked for, with a beginning, a trouble and a good end."""
from .phrases import as_typed, article, capital, expand
from .small_talk import NAMES

ANIMALS = """fox bear rabbit mouse cat dog owl duck horse frog turtle penguin lion elephant bird hedgehog squirrel wolf
sheep goat cow pig hen snail bee butterfly dolphin whale tiger monkey kitten puppy swan sparrow crow deer beaver otter ant
spider fish crab donkey camel giraffe panda koala mole badger goose parrot lamb seal kangaroo zebra dragon unicorn dinosaur""".split()
PEOPLE = """boy girl child king queen princess prince knight wizard witch fairy giant robot pirate farmer baker sailor fisherman
painter gardener shepherd miller doctor teacher astronaut ghost monster snowman grandmother grandfather mermaid cook clown""".split()
THINGS = """boat star lantern tree cloud key kite ball train bell clock candle book lamp moon flower teapot stone shoe hat umbrella
balloon bridge car bicycle house mirror violin drum spoon pumpkin apple leaf raindrop snowflake river ship computer lighthouse""".split()
PLACES = """in the old forest|on a green meadow|at the edge of a village|at the foot of a hill|in a quiet valley|by a lake|in a small garden
near an old mill|by a river|in a little town by the sea|on a snowy mountain|near a busy harbour|near a house with a red roof""".replace("\n", "|").split("|")
ADJECTIVES = ["little", "brave", "shy", "curious", "kind", "lonely", "small", "merry", "clever", "young", "old", "happy", "tiny", "sleepy"]
LOST = ["a golden key", "a red scarf", "a blue ball", "a silver bell", "a letter", "a warm coat", "an old map", "a shiny button", "a wooden flute", "a basket of apples"]
FRIENDS = ["owl", "mouse", "bear", "hedgehog", "robin", "frog", "squirrel", "rabbit", "turtle", "deer"]
LESSONS = ["a friend makes every road shorter", "even the small can help the great", "it is good to share", "one should never give up", "kind words open every door", "asking for help is brave"]

STARTS = ["Once upon a time there was {A} who lived {place}.", "Long ago, {A} lived {place}.", "There was once {A} who lived {place}."]
NAMED = ["Once upon a time there was {A} called {N} who lived {place}.", "Long ago, {A} called {N} lived {place}."]
PLOTS = [
    "One day the {w} found {thing} in the grass. \"Whose is it?\" asked the {w}, and went from door to door. At last {F} cried: \"That is mine!\" They had tea together, and from then on they were friends.",
    "One night a storm came and the {w} lost the way home. It was dark and cold. Then {F} came with a light and said: \"Follow me.\" Soon the {w} was home again, and they laughed together by the fire.",
    "The {w} wanted to see the sea. The way was long, and the {w} grew tired. \"Climb on,\" said {F}, \"we shall go together.\" In the evening they saw the blue water, and the {w} was happy.",
    "Every evening the {w} sat alone and looked at the stars. One evening {F} sat down there too. \"May I look with you?\" asked {F}. \"Please do,\" said the {w}. After that the {w} was never alone again.",
    "One winter there was nothing to eat. The {w} had only one piece of bread, and gave half of it to {F}. In spring {F} came back with a basket full of berries. They shared it, and everybody had enough.",
    "One morning the {w} heard somebody cry. It was {F}, who had fallen into a hole. The {w} pulled with a long rope, and pulled again, until {F} was free. \"Thank you,\" said {F}. That day they became friends.",
]
ENDS = ["", "", " And so the {w} learned that {lesson}.", " The {w} slept very well that night."]

ASK = ["[tell|write|make up|invent|narrate|give] [me |us |]a [short |little |small |nice |happy |good |new |sweet |]story [about|of|with|for children about] {A}", "[tell|read] [me|us|my child|my son|my daughter|the kids] a [bedtime story|fairy tale|tale|good night story] [about|of|with] {A}",
       "a [story|tale|fairy tale] [about|with|of] {A}", "[can|could|would|will] you [tell|write|make up|invent|give] [me |us |]a [short |little |]story [about|with] {A}", "story about {A}", "I [want|would like|'d love|need] [to hear |]a story [about|with] {A}",
       "do you know a [story|tale|fairy tale] [about|of|with] {A}", "write [something|a few lines|a little] about {A}", "how about a story [with|about] {A}", "{A}, in a story", "let me hear [a story about|about] {A}", "a {w} story",
       "[my|our] [daughter|son|child|kid] wants [a story about {A}|a {w} story|to hear about {A}]", "make {A} the hero of a story", "[another|one more] story, [now|this time] [about|with] {A}", "once upon a time there was {A}", "tell me about {A} who [got lost|found a friend|went to sea|was alone|was hungry]"]
ANY = ["tell [me|us] a [story|short story|tale|little story|fairy tale|bedtime story]", "[a|another|one more] story", "story", "[can|could|would] you tell [me|us] a story", "do you know [a|any] [story|stories|tales]", "I [want|would like|'d like|'d love] [to hear |]a story", "[write|make up|invent|read] [me |]a [story|tale|fairy tale]", "[tell|read] [my child|my kid|my son|my daughter|the children] a [bedtime |]story", "once upon a time",
       "a [bedtime|good night|short|fairy] [story|tale]", "tell me [another|one more|a different] [story|one]", "please tell a [short |]story", "do you tell stories", "can you tell stories"]
FOR_NAME = ["tell [me |]a story about {N}", "a story [about|with|for|of] [a {g} named |a {g} called |]{N}", "make up a story [about|with|for] {N}", "can you tell a story [about|with] a {g} [called|named] {N}", "write a story where {N} is the hero", "a [tale|story] for {N}", "invent a [short |]story about {N}", "give me a [happy|nice|short] story [about|with|for] [a {g} called |a {g} named |]{N}"]


def tell(rng, word, name=None):
    kind = rng.choice(ADJECTIVES) + " " + word if rng.random() < 0.6 else word
    friend = rng.choice([f for f in FRIENDS if f != word])
    start = expand(rng.choice(NAMED if name else STARTS), rng, {"A": [article(kind)], "N": [name or ""], "place": PLACES})
    rest = rng.choice(PLOTS) + rng.choice(ENDS)
    rest = rest.replace("\"{F}", "\"The " + friend).replace("{F}", "{f}")
    seen = rest.find("{f}")
    rest = rest[:seen] + article(friend) + rest[seen + 3:].replace("{f}", "the " + friend)
    hero = name if name else None
    text = rest.replace("{thing}", rng.choice(LOST)).replace("{lesson}", rng.choice(LESSONS))
    if hero:
        text = text.replace("the {w}", hero).replace("The {w}", hero)
    text = text.replace("{w}", word)
    sentences = text.split(". ")
    return start + " " + ". ".join(capital(s) for s in sentences)


def exchange(rng):
    draw = rng.random()
    if draw < 0.15:
        return as_typed(expand(rng.choice(ANY), rng), rng), tell(rng, rng.choice(ANIMALS))
    if draw < 0.27:
        girl_or_boy = rng.choice(["girl", "boy"])
        name = rng.choice(NAMES)
        return as_typed(expand(rng.choice(FOR_NAME), rng, {"N": [name], "g": [girl_or_boy]}), rng), tell(rng, girl_or_boy, name)
    word = rng.choice(rng.choice([ANIMALS, ANIMALS, PEOPLE, THINGS]))
    asked = article(rng.choice(ADJECTIVES) + " " + word) if rng.random() < 0.3 else article(word)
    if rng.random() < 0.1:
        asked += " and " + rng.choice(["a friend", "its friends", "an owl", "the sea", "a mouse"])
    return as_typed(expand(rng.choice(ASK), rng, {"A": [asked], "w": [word]}), rng), tell(rng, word)
