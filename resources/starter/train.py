"""Trains the starter: `python3 train.py --out FOLDER`. Started again on the same folder it goes on where it was.

FOLDER gets tokenizer.model, log.jsonl (one line every 20 steps), state.pt (every few minutes and at the end) and
step-N.pt (snapshots). `--smoke` runs the whole pipeline, small, in a temporary folder: corpus, vocabulary, training,
stopping, resuming, export, evaluation.
"""
import argparse
import dataclasses
import json
import math
import os
import signal
import sys
import tempfile
import time

# Large buffers are used again instead of being given back to the system at every step: 1.5 times as fast.
for variable, value in (("MALLOC_MMAP_THRESHOLD_", "4000000000"), ("MALLOC_TRIM_THRESHOLD_", "8000000000"),
                        ("OMP_WAIT_POLICY", "passive")):
    if variable not in os.environ:
        os.environ[variable] = value
        RESTART = True
if __name__ == "__main__" and globals().get("RESTART"):
    os.execv(sys.executable, [sys.executable] + sys.argv)

import sentencepiece  # noqa: E402
import torch  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from data import build, conversations  # noqa: E402
from model import Config, MobiLlama  # noqa: E402
from optimiser import Optimiser  # noqa: E402

QUESTION_WEIGHT = 0.05 # what people write is learned a little too: it teaches which words belong together
LONG_EVERY = 8         # every eighth batch holds longer chats in rows of twice the length


def tensors(filled, length):
    """Rows of packed chats as tokens, targets, weights [B, T] and the mask [B, 1, T, T] that parts the chats."""
    rows = len(filled)
    tokens = torch.zeros(rows, length, dtype=torch.long)
    targets = torch.full((rows, length), build.IGNORED)
    weights = torch.zeros(rows, length)
    owner = torch.full((rows, length), -1)
    for row, pieces in enumerate(filled):
        place = 0
        for number, (ids, wanted, ours) in enumerate(pieces):
            end = place + len(ids)
            tokens[row, place:end] = torch.tensor(ids)
            targets[row, place:end] = torch.tensor(wanted)
            weights[row, place:end] = torch.tensor([1.0 if o else QUESTION_WEIGHT for o in ours])
            owner[row, place:end] = number
            place = end
    seen = (owner[:, :, None] == owner[:, None, :]).tril()
    return tokens, targets, weights, torch.zeros(seen.shape).masked_fill_(~seen, -1e9)[:, None]


def batch_of(corpus, tokenizer, options, step, place="train"):
    rng = corpus.random(place, step)
    rows, length, make = options.rows, options.length, conversations.chat
    if step % LONG_EVERY == LONG_EVERY - 1:
        rows, length = max(1, rows // 2), length * 2
        make = lambda r: conversations.long(r) if r.random() < 0.3 else conversations.several(r)  # noqa: E731
    return tensors(build.packed(corpus, tokenizer, rng, rows, length, make), length)


def losses(model, batch, bf16=False):
    """The weighted loss, and the plain mean over the tokens of answers. `bf16`: matrix products in bfloat16."""
    tokens, targets, weights, mask = batch
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        scores = model.logits(model(tokens, mask)).float()
    each = F.cross_entropy(scores.flatten(0, 1), targets.flatten(), ignore_index=build.IGNORED, reduction="none")
    weights = weights.flatten()
    ours = weights == 1.0
    return (each * weights).sum() / weights.sum(), float(each.detach()[ours].mean())


def rate_fraction(step, options):
    """Warm-up, constant, then a straight line down to nothing from --decay-from to --steps."""
    if step < options.warmup:
        return (step + 1) / options.warmup
    if step < options.decay_from:
        return 1.0
    return max(0.0, (options.steps - step) / max(1, options.steps - options.decay_from))


@torch.no_grad()
def validate(model, batches):
    model.eval()
    result = sum(losses(model, batch)[1] for batch in batches) / len(batches)
    model.train()
    return result


def save(path, model, optimiser, step, tokens):
    state = {"config": dataclasses.asdict(model.config), "model": model.state_dict(), "step": step, "tokens": tokens}
    if optimiser is not None:
        state["optimiser"] = optimiser.state()
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)


def train(options):
    os.makedirs(options.out, exist_ok=True)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    pieces = os.path.join(options.out, "tokenizer.model")
    if not os.path.exists(pieces):
        build.train_tokenizer(options.out, options.seed, options.vocab, options.tokenizer_chats)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=pieces)
    config = Config(vocab_size=tokenizer.vocab_size(), hidden_size=options.hidden, intermediate_size=options.ffn,
                    num_layers=options.layers, num_heads=options.heads, context=options.length * 2,
                    shared_ffn=not options.unshared)
    model = MobiLlama(config)
    optimiser = Optimiser(model, options.matrix_rate, options.other_rate, options.bf16)
    start, seen = 0, 0
    state_file = os.path.join(options.out, "state.pt")
    if os.path.exists(state_file):
        state = torch.load(state_file)
        model.load_state_dict(state["model"])
        optimiser.restore(state["optimiser"])
        start, seen = state["step"], state["tokens"]
    corpus = build.Corpus(options.seed)
    checks = [batch_of(corpus, tokenizer, options, i, "validation") for i in range(options.checks)]
    log = open(os.path.join(options.out, "log.jsonl"), "a", buffering=1)
    log.write(json.dumps({"start": start, "parameters": model.unique_parameters(), "config": dataclasses.asdict(config),
                          "options": vars(options)}) + "\n")
    stopping = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    saved, since, mean, count = time.time(), time.time(), 0.0, 0
    step = start
    while step < options.steps and not stopping and step < options.stop_at:
        batch = batch_of(corpus, tokenizer, options, step)
        loss, ours = losses(model, batch, options.bf16)
        if not math.isfinite(ours):
            raise SystemExit("The loss is not a number any more at step %d." % step)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step(rate_fraction(step, options))
        used = int((batch[1] != build.IGNORED).sum())
        step, seen, mean, count = step + 1, seen + used, mean + ours, count + 1
        if step % options.log_every == 0:
            line = {"step": step, "tokens": seen, "loss": round(mean / count, 4), "seconds": round(time.time() - since, 1),
                    "rate": round(rate_fraction(step - 1, options), 4)}
            if step % options.check_every == 0:
                line["validation"] = round(validate(model, checks), 4)
            log.write(json.dumps(line) + "\n")
            since, mean, count = time.time(), 0.0, 0
        if step in options.snapshots or (options.snapshot_every and step % options.snapshot_every == 0):
            save(os.path.join(options.out, "step-%d.pt" % step), model, None, step, seen)
        if time.time() - saved > options.save_minutes * 60:
            save(state_file, model, optimiser, step, seen)
            saved = time.time()
    save(state_file, model, optimiser, step, seen)
    log.write(json.dumps({"end": step, "tokens": seen, "validation": round(validate(model, checks), 4)}) + "\n")
    return model, tokenizer


def parser():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = arguments.add_argument
    add("--out", default="starter-training", help="folder of the run")
    add("--smoke", action="store_true")
    add("--seed", type=int, default=1)
    add("--steps", type=int, default=4000)
    add("--decay-from", type=int, default=2800, dest="decay_from")
    add("--stop-at", type=int, default=10**9, dest="stop_at", help="pause after this step")
    add("--warmup", type=int, default=40)
    add("--rows", type=int, default=8)
    add("--length", type=int, default=256)
    add("--vocab", type=int, default=2048)
    add("--tokenizer-chats", type=int, default=20000, dest="tokenizer_chats")
    add("--hidden", type=int, default=192)
    add("--ffn", type=int, default=512)
    add("--layers", type=int, default=6)
    add("--heads", type=int, default=6)
    add("--unshared", action="store_true", help="one feed-forward block per layer")
    add("--matrix-rate", type=float, default=0.02, dest="matrix_rate")
    add("--other-rate", type=float, default=0.003, dest="other_rate")
    add("--bf16", action="store_true", help="matrix products in bfloat16: twice as fast on processors with AVX512-BF16")
    add("--threads", type=int, default=2)
    add("--checks", type=int, default=6, help="batches of the validation set")
    add("--check-every", type=int, default=100, dest="check_every")
    add("--log-every", type=int, default=20, dest="log_every")
    add("--snapshots", type=int, nargs="*", default=[50])
    add("--snapshot-every", type=int, default=100, dest="snapshot_every")
    add("--save-minutes", type=float, default=2.0, dest="save_minutes")
    return arguments


def smoke(options):
    """Everything once, small; fails where the parts do not fit together."""
    import evaluate
    import export
    with tempfile.TemporaryDirectory() as folder:
        options.out = os.path.join(folder, "run")
        for name, value in dict(steps=24, decay_from=16, rows=2, length=96, vocab=640, tokenizer_chats=300, hidden=32, ffn=64,
                                layers=2, heads=2, checks=1, check_every=12, log_every=4, snapshots=[], snapshot_every=12).items():
            setattr(options, name, value)
        options.stop_at = 12
        train(options)
        options.stop_at = 10**9
        trained, _ = train(options)
        with open(os.path.join(options.out, "log.jsonl")) as log:
            lines = [json.loads(line) for line in log]
        first, last = lines[1]["loss"], [line for line in lines if "loss" in line][-1]["loss"]
        assert lines[-1]["end"] == 24 and [line["start"] for line in lines if "start" in line] == [0, 12], lines
        assert last < first, "the loss did not fall: %g, then %g" % (first, last)

        options.out = os.path.join(folder, "in-one-go")
        os.makedirs(options.out)
        os.link(os.path.join(folder, "run", "tokenizer.model"), os.path.join(options.out, "tokenizer.model"))
        unbroken, _ = train(options)
        for one, other in zip(trained.parameters(), unbroken.parameters()):
            assert torch.allclose(one, other, atol=1e-5), "a resumed training differs from an unbroken one"

        checkpoint = os.path.join(folder, "checkpoint")
        export.write_checkpoint(checkpoint, trained, os.path.join(options.out, "tokenizer.model"))
        model, tokenizer = evaluate.open_checkpoint(checkpoint)
        for one, other in zip(trained.parameters(), model.parameters()):
            assert torch.allclose(one, other, atol=1e-3), "the exported checkpoint differs from the model"
        report = evaluate.judge(model, tokenizer, evaluate.questions("development.jsonl")[:4], most=12)
        assert report["all"]["asked"] == 4, report
    print("The whole pipeline runs: loss %.2f, then %.2f." % (first, last))


if __name__ == "__main__":
    chosen = parser().parse_args()
    if chosen.smoke:
        smoke(chosen)
    else:
        train(chosen)
