"""A model of a line, items to train it on, and a training of it."""

import torch
from torch import nn

from coursekit.training import fit

ITEMS = [(torch.randn(3, generator=torch.Generator().manual_seed(i)), {"i": i}) for i in range(10)]


class Line(nn.Module):
    """A model with all that makes a resumed run differ: dropout, a buffer, a frozen and a learning part."""

    def __init__(self, width=4):
        super().__init__()
        torch.manual_seed(0)
        self.frozen = nn.Linear(3, 3).requires_grad_(False)
        self.body = nn.Sequential(
            nn.Linear(3, width), nn.BatchNorm1d(width), nn.Dropout(0.5), nn.Linear(width, 1)
        )

    def forward(self, inputs, targets=None):
        y = self.body(self.frozen(torch.stack(inputs)))
        if not self.training:
            return [{"scores": score} for score in y]
        noise = torch.rand(len(inputs), 1)
        return {"square": ((y - noise) ** 2).mean(), "size": 0.1 * y.abs().mean()}


def train(model, number=12, **options):
    return list(fit(model, ITEMS, number, **{"batch_size": 4, "seed": 3, "save_every": 3} | options))


def assert_same(model, other):
    for (name, value), expected in zip(model.state_dict().items(), other.state_dict().values(), strict=True):
        assert torch.equal(value, expected), name
