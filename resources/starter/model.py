"""MobiLlama in PyTorch: a LLaMA decoder whose layers share one feed-forward block (arXiv 2402.16840).

Pre-norm RMSNorm, rotary positions (the two halves of a head are rotated against each other), SwiGLU, no biases,
tied embeddings. `shared_ffn=False` gives every layer a block of its own, for the comparison in README.md.
Shapes: B rows, T positions, H heads of D values, E = H * D.
"""
import dataclasses
import math

import torch
from torch import nn
from torch.nn import functional as F


@dataclasses.dataclass
class Config:
    vocab_size: int = 2048
    hidden_size: int = 256
    intermediate_size: int = 704
    num_layers: int = 7
    num_heads: int = 4
    context: int = 512
    shared_ffn: bool = True
    rms_norm_eps: float = 1e-5
    rope_theta: float = 10000.0

    @property
    def head_dim(self):
        return self.hidden_size // self.num_heads


def rms_norm(x, weight, eps):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


def rope_tables(config, positions):
    """cos and sin, [positions, D]."""
    half = config.head_dim // 2
    frequency = config.rope_theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.outer(torch.arange(positions, dtype=torch.float64), frequency)
    angle = torch.cat([angle, angle], dim=-1)
    return angle.cos().float(), angle.sin().float()


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], dim=-1) * sin


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.heads, self.head_dim = config.num_heads, config.head_dim
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            setattr(self, name, nn.Linear(config.hidden_size, config.hidden_size, bias=False))

    def forward(self, x, cos, sin, mask, cache=None):
        rows, length, width = x.shape
        split = (rows, length, self.heads, self.head_dim)
        q = rotate(self.q_proj(x).view(split).transpose(1, 2), cos, sin)  # [B, H, T, D]
        k = rotate(self.k_proj(x).view(split).transpose(1, 2), cos, sin)
        v = self.v_proj(x).view(split).transpose(1, 2)
        if cache is not None:
            if "k" in cache:
                k, v = torch.cat([cache["k"], k], dim=2), torch.cat([cache["v"], v], dim=2)
            cache["k"], cache["v"] = k, v
        scores = q @ k.transpose(2, 3) / math.sqrt(self.head_dim)  # [B, H, T, all positions]
        if mask is not None:
            scores = scores + mask
        mixed = scores.softmax(dim=-1) @ v
        return self.o_proj(mixed.transpose(1, 2).reshape(rows, length, width))


class Layer(nn.Module):
    def __init__(self, config, ffn):
        super().__init__()
        self.eps = config.rms_norm_eps
        self.input_layernorm = nn.Parameter(torch.ones(config.hidden_size))
        self.self_attn = Attention(config)
        self.post_attention_layernorm = nn.Parameter(torch.ones(config.hidden_size))
        self.mlp = ffn

    def forward(self, x, cos, sin, mask, cache=None):
        x = x + self.self_attn(rms_norm(x, self.input_layernorm, self.eps), cos, sin, mask, cache)
        return x + self.mlp(rms_norm(x, self.post_attention_layernorm, self.eps))


class MobiLlama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        one = FeedForward(config) if config.shared_ffn else None
        self.layers = nn.ModuleList(Layer(config, one or FeedForward(config)) for _ in range(config.num_layers))
        self.norm = nn.Parameter(torch.ones(config.hidden_size))
        cos, sin = rope_tables(config, config.context)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        into_stream = 0.02 / math.sqrt(2 * config.num_layers)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                narrow = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(parameter, std=into_stream if narrow else 0.02)

    def forward(self, tokens, mask=None, caches=None, start=0):
        """Hidden states after the last norm, [B, T, E]; `logits` turns them into scores of the next token.

        `mask` is added to the attention scores; without one the rows are plain causal text. `caches`
        (one dict a layer) and `start` continue a text of which `start` tokens were seen already.
        """
        length = tokens.shape[1]
        cos, sin = self.cos[start:start + length], self.sin[start:start + length]
        if mask is None and length > 1:
            mask = torch.full((length, start + length), float("-inf")).triu(start + 1)
        x = self.embed_tokens(tokens)
        for i, layer in enumerate(self.layers):
            x = layer(x, cos, sin, mask, caches[i] if caches is not None else None)
        return rms_norm(x, self.norm, self.config.rms_norm_eps)

    def logits(self, hidden):
        return hidden @ self.embed_tokens.weight.t()

    def unique_parameters(self):
        return sum(p.numel() for p in self.parameters())  # parameters() lists a shared block once

    @torch.no_grad()
    def generate(self, tokens, most, stop):
        """The greedy continuation of `tokens`: at most `most` tokens, ended by one for which stop(id, all) holds."""
        caches = [{} for _ in self.layers]
        tail = torch.tensor([tokens])
        start, written = 0, []
        while len(written) < most and start + tail.shape[1] <= self.config.context:
            scores = self.logits(self.forward(tail, None, caches, start)[:, -1])
            start += tail.shape[1]
            token = int(scores.argmax())
            if stop(token, written):
                break
            written.append(token)
            tail = torch.tensor([[token]])
        return written
