"""Writes a training state as a checkpoint folder in the layout of the Hugging Face Hub, in float16.

A shared feed-forward block is stored once, under the name of layer 0.
"""
import argparse
import json
import os
import shutil
import struct

import torch

from model import Config, MobiLlama

HERE = os.path.dirname(os.path.abspath(__file__))


def hub_tensors(model):
    """Hub name -> tensor, each stored value once (the embedding is the output matrix too)."""
    tensors = {"model.embed_tokens.weight": model.embed_tokens.weight, "model.norm.weight": model.norm}
    for i, layer in enumerate(model.layers):
        start = "model.layers.%d." % i
        tensors[start + "input_layernorm.weight"] = layer.input_layernorm
        tensors[start + "post_attention_layernorm.weight"] = layer.post_attention_layernorm
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            tensors[start + "self_attn.%s.weight" % name] = getattr(layer.self_attn, name).weight
        if i == 0 or not model.config.shared_ffn:
            for name in ("gate_proj", "up_proj", "down_proj"):
                tensors[start + "mlp.%s.weight" % name] = getattr(layer.mlp, name).weight
    return tensors


def write_safetensors(path, tensors):
    """The format of safetensors: length of the header, a JSON header padded with spaces, then the values."""
    header, blobs, place = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(tensors):
        blob = tensors[name].detach().half().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensors[name].shape), "data_offsets": [place, place + len(blob)]}
        blobs.append(blob)
        place += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        file.writelines(blobs)


def write_checkpoint(folder, model, tokenizer_file, card=None):
    """`card`: what the checkpoint says of itself in the menu (alcove.json, beside the chat template's name)."""
    config = model.config
    os.makedirs(folder, exist_ok=True)
    write_safetensors(os.path.join(folder, "model.safetensors"), hub_tensors(model))
    described = {
        "architectures": ["MobiLlamaForCausalLM"], "model_type": "llama", "vocab_size": config.vocab_size,
        "hidden_size": config.hidden_size, "intermediate_size": config.intermediate_size,
        "num_hidden_layers": config.num_layers, "num_attention_heads": config.num_heads,
        "num_key_value_heads": config.num_heads, "max_position_embeddings": config.context, "hidden_act": "silu",
        "rms_norm_eps": config.rms_norm_eps, "rope_theta": config.rope_theta, "tie_word_embeddings": True,
        "bos_token_id": 1, "eos_token_id": 2, "torch_dtype": "float16"}
    for name, content in (("config.json", described), ("alcove.json", {"chat_template": "starter", **(card or {})})):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2, ensure_ascii=False)
            file.write("\n")
    shutil.copyfile(tokenizer_file, os.path.join(folder, "tokenizer.model"))
    shutil.copyfile(os.path.join(HERE, "data", "WORDNET-LICENSE"), os.path.join(folder, "WORDNET-LICENSE"))


def load_model(path):
    saved = torch.load(path, map_location="cpu")
    model = MobiLlama(Config(**saved["config"]))
    model.load_state_dict(saved["model"])
    return model.eval(), saved


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("state", help="state.pt or step-N.pt of a training folder")
    arguments.add_argument("folder", help="the checkpoint folder to write")
    arguments.add_argument("--card", help="a JSON file with display_name, description, order and suggestions for the menu")
    options = arguments.parse_args()
    model, _ = load_model(options.state)
    card = None
    if options.card:
        with open(options.card, encoding="utf-8") as file:
            card = json.load(file)
    write_checkpoint(options.folder, model, os.path.join(os.path.dirname(options.state), "tokenizer.model"), card)
