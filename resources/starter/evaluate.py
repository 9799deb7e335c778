"""Judges a checkpoint folder by the held-out questions: `python3 evaluate.py FOLDER [--answers FILE] [--set NAME]`.

Greedy answers, fixed rules. Right: the answer contains one of the question's key facts ("any") and none of what it
must not say ("none"), whatever the case. Clean: it ends by itself within 200 tokens, no five words come twice in the
same order, and every word is one of the corpus' own words or of the question. Perplexity: over the tokens of answers in chats of the
corpus that training never sees (made from another seed).
"""
import argparse
import json
import math
import os
import re
import struct

import numpy
import sentencepiece
import torch

from data import build, rendering
from model import Config, MobiLlama

HERE = os.path.dirname(os.path.abspath(__file__))


def read_safetensors(path):
    with open(path, "rb") as file:
        blob = file.read()
    size = struct.unpack_from("<Q", blob)[0]
    header = json.loads(blob[8:8 + size])
    header.pop("__metadata__", None)
    return {name: torch.from_numpy(numpy.frombuffer(blob[8 + size:][slice(*entry["data_offsets"])], dtype=numpy.float16)
                                   .reshape(entry["shape"]).astype(numpy.float32)) for name, entry in header.items()}


def open_checkpoint(folder):
    """The model of a folder that export.py wrote, and its tokenizer."""
    with open(os.path.join(folder, "config.json")) as file:
        described = json.load(file)
    stored = read_safetensors(os.path.join(folder, "model.safetensors"))
    blocks = sum(name.endswith("mlp.gate_proj.weight") for name in stored)
    model = MobiLlama(Config(
        vocab_size=described["vocab_size"], hidden_size=described["hidden_size"], intermediate_size=described["intermediate_size"],
        num_layers=described["num_hidden_layers"], num_heads=described["num_attention_heads"],
        context=described["max_position_embeddings"], shared_ffn=blocks == 1))
    import export
    with torch.no_grad():
        for name, parameter in export.hub_tensors(model).items():
            parameter.copy_(stored[name])
    return model.eval(), sentencepiece.SentencePieceProcessor(model_file=os.path.join(folder, "tokenizer.model"))


def questions(name):
    with open(os.path.join(HERE, "heldout", name), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def before_turn(text):
    """What of a text comes before the marker of a turn, as the template's "stop" has it."""
    return re.split(r"### (?:Human|Assistant):", text)[0]


def answer(model, tokenizer, turns, question, most=200):
    """The greedy answer and whether it ended by itself: at </s>, or where the next turn would begin."""
    ended = []

    def stop(token, written):
        text = tokenizer.decode(written + [token])
        if token == build.EOS or before_turn(text) != text:
            ended.append(True)
        return bool(ended)
    ids = [build.BOS] + tokenizer.encode(rendering.prompt(turns, question))
    written = model.generate(ids, most, stop)
    return before_turn(tokenizer.decode(written)).strip(), bool(ended)


def words(text):
    return re.findall(r"[a-z]+", text.lower().replace("'", ""))


def own_words():
    """Every word in the templates and definitions of the corpus."""
    known = set()
    folder = os.path.join(HERE, "data")
    for name in os.listdir(folder):
        if name.endswith((".py", ".tsv")):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read()
            known |= set(words(text))
            known |= set(words(text.replace("\\n", " ")))
    return known


def is_clean(text, ended, question, known):
    said = words(text)
    fives = [tuple(said[i:i + 5]) for i in range(len(said) - 4)]
    return bool(said) and ended and len(fives) == len(set(fives)) and set(said) <= known | set(words(question))


def is_right(text, row):
    low = text.lower()
    return any(fact in low for fact in row["any"]) and not any(fact in low for fact in row.get("none", []))


def judge(model, tokenizer, rows, most=200, write=lambda line: None):
    known = own_words()
    report = {}
    for row in rows:
        turns = []  # of a dialogue: what was said before, with the model's own answers
        for asked in row.get("turns", [row]):
            text, ended = answer(model, tokenizer, turns, asked["question"], most)
            right, clean = is_right(text, asked), is_clean(text, ended, asked["question"], known)
            write({"category": row["category"], "question": asked["question"], "answer": text, "right": right, "clean": clean})
            turns.append((asked["question"], text))
            for name in (row["category"], "all"):
                count = report.setdefault(name, {"asked": 0, "right": 0, "clean": 0})
                count["asked"] += 1
                count["right"] += right
                count["clean"] += clean
    return report


@torch.no_grad()
def perplexity(model, tokenizer, chats=300, seed="held out"):
    corpus = build.Corpus(seed)
    total, count = 0.0, 0
    for i in range(chats):
        tokens, targets, ours = build.encoded(corpus.chat(corpus.random("perplexity", i)), tokenizer)
        tokens, targets, ours = (x[:model.config.context] for x in (tokens, targets, ours))
        scores = model.logits(model(torch.tensor([tokens])))[0]
        each = torch.nn.functional.cross_entropy(scores, torch.tensor(targets), reduction="none")[torch.tensor(ours)]
        total, count = total + float(each.sum()), count + len(each)
    return math.exp(total / count)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder")
    arguments.add_argument("--set", nargs="*", default=["questions.jsonl", "dialogues.jsonl"], help="files of heldout/")
    arguments.add_argument("--answers", help="where to write the answers, one JSON line each")
    arguments.add_argument("--threads", type=int, default=2)
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)
    opened, pieces = open_checkpoint(options.folder)
    lines = []
    result = judge(opened, pieces, [row for name in options.set for row in questions(name)], write=lines.append)
    if options.answers:
        with open(options.answers, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    for name, count in result.items():
        print("%-8s %3d asked  %5.1f %% right  %5.1f %% clean" % (
            name, count["asked"], 100 * count["right"] / count["asked"], 100 * count["clean"] / count["asked"]))
    print("perplexity of held-out chats' answers: %.3f" % perplexity(opened, pieces))
