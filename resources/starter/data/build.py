"""The corpus as a stream: every training step's batch is made from (seed, step) alone, so nothing has to be stored.

`python3 -m data.build --show 20` prints chats; `--tokenizer FOLDER` trains the SentencePiece vocabulary.
"""
import argparse
import io
import json
import os
import random
import re

from . import conversations, rendering

HELD_OUT = [os.path.join(os.path.dirname(__file__), "..", "heldout", name) for name in ("questions.jsonl", "development.jsonl")]
BOS, EOS, IGNORED = 1, 2, -100


def bare(text):
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def held_out():
    """The questions kept for judging, so plainly written that case and punctuation do not matter."""
    questions = set()
    for path in HELD_OUT:
        with open(path, encoding="utf-8") as file:
            questions |= {bare(json.loads(line)["question"]) for line in file}
    return questions


class Corpus:
    def __init__(self, seed):
        self.seed = seed
        self.kept_out = held_out()

    def random(self, *place):
        return random.Random("%s/%s" % (self.seed, "/".join(map(str, place))))

    def chat(self, rng, make=conversations.chat):
        """A chat with no held-out question in it."""
        while True:
            turns = make(rng)
            if not any(bare(question) in self.kept_out for question, _ in turns):
                return turns


def encoded(chat, tokenizer):
    """Token ids of a chat after <s>, the id to predict at each place, and whether that id is of an answer."""
    tokens, answered = [BOS], [False]
    for turn, (question, answer) in enumerate(chat):
        part = tokenizer.encode(rendering.prompt([], question))
        tokens += part if turn == 0 else part[1:]  # a text begins with one "▁"; its later turns do not
        answered += [False] * (len(tokens) - len(answered))
        tokens += tokenizer.encode(answer)
        answered += [True] * (len(tokens) - len(answered))
    targets, ours = tokens[1:] + [EOS], answered[1:] + [True]
    for place in range(len(tokens) - 1):
        if answered[place] and not answered[place + 1]:  # every answer ends in </s>, also where the chat goes on
            targets[place], ours[place] = EOS, True
    return tokens, targets, ours


def packed(corpus, tokenizer, rng, rows, length, make):
    """`rows` lists of encoded chats, each list at most `length` tokens long; nearly no place is wasted."""
    filled, room, misses = [[] for _ in range(rows)], [length] * rows, 0
    while misses < 6:
        piece = encoded(corpus.chat(rng, make), tokenizer)
        row = next((i for i in range(rows) if room[i] >= len(piece[0])), None)
        if row is None:
            misses += 1
            continue
        filled[row].append(piece)
        room[row] -= len(piece[0])
    return filled


def tokenizer_text(corpus, chats):
    lines = []
    rng = corpus.random("tokenizer")
    for _ in range(chats):
        for question, answer in corpus.chat(rng):
            lines += ["### Human: " + question, "### Assistant: " + answer]
    return lines


def train_tokenizer(folder, seed, vocab_size, chats):
    """A BPE vocabulary with byte fallback and LLaMA's settings: text is taken as it is."""
    import sentencepiece
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(tokenizer_text(Corpus(seed), chats)), model_writer=model, model_type="bpe", vocab_size=vocab_size,
        byte_fallback=True, split_digits=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        character_coverage=1.0, num_threads=1, unk_id=0, bos_id=1, eos_id=2, pad_id=-1, minloglevel=2)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "tokenizer.model"), "wb") as file:
        file.write(model.getvalue())


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--show", type=int, default=0)
    arguments.add_argument("--tokenizer")
    arguments.add_argument("--vocab", type=int, default=2048)
    options = arguments.parse_args()
    corpus = Corpus(options.seed)
    for i in range(options.show):
        for question, answer in corpus.chat(corpus.random("show", i)):
            print("> %s\n%s" % (question, answer))
        print()
    if options.tokenizer:
        train_tokenizer(options.tokenizer, options.seed, options.vocab, 20000)
