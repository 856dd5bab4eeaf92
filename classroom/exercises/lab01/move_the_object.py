"""Lab 01, exercise 5: what global average pooling loses."""

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import overwriting


def move_the_object(features: Tensor) -> Tensor:
    """Another feature map (C, h, w) with the same average in every channel: the object elsewhere."""
    return features.roll((1, 1), (-2, -1))


def _judge(arguments: tuple, moved: Tensor) -> dict[str, bool]:
    """What must be true of any right map; of a wrong one also in which way it is wrong."""
    (features,) = arguments
    moved = moved.to(features.dtype)
    if moved.shape != features.shape:
        turned = moved.shape == features.mT.shape and torch.equal(moved, features.mT)
        return {"the shape is the same": False, "rows and columns are swapped": turned}
    findings = {
        "the shape is the same": True,
        "the map is a different one": not torch.equal(moved, features),
        "every channel's average is the same": _alike(moved.mean((-2, -1)), features.mean((-2, -1))),
        "every value of the old map is there": _alike(_sorted(moved), _sorted(features)),
    }
    return findings if all(findings.values()) else findings | {_kind(features, moved): True}


def _kind(features: Tensor, moved: Tensor) -> str:
    """In which way a map of the right shape is wrong, as narrow as can be said of it for certain."""
    if torch.equal(moved, features):
        return "unmoved"
    if (moved == moved[:, :1, :1]).all():
        return "one number per channel"
    if _alike(moved.flatten().sort().values, features.flatten().sort().values):
        channels = [any(_alike(row, other) for other in _sorted(features)) for row in _sorted(moved)]
        return "channels swapped" if all(channels) else "values in other channels"
    if _alike(moved, features * (moved.sum() / features.sum())):
        return "scaled"
    if _alike(moved - features, (moved - features)[:, :1, :1]):
        return "shifted by a constant"
    known = [torch.isin(row[row != 0], other).all() for row, other in zip(moved, features, strict=True)]
    if all(known) and (moved == 0).sum() > (features == 0).sum():
        return "zeros for values"
    if all(known):
        return "some values lost, others twice"
    averages = _alike(moved.mean((-2, -1)), features.mean((-2, -1)))
    return "new values with the old averages" if averages else "new values with new averages"


def _alike(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b.expand_as(a), atol=1e-5)


def _sorted(maps: Tensor) -> Tensor:
    return maps.flatten(1).sort().values


def _map(channels: int, height: int, width: int) -> Tensor:
    """A map without equal values and without zeros; each channel has its own bright cell."""
    features = uniform(channels, height, width, seed=channels) / 2 + 0.25
    for channel in range(channels):
        features[channel, channel % height, (2 * channel) % width] = 3.0 + channel
    return features


MOVE_THE_OBJECT = Exercise(
    move_the_object,
    judge=_judge,
    hints=(
        "The average of a list of numbers does not depend on their order.",
        "Shift the map, and let the values that leave on one side come in on the other.",
        "features.roll(1, -1) shifts every row by one cell; features.flip(-1) is another way.",
    ),
    cases=(
        Case("two channels, one bright cell each", (_map(2, 3, 4),)),
        Case("three channels", (_map(3, 2, 5),)),
        Case("a larger map", (_map(8, 6, 9),)),
    ),
)

_wrong = MOVE_THE_OBJECT.wrong


@_wrong("the same map again", "The question is which *other* map has the same averages.")
def _nothing_moved(features: Tensor) -> Tensor:
    return features.clone()


@_wrong("a transposed map", "The shape must stay (C, h, w); here h and w differ.")
def _turned_on_its_side(features: Tensor) -> Tensor:
    return features.transpose(-2, -1)


@_wrong("a map of a different shape", "The shape must stay (C, h, w).")
def _pooled(features: Tensor) -> Tensor:
    return features.mean((-2, -1), keepdim=True)


@_wrong("a map of averages", "The averages agree, but the object is gone.")
def _pooled_map(features: Tensor) -> Tensor:
    return features.mean((-2, -1), keepdim=True).expand_as(features)


@_wrong(
    "one number in all cells of a channel",
    "The object is gone, and the averages are different: move the values instead.",
)
def _zeros(features: Tensor) -> Tensor:
    return torch.zeros_like(features)


@_wrong("channels swapped", "Each channel keeps its own average: move values within a channel only.")
def _other_channels(features: Tensor) -> Tensor:
    return features.roll(1, 0)


@_wrong(
    "values moved from one channel to another",
    "Each channel keeps its own average: move values within a channel only.",
)
def _shuffled(features: Tensor) -> Tensor:
    return features.flatten().roll(1).view_as(features)


@_wrong("a scaled map", "All its averages change by the same factor; move the values instead.")
def _brighter(features: Tensor) -> Tensor:
    return features * 2


@_wrong("a constant added to each channel", "The averages change by that constant; move the values instead.")
def _lighter(features: Tensor) -> Tensor:
    return features + 1


@_wrong(
    "zeros where values were",
    "The lost values change the average: let what leaves on one side come in on the other, as roll does.",
)
def _pushed_out(features: Tensor) -> Tensor:
    return torch.nn.functional.pad(features[..., :-1], (1, 0))


@_wrong(
    "some values lost, others repeated",
    "Each value of the old map should appear exactly once: swap cells instead of copying them.",
)
def _copied(features: Tensor) -> Tensor:
    return torch.cat([features[..., :1], features[..., :-1]], -1)


@_wrong(
    "new values with the old averages",
    "The averages agree, but it should be the same object: keep the values and change their places.",
)
def _negative(features: Tensor) -> Tensor:
    return 2 * features.mean((-2, -1), keepdim=True) - features


@_wrong("new values", "They change the averages: keep the old values and change their places.")
def _powers(features: Tensor) -> Tensor:
    return features.square()


MOVE_THE_OBJECT.wrong("the old map overwritten", "There must be two maps to compare: work on a copy.")(
    overwriting(move_the_object)
)


EXERCISES = (MOVE_THE_OBJECT,)
