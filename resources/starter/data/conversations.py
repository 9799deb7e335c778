"""One chat of the corpus: a single exchange or several, as people hold them."""
from . import about_alcove, beyond, definitions, small_talk, stories

# The corpus by weight. About Alcove most: that is what the starter must get right.
SINGLE = [(about_alcove.exchange, 50), (small_talk.exchange, 13), (stories.exchange, 10), (definitions.exchange, 15), (beyond.exchange, 12)]


def pick(rng, weighted):
    return rng.choices([f for f, _ in weighted], [w for _, w in weighted])[0]


def story_again(rng):
    said = rng.choice(["another one", "one more", "another one please", "and another story?", "that was nice, one more?", "again please", "More!", "tell me one more", "next one"])
    return said, stories.tell(rng, rng.choice(stories.ANIMALS))


def several(rng):
    turns = []
    if rng.random() < 0.3:
        turns.append(small_talk.greeting(rng))
    for _ in range(rng.randint(1, 3)):
        kind = pick(rng, SINGLE)
        turns.append(kind(rng))
        if kind is about_alcove.exchange:
            while rng.random() < 0.45:
                turns.append(about_alcove.follow_up(rng))
        elif kind is stories.exchange and rng.random() < 0.4:
            turns.append(story_again(rng))
    if rng.random() < 0.3:
        turns.append(small_talk.thanks(rng))
    if rng.random() < 0.15:
        turns.append(small_talk.farewell(rng))
    return turns


def long(rng):
    turns = several(rng)
    for _ in range(rng.randint(2, 5)):
        turns += several(rng)
    return turns


def chat(rng):
    """A list of (what the person wrote, what the starter answered)."""
    draw = rng.random()
    if draw < 0.78:
        return [pick(rng, SINGLE)(rng)]
    return several(rng) if draw < 0.98 else long(rng)
