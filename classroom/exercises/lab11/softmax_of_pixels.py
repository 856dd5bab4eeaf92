"""Lab 11, third part: probabilities at every place."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab11.pictures import planes_picture
from classroom.exercises.readings import any_precision
from coursekit.models.class_map import softmax_of_classes


def softmax_of_pixels(logits: Tensor) -> Tensor:
    """The probability of each class at each place: (K, h, w) -> (K, h, w), with sum 1 over the classes."""
    return softmax_of_classes(logits)


SOFTMAX_OF_PIXELS = Exercise(
    softmax_of_pixels,
    judge=any_precision,
    picture=planes_picture,
    hints=(
        "A test for every softmax: which sums must be 1? Add up your result over each axis and look.",
        "p[k, y, x] = exp(z[k, y, x]) / sum over k of exp(z[k, y, x]).",
        "return logits.softmax(…)  # (K, h, w): which axis are the classes?",
    ),
    cases=(
        Case("one place, two classes", (torch.tensor([0.0, 1.0])[:, None, None],)),
        Case("a row of places", (torch.tensor([[0.0, 2.0, 0.0], [1.0, 0.0, 4.0]])[:, None],)),
        Case("five classes on 3 x 4 cells", (normal(5, 3, 4),)),
        Case("as many classes as columns", (normal(3, 3, 3, seed=1),)),
        Case("large logits", (100 * normal(3, 2, 4, seed=2),)),
        Case("one place far below the others", (torch.tensor([[0.0, 200.0], [2.0, 201.0]])[:, None],)),
    ),
)


@SOFTMAX_OF_PIXELS.wrong(
    "the softmax over the columns",
    "The last axis is the width. At every place, the sum over the classes, the first axis, must be 1.",
)
def _over_columns(logits: Tensor) -> Tensor:
    return logits.softmax(-1)


@SOFTMAX_OF_PIXELS.wrong(
    "the softmax over the rows", "The second axis is the height; the classes are the first."
)
def _over_rows(logits: Tensor) -> Tensor:
    return logits.softmax(1)


@SOFTMAX_OF_PIXELS.wrong(
    "the softmax over the places",
    "Then each class adds up to 1 over the map. Instead, the sum over the classes must be 1 at each place.",
)
def _over_places(logits: Tensor) -> Tensor:
    return logits.flatten(1).softmax(1).view_as(logits)


@SOFTMAX_OF_PIXELS.wrong("one softmax over everything", "Each place has its own distribution.")
def _over_all(logits: Tensor) -> Tensor:
    return logits.flatten().softmax(0).view_as(logits)


@SOFTMAX_OF_PIXELS.wrong(
    "a sigmoid", "A place has exactly one class, so the probabilities compete and add up to 1."
)
def _sigmoid(logits: Tensor) -> Tensor:
    return logits.sigmoid()


@SOFTMAX_OF_PIXELS.wrong(
    "exp of large logits",
    "exp(100) is more than a float32 can hold: softmax first subtracts the largest logit of the place.",
)
def _overflowing(logits: Tensor) -> Tensor:
    return logits.exp() / logits.exp().sum(0)


@SOFTMAX_OF_PIXELS.wrong(
    "logarithms of probabilities", "Use softmax, not log_softmax: the probabilities themselves add up to 1."
)
def _logarithm(logits: Tensor) -> Tensor:
    return logits.log_softmax(0)


def _over_sum(values: Tensor) -> Tensor:
    return values / values.sum(0)


SUM = "The probabilities of a place are exp(z), divided by their sum over the classes."
for name, story, function in (
    (
        "the largest logit of the whole map subtracted",
        "At a place far below it every exp is 0, and 0 / 0 is NaN: subtract the largest logit of each place.",
        lambda z: _over_sum((z - z.max()).exp()),
    ),
    ("the logits divided by their sum", "A logit may be negative: take exp first.", _over_sum),
    ("the absolute values divided by their sum", SUM, lambda z: _over_sum(z.abs())),
    ("exp divided by the largest", SUM, lambda z: (z - z.amax(0)).exp()),
    ("exp without a division", SUM, torch.exp),
    (
        "exp divided by the sum over classes and places",
        "Each place has its own distribution: sum over the classes only.",
        lambda z: (z - z.amax(0)).exp() / (z - z.amax(0)).exp().sum(),
    ),
    (
        "1 for the best class, 0 for the others",
        "A probability tells how confident the network is: use softmax, not argmax.",
        lambda z: F.one_hot(z.argmax(0), len(z)).permute(2, 0, 1).to(z.dtype),
    ),
    ("the number of the best class", "Return a probability for every class.", lambda z: z.argmax(0)),
    ("the largest probability only", "Return a probability for every class.", lambda z: z.softmax(0).amax(0)),
    (
        "the classes as the last axis",
        "The result has the shape of the logits, (K, h, w).",
        lambda z: z.permute(1, 2, 0).softmax(-1),
    ),
    (
        "an additional axis for the batch",
        "The result has the shape of the logits, (K, h, w).",
        lambda z: z[None].softmax(1),
    ),
    (
        "logits reshaped instead of permuted",
        "reshape(-1, K) mixes classes and places: softmax(0) needs no reshape at all.",
        lambda z: z.reshape(-1, len(z)).softmax(1).reshape(z.shape),
    ),
    (
        "logits reshaped instead of permuted",
        "reshape(h, w, K) mixes classes and places: softmax(0) needs no reshape at all.",
        lambda z: z.reshape(*z.shape[1:], len(z)).softmax(-1).permute(2, 0, 1),
    ),
    ("softmax twice", "A second softmax makes the classes nearly equal.", lambda z: z.softmax(0).softmax(0)),
    ("powers of 2", "The softmax uses powers of e: exp.", lambda z: (z * 0.693147).softmax(0)),
    (
        "the least likely class first",
        "The largest logit has the largest probability.",
        lambda z: (-z).softmax(0),
    ),
    ("sigmoids divided by their sum", SUM, lambda z: _over_sum(z.sigmoid())),
    (
        "negative logits set to 0",
        "A negative logit has a probability too: do not clamp.",
        lambda z: z.relu().softmax(0),
    ),
    (
        "logits scaled to 0 to 1, then divided by their sum",
        SUM,
        lambda z: _over_sum((z - z.amin(0)) / (z.amax(0) - z.amin(0)).clamp(min=1e-9)),
    ),
):
    SOFTMAX_OF_PIXELS.wrong(name, story)(function)


@SOFTMAX_OF_PIXELS.wrong("the logits overwritten", "The caller still needs the logits: make a new tensor.")
def _overwritten(logits: Tensor) -> Tensor:
    return logits.copy_(logits.softmax(0))


EXERCISES = (SOFTMAX_OF_PIXELS,)
