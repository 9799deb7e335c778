#!/usr/bin/python3
"""Writes a checkpoint of a published MobiLlama's shape with random weights, for `alcove-cli bench`.

    tests/bench/make_random_checkpoint.py FOLDER [--model 0.5B] [--seed 1] [--tokenizer FILE]

The folder has the Hub's layout: F16 safetensors in which the shared feed-forward block stands once. Speed
and memory do not depend on the values; they are small, so that no sum overflows. Needs python3-numpy.
"""
import argparse
import json
import pathlib
import shutil

import numpy

HERE = pathlib.Path(__file__).resolve().parent
VOCABULARY = 32000
# hidden size, feed-forward size, layers, heads, context, one feed-forward block for all layers
SHAPES = {
    "0.5B": (2048, 5632, 22, 32, 2048, True),
    "0.8B": (2560, 10240, 22, 32, 2560, True),
    "1B": (2048, 5632, 22, 32, 2048, False),
}


def tensors(hidden, ffn, layers, shared):
    """Names and shapes in the order of the file."""
    yield "model.embed_tokens.weight", (VOCABULARY, hidden)
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        for name in "qkvo":
            yield f"{prefix}self_attn.{name}_proj.weight", (hidden, hidden)
        if layer == 0 or not shared:
            yield prefix + "mlp.gate_proj.weight", (ffn, hidden)
            yield prefix + "mlp.up_proj.weight", (ffn, hidden)
            yield prefix + "mlp.down_proj.weight", (hidden, ffn)
        yield prefix + "input_layernorm.weight", (hidden,)
        yield prefix + "post_attention_layernorm.weight", (hidden,)
    yield "model.norm.weight", (hidden,)
    yield "lm_head.weight", (VOCABULARY, hidden)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--model", choices=SHAPES, default="0.5B")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tokenizer", type=pathlib.Path, default=HERE.parent / "fixtures/stories260K/tokenizer.model")
    arguments = parser.parse_args()
    hidden, ffn, layers, heads, context, shared = SHAPES[arguments.model]

    arguments.folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(arguments.tokenizer, arguments.folder / "tokenizer.model")
    config = {
        "architectures": ["MobiLlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
        "hidden_size": hidden, "intermediate_size": ffn, "num_hidden_layers": layers,
        "num_attention_heads": heads, "num_key_value_heads": 4, "max_position_embeddings": context,
        "vocab_size": VOCABULARY, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "bos_token_id": 1,
        "eos_token_id": 2, "tie_word_embeddings": False, "torch_dtype": "float16",
    }
    (arguments.folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")

    header, offset = {}, 0
    for name, shape in tensors(hidden, ffn, layers, shared):
        size = 2 * int(numpy.prod(shape))
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    random = numpy.random.default_rng(arguments.seed)
    with open(arguments.folder / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in tensors(hidden, ffn, layers, shared):
            if len(shape) == 1:
                values = numpy.ones(shape, numpy.float16)
            else:
                values = random.standard_normal(shape, numpy.float32) / numpy.float32(shape[1] ** 0.5)
            file.write(values.astype("<f2").tobytes())


if __name__ == "__main__":
    main()
