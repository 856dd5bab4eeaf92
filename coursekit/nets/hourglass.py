"""The hourglass: down to a few cells and up again, with a way around at every size; several of them in a row.

Source: Newell, Yang and Deng, "Stacked Hourglass Networks for Human Pose Estimation", 2016, arXiv:1603.06937.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.nets.convolution import BatchNorm, convolution

Layer = Callable[[Tensor], Tensor]


def around_and_through(x: Tensor, around: Layer, through: Layer) -> Tensor:
    """Return the sum of two ways: `around` at full size, and `through` a map of half the size, made as large again.

    With an hourglass inside `through` it is a larger hourglass: that is the whole recursion.

    Shapes: (N, C, h, w) -> (N, C, h, w); odd sizes too. `through` gets (N, C, ceil(h / 2), ceil(w / 2)).
    Source: Newell et al., 2016, figure 3, arXiv:1603.06937: maxima on the way down, nearest cells on the way up.

    >>> around_and_through(torch.tensor([[[[1.0, 5, 2]]]]), lambda x: 10 * x, lambda x: x)
    tensor([[[[15., 55., 22.]]]])
    """
    smaller = through(F.max_pool2d(x, 2, ceil_mode=True))  # (N, C, ceil(h / 2), ceil(w / 2))
    return around(x) + F.interpolate(smaller, x.shape[-2:])  # (N, C, h, w): the nearest cell's value


class Residual(nn.Module):
    """A convolution between two 1 x 1 ones of half the width, added to what came in.

    Shapes: (N, channels, h, w) -> (N, channels, h, w).
    Source: He et al., "Identity Mappings in Deep Residual Networks", 2016, figure 4e, arXiv:1603.05027.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        narrow = channels // 2
        self.change = nn.Sequential(
            BatchNorm(channels),
            nn.ReLU(),
            convolution(channels, narrow, 1),
            convolution(narrow, narrow, 3),
            nn.Conv2d(narrow, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.change(x)


class Hourglass(nn.Module):
    """One U: `depth` times to half the size and up again.

    Shapes: (N, channels, h, w) -> (N, channels, h, w).
    Args:
        depth: at least 1.
        fold: as `around_and_through`.
    """

    def __init__(self, channels: int, depth: int, fold: Callable[..., Tensor] = around_and_through) -> None:
        super().__init__()
        self.fold = fold
        inner = Hourglass(channels, depth - 1, fold) if depth > 1 else Residual(channels)
        self.around = Residual(channels)
        self.through = nn.Sequential(Residual(channels), inner, Residual(channels))

    def forward(self, x: Tensor) -> Tensor:
        return self.fold(x, self.around, self.through)


class StackedHourglass(nn.Module):
    """Hourglasses in a row, and what each of them guesses; the next one sees the guess.

    x -- hourglass -- features -- 1x1 -- guess 1       x -- hourglass -- ... guess 2
    |                     |                |           ^
    +---------------------+-------(+)------+-----------+

    Shapes: (N, channels, h, w) -> a list of `stacks` guesses, (N, outputs, h, w) each.
    Args:
        depth: halvings of each hourglass.
        fold: as `around_and_through`.
    Raises:
        ValueError: without a stack or a halving.
    Source: Newell et al., 2016, figure 4, arXiv:1603.06937.

    >>> [tuple(guess.shape) for guess in StackedHourglass(8, outputs=3, stacks=2)(torch.zeros(1, 8, 9, 6))]
    [(1, 3, 9, 6), (1, 3, 9, 6)]
    """

    def __init__(
        self,
        channels: int,
        outputs: int,
        stacks: int = 3,
        depth: int = 3,
        fold: Callable[..., Tensor] = around_and_through,
    ) -> None:
        super().__init__()
        if stacks < 1 or depth < 1:
            raise ValueError(f"There are {stacks} stacks of depth {depth}: each must be at least 1.")
        self.hourglasses = nn.ModuleList([Hourglass(channels, depth, fold) for _ in range(stacks)])
        self.features = nn.ModuleList(
            [nn.Sequential(Residual(channels), convolution(channels, channels, 1)) for _ in range(stacks)]
        )
        self.guesses = nn.ModuleList([nn.Conv2d(channels, outputs, 1) for _ in range(stacks)])
        self.returns = nn.ModuleList([nn.Conv2d(channels + outputs, channels, 1) for _ in range(stacks - 1)])

    def forward(self, x: Tensor) -> list[Tensor]:
        guesses = []
        for k, hourglass in enumerate(self.hourglasses):
            features = self.features[k](hourglass(x))  # (N, channels, h, w)
            guesses.append(self.guesses[k](features))  # (N, outputs, h, w)
            if k < len(self.returns):
                x = x + self.returns[k](torch.cat([features, guesses[k]], 1))
        return guesses


class MergedLevels(nn.Module):
    """The maps of several levels as one: each through a 1 x 1 convolution, made as large as the finest, and added.

    Shapes: {"C3": (N, C3, h, w), "C4": ..., ...} -> (N, channels, h, w).
    Args:
        in_channels: channels of each level, the finest first.
    """

    def __init__(self, in_channels: Mapping[str, int], channels: int) -> None:
        super().__init__()
        self.reduce = nn.ModuleDict({level: nn.Conv2d(n, channels, 1) for level, n in in_channels.items()})
        self.mix = Residual(channels)

    def forward(self, features: Mapping[str, Tensor]) -> Tensor:
        maps = [reduce(features[level]) for level, reduce in self.reduce.items()]
        return self.mix(sum(F.interpolate(m, maps[0].shape[-2:]) for m in maps))  # (N, channels, h, w)
