"""Muon for the matrices of the layers, AdamW for embeddings and norms.

Muon (Keller Jordan et al., 2024) steps along the momentum with all its singular values set to one, found by five
Newton-Schulz iterations. At this size it needs about half the tokens AdamW does.
"""
import torch

MOMENTUM = 0.95
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonalised(matrices):
    """[N, rows, columns] -> the nearest semi-orthogonal matrices, roughly."""
    a, b, c = NEWTON_SCHULZ
    x = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    wide = x.shape[1] <= x.shape[2]
    x = x if wide else x.transpose(1, 2)
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = a * x + (b * square + c * square @ square) @ x
    return x if wide else x.transpose(1, 2)


class Optimiser:
    def __init__(self, model, matrix_rate, other_rate, bf16=False):
        self.dtype = torch.bfloat16 if bf16 else torch.float32  # of the iterations; the weights stay float32
        self.rates = (matrix_rate, other_rate)
        named = dict(model.named_parameters())
        self.matrices = {n: p for n, p in named.items() if p.dim() == 2 and n.startswith("layers.")}
        self.momentum = {n: torch.zeros_like(p) for n, p in self.matrices.items()}
        rest = [p for n, p in named.items() if n not in self.matrices]
        self.adam = torch.optim.AdamW([{"params": [p for p in rest if p.dim() == 2], "weight_decay": 0.01},
                                       {"params": [p for p in rest if p.dim() == 1], "weight_decay": 0.0}],
                                      lr=other_rate, betas=(0.9, 0.98), eps=1e-9)

    @torch.no_grad()
    def step(self, fraction):
        """One step with `fraction` of the learning rates; gradients are used up."""
        for group in self.adam.param_groups:
            group["lr"] = self.rates[1] * fraction
        self.adam.step()
        by_shape = {}
        for name, parameter in self.matrices.items():
            self.momentum[name].mul_(MOMENTUM).add_(parameter.grad)
            by_shape.setdefault(parameter.shape, []).append(name)
        for shape, names in by_shape.items():
            updates = orthogonalised(torch.stack([self.matrices[n].grad + MOMENTUM * self.momentum[n] for n in names]).to(self.dtype)).float()
            scale = self.rates[0] * fraction * max(1.0, shape[0] / shape[1]) ** 0.5
            for name, update in zip(names, updates):
                self.matrices[name].mul_(1 - 0.01 * scale).add_(update, alpha=-scale)
                self.matrices[name].grad = None
        self.adam.zero_grad(set_to_none=True)

    def state(self):
        return {"adam": self.adam.state_dict(), "momentum": self.momentum}

    def restore(self, state):
        self.adam.load_state_dict(state["adam"])
        for name, value in state["momentum"].items():
            self.momentum[name].copy_(value)
