"""Lab 08, exercise 8: is the gain real?"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab08.pictures import gain_picture

Interval = tuple[float, float, float]
LOW, HIGH = 0.025, 0.975
THREE = "three numbers come back"


def gain_interval(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> Interval:
    """How much more of the objects one run finds than another, and between what 95 % of the drawn gains lie.

    Shapes: (N,) counts each, draws (R, N) of images -> gain, low, high.
    """
    return share(found, objects) - share(other, objects), *ends(gains(found, other, objects, draws))


def share(found: Tensor, objects: Tensor) -> float:
    """Found objects divided by all objects of all images."""
    return (found.double().sum() / objects.sum()).item()


def shares(found: Tensor, objects: Tensor, draws: Tensor) -> Tensor:
    """The same of each drawn set of images: (R,)."""
    return found[draws].double().sum(1) / objects[draws].sum(1)


def gains(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> Tensor:
    return shares(found, objects, draws) - shares(other, objects, draws)


def ends(values: Tensor, low: float = LOW, high: float = HIGH) -> tuple[float, float]:
    return tuple(values.quantile(torch.tensor([low, high], dtype=values.dtype)).tolist())


def judge_interval(arguments: tuple, value: Interval) -> dict[str, float]:
    """Return the three numbers; an end that another rule for quantiles gives counts as the reference's."""
    if not isinstance(value, tuple | list) or len(value) != 3:
        return {THREE: False}
    every = gains(*arguments).sort().values
    gain, *found = value
    for i, (level, end) in enumerate(zip((LOW, HIGH), ends(every), strict=True)):
        places = level * (len(every) - 1), level * (len(every) + 1) - 1
        first, last = max(0, math.floor(min(places))), min(len(every) - 1, math.ceil(max(places)))
        if every[first] - 1e-6 <= float(found[i]) <= every[last] + 1e-6:
            found[i] = end
    return {THREE: True, "the gain": gain, "the lower end": found[0], "the upper end": found[1]}


def _runs(count: int, repeats: int, seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Two runs on images with 1 to 6 objects; what is hard for one is hard for the other. One object is always there."""
    generator = torch.Generator().manual_seed(seed)
    objects = torch.randint(1, 7, (count,), generator=generator)
    ease = torch.rand(count, generator=generator)
    found, other = (
        (objects * (ease + 0.3 * torch.rand(count, generator=generator) - shift).clamp(0, 1)).round().long()
        for shift in (0.0, 0.12)
    )
    return found, other, objects, torch.randint(count, (repeats, count), generator=generator)


_THREE = tuple(
    map(torch.tensor, ([1, 3, 0], [1, 1, 1], [1, 6, 2], [[0, 0, 0], [0, 1, 2], [2, 2, 1], [1, 1, 1]]))
)
_EQUAL = (
    torch.tensor([2, 2, 2, 2]),
    torch.tensor([1, 1, 1, 1]),
    torch.tensor([2, 2, 2, 2]),
    torch.arange(80).reshape(20, 4) % 4,
)

GAIN_INTERVAL = Exercise(
    gain_interval,
    picture=gain_picture,
    judge=judge_interval,
    hints=(
        "Each row of `draws` is a test set that you might have had. What would *both* runs have scored on it?",
        "score = found.sum() / objects.sum(), of the drawn images; gains = score of the one - score of the other, with the same draws; "
        "low and high cut 2.5 % off on each side.",
        "def score(found):\n"
        "    return found[draws].double().sum(1) / objects[draws].sum(1)\n"
        "gains = score(found) - score(other)\n"
        "low, high = gains.quantile(torch.tensor([0.025, 0.975], dtype=gains.dtype)).tolist()\n"
        "return ((found.sum() - other.sum()) / objects.sum()).item(), low, high",
    ),
    cases=(
        Case("three images, four draws", _THREE),
        Case("the same gain on every image", _EQUAL),
        Case("the other run is better", (_EQUAL[1], _EQUAL[0], *_EQUAL[2:])),
        Case("twelve images, a hundred draws", _runs(12, 100, seed=1)),
        Case("two hundred images, a thousand draws", _runs(200, 1000, seed=2)),
    ),
)

_wrong = GAIN_INTERVAL.wrong


def _other_ends(name: str, story: str):
    """Add an answer with the right gain whose ends are others."""

    def add(change: Callable[..., tuple]) -> Callable[..., tuple]:
        def answer(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> Interval:
            return gain_interval(found, other, objects, draws)[0], *change(found, other, objects, draws)

        _wrong(name, story)(answer)
        return change

    return add


@_other_ends(
    "other draws for the other run",
    "Pairing is the point: what makes an image hard is hard for both runs, so draw the same images for both.",
)
def _unpaired(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    return ends(shares(found, objects, draws) - shares(other, objects, draws.flip(0)))


@_other_ends(
    "the ends of two intervals subtracted",
    "Subtract the scores of each draw first, then take quantiles: two intervals side by side are far too wide.",
)
def _two_intervals(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    (low, high), (other_low, other_high) = (ends(shares(each, objects, draws)) for each in (found, other))
    return low - other_high, high - other_low


@_other_ends(
    "lower end minus lower end",
    "Subtract the scores of each draw first, then take quantiles: the quantile of a difference is not the difference of quantiles.",
)
def _end_by_end(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    mine, theirs = (ends(shares(each, objects, draws)) for each in (found, other))
    return mine[0] - theirs[0], mine[1] - theirs[1]


@_other_ends(
    "all images' objects below the line",
    "A drawn set has its own number of objects: index `objects` with the draws too.",
)
def _all_objects(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    return ends((found - other)[draws].double().sum(1) / objects.sum())


@_other_ends("5 % on each side", "95 % in the middle leaves 2.5 % on each side.")
def _ninety(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    return ends(gains(found, other, objects, draws), 0.05, 0.95)


@_other_ends("from the smallest to the largest", "Leave 2.5 % of the gains out on each side.")
def _all_of_them(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    return ends(gains(found, other, objects, draws), 0, 1)


@_other_ends(
    "how far the images spread",
    "The question is how far the *score* moves when images are drawn again: use the draws.",
)
def _of_the_images(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    return ends((found - other).double() / objects)


@_other_ends(
    "1.96 standard deviations", "The quantiles need not lie symmetrically: read them from the drawn gains."
)
def _bell_curve(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    values = gains(found, other, objects, draws)
    gain = share(found, objects) - share(other, objects)
    return gain - 1.96 * values.std().item(), gain + 1.96 * values.std().item()


@_other_ends("an interval of the first run", "The question is the *difference* of both runs.")
def _of_the_first(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    return ends(shares(found, objects, draws))


@_other_ends("the ends exchanged", "The lower end comes first.")
def _high_first(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    return ends(gains(found, other, objects, draws))[::-1]


@_other_ends(
    "each image counted once", "An image that is drawn twice counts twice: that is drawing with replacement."
)
def _each_once(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    return ends(torch.cat([gains(found, other, objects, row.unique()[None]) for row in draws]))


@_wrong(
    "the mean of each image's share",
    "An image with six objects counts more than one with one: divide sum by sum.",
)
def _mean_of_shares(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> Interval:
    values = (found - other).double() / objects
    return values.mean().item(), *ends(values[draws].mean(1))


@_wrong("counts instead of shares", "The score is a share of the objects: divide by their number.")
def _counts(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> Interval:
    more = (found - other).double()
    return more.sum().item(), *ends(more[draws].sum(1))


@_wrong("the gain per image", "The score is a share of the *objects*, not a mean over images.")
def _per_image(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> Interval:
    more = (found - other).double()
    return more.mean().item(), *ends(more[draws].mean(1))


@_wrong("the runs the wrong way round", "A gain of `found` over `other` is positive when `found` is better.")
def _reversed(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> Interval:
    return gain_interval(other, found, objects, draws)


@_wrong(
    "relative to the other run", "The gain is a difference of two shares, not a percentage of the old score."
)
def _relative(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> Interval:
    relative = shares(found, objects, draws) / shares(other, objects, draws) - 1
    return share(found, objects) / share(other, objects) - 1, *ends(relative)


@_wrong("the mean of the drawn gains in the middle", "The gain itself is that of the images as they are.")
def _mean_of_draws(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> Interval:
    values = gains(found, other, objects, draws)
    return values.mean().item(), *ends(values)


@_wrong("the lower end before the gain", "Return the gain first, then the two ends.")
def _low_gain_high(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> Interval:
    gain, low, high = gain_interval(found, other, objects, draws)
    return low, gain, high


@_wrong("no gain in front", "Return three numbers: the gain, the lower end, the upper end.")
def _ends_alone(found: Tensor, other: Tensor, objects: Tensor, draws: Tensor) -> tuple:
    return ends(gains(found, other, objects, draws))


EXERCISES = (GAIN_INTERVAL,)
