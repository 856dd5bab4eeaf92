"""The transformer: attention, and the layers of an encoder and of a decoder that are built from it.

encoder layer: tokens --- among themselves --(+)-- feed forward --(+)--> tokens
decoder layer: queries -- among themselves --(+)-- across to the tokens --(+)-- feed forward --(+)--> queries

Every step begins with a layer norm, and at each (+) its result is added to its input. Attention does not know where
a token is, so an encoding of its place is added to what is compared (queries and keys), but not to what is gathered
(values).

Source: Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762. The norm comes first, as in Xiong et al.,
2020, arXiv:2002.04745: no long warm-up is needed. The places are used as in DETR, 2020, arXiv:2005.12872, figure 10.
"""

import math

import torch
from torch import Tensor, nn

FREQUENCIES = (5.0, 0.25)  # waves per image of a sine encoding: from the shortest to the longest


def encode_places(places: Tensor, channels: int) -> Tensor:
    """Return an encoding of each place: sines and cosines of its coordinates at several frequencies.

    Places near each other have similar encodings, and the long waves tell apart those that the short ones confuse.

    Shapes: (..., D) -> (..., channels).
    Args:
        places: D coordinates each, as shares of the image.
        channels: a multiple of 2 D.
    Raises:
        ValueError: another number of channels.
    Source: Vaswani et al., 2017, section 3.5, for each coordinate, as in DETR; at fewer frequencies.

    >>> encode_places(torch.tensor([[0.0], [0.1]]), 2)
    tensor([[ 0.0000e+00,  1.0000e+00],
            [-8.7423e-08, -1.0000e+00]])
    """
    dimensions = places.shape[-1]
    if channels % (2 * dimensions):
        raise ValueError(
            f"{channels} channels are not a multiple of {2 * dimensions}: sines and cosines fill them."
        )
    count = channels // (2 * dimensions)
    high, low = FREQUENCIES
    steps = torch.arange(count, device=places.device) / count  # (count,)
    angles = 2 * math.pi * places[..., None] * high * (low / high) ** steps  # (..., D, count)
    return torch.cat([angles.sin(), angles.cos()], -1).flatten(-2)  # (..., channels)


def sine_encoding(height: int, width: int, channels: int) -> Tensor:
    """Return the encoding of the centre of each cell of a feature map, row by row.

    Shapes: -> (height * width, channels).
    Args:
        channels: a multiple of 4.
    Raises:
        ValueError: another number of channels.

    >>> sine_encoding(2, 3, 8).shape
    torch.Size([6, 8])
    """
    y, x = (torch.arange(height) + 0.5) / height, (torch.arange(width) + 0.5) / width
    places = torch.stack(
        [x.expand(height, width), y[:, None].expand(height, width)], -1
    )  # (height, width, 2)
    return encode_places(places.flatten(0, 1), channels)


def attention_weights(queries: Tensor, keys: Tensor, mask: Tensor | None = None) -> Tensor:
    r"""Return how much of its attention each query pays to each key: the softmax of their scaled products.

    $$
    \mathrm{softmax}\left( Q K^\mathsf{T} / \sqrt{d} \right)
    $$

    Shapes: (..., Q, d), (..., T, d) -> (..., Q, T); each row sums to 1.
    Args:
        mask: (Q, T), True where a query may look; each must be allowed to look somewhere.
    Source: Vaswani et al., 2017, eq. 1.

    >>> attention_weights(torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 0.0], [0.0, 2.0]])).round(decimals=2)
    tensor([[0.8000, 0.2000]])
    """
    products = queries / math.sqrt(queries.shape[-1]) @ keys.transpose(-1, -2)  # (..., Q, T)
    if mask is not None:
        products = products.masked_fill(~mask, -math.inf)
    return products.softmax(-1)


class Attention(nn.Module):
    """Attention with several heads: each query gathers the values of the keys that it fits, head by head.

    Shapes: queries (N, Q, width), keys (N, T, width), values (N, T, width) -> (N, Q, width).
    Args:
        width: numbers per token, a multiple of `heads`.
        heads: each compares and gathers its own width / heads numbers.
    Raises:
        ValueError: a width that the heads cannot share.
    Like torch's `MultiheadAttention` with `batch_first=True`, but a mask is True where a query may look.
    Source: Vaswani et al., 2017, section 3.2.2.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(
                f"{heads} heads cannot share {width} numbers equally: use a multiple as the width."
            )
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
        weights = self.weights(queries, keys, mask)  # (N, heads, Q, T)
        gathered = weights @ self.split(self.value(values))  # (N, heads, Q, width / heads)
        return self.out(gathered.transpose(1, 2).flatten(2))  # (N, Q, width)

    def weights(self, queries: Tensor, keys: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return how much each query looks at each key, in each head: (N, heads, Q, T)."""
        return attention_weights(self.split(self.query(queries)), self.split(self.key(keys)), mask)

    def split(self, x: Tensor) -> Tensor:
        """Return the numbers of each head: (N, T, width) -> (N, heads, T, width / heads)."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class LookAround(nn.Module):
    """What the layers share: tokens look at each other, and at the end each is transformed on its own.

    Args:
        width, heads: as `Attention`.
        hidden: width between the two linear layers.
    """

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm_around, self.around = nn.LayerNorm(width), Attention(width, heads)
        self.norm_forward, self.feed_forward = nn.LayerNorm(width), two_linear(width, hidden)

    def look_around(self, x: Tensor, place: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the tokens with what they gather from each other added: (N, T, width) -> (N, T, width)."""
        y = self.norm_around(x)
        return x + self.around(y + place, y + place, y, mask)

    def transform(self, x: Tensor) -> Tensor:
        """Return the tokens with what the two linear layers make of each added: (N, T, width) -> (N, T, width)."""
        return x + self.feed_forward(self.norm_forward(x))


class EncoderLayer(LookAround):
    """Tokens look at each other, then each is transformed on its own.

    Shapes: x (N, T, width), place (T, width) -> (N, T, width).
    Args:
        width, heads, hidden: as `LookAround`.
    Like torch's `TransformerEncoderLayer(norm_first=True)` without dropout, but with places.
    """

    def forward(self, x: Tensor, place: Tensor, mask: Tensor | None = None) -> Tensor:
        return self.transform(self.look_around(x, place, mask))


class DecoderLayer(LookAround):
    """Queries look at each other, then at the tokens of the memory, then each is transformed on its own.

    Shapes: x (N, Q, width), place (Q, width), memory (N, T, width), memory_place (T, width) -> (N, Q, width).
    Args:
        width, heads, hidden: as `LookAround`.
    Like torch's `TransformerDecoderLayer(norm_first=True)` without dropout, but with places.
    """

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__(width, heads, hidden)
        self.norm_across, self.across = nn.LayerNorm(width), Attention(width, heads)

    def forward(
        self, x: Tensor, place: Tensor, memory: Tensor, memory_place: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        x = self.look_around(x, place, mask)
        x = x + self.across(self.norm_across(x) + place, memory + memory_place, memory)
        return self.transform(x)

    def weights(self, x: Tensor, place: Tensor, memory: Tensor, memory_place: Tensor) -> Tensor:
        """Return how much each query looks at each token of the memory, in each head: (N, heads, Q, T)."""
        x = self.look_around(x, place)
        return self.across.weights(self.norm_across(x) + place, memory + memory_place)


class Encoder(nn.Module):
    """Encoder layers on a feature map, whose cells are the tokens.

    Shapes: (N, width, h, w) -> (N, width, h, w).
    Args:
        layers: how many.
        width, heads, hidden: as `EncoderLayer`.
    """

    def __init__(self, layers: int, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(width, heads, hidden) for _ in range(layers))

    def forward(self, maps: Tensor) -> Tensor:
        x, place = to_tokens(maps)
        for layer in self.layers:
            x = layer(x, place)  # (N, h * w, width)
        return x.transpose(1, 2).unflatten(2, maps.shape[-2:])


def to_tokens(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Return the cells of a map, row by row, and the encoding of their places.

    Shapes: (N, C, h, w) -> (N, h * w, C), (h * w, C).
    """
    height, width = maps.shape[-2:]
    place = sine_encoding(height, width, maps.shape[1]).to(maps)
    return maps.flatten(2).transpose(1, 2), place


def two_linear(width: int, hidden: int) -> nn.Sequential:
    """Two linear layers for each token on its own."""
    return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))
