"""Lab 06, sixth part: what the regions of the second stage are trained on, and what becomes of its answers."""

import torch
from torch import Tensor

from classroom.exercises.cases import boxes, random_boxes
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.pictures import numbers_picture
from coursekit import ops
from coursekit.models.fast_rcnn import OFFSET_WEIGHTS
from coursekit.ops import Match
from coursekit.schema import Target

Weights = tuple[float, float, float, float]


def region_targets(regions: Tensor, match: Match, target: Target) -> tuple[Tensor, Tensor]:
    """The label of each region, 0 for background, and its offsets times (10, 10, 5, 5), 0 for background: (R,), (R, 4)."""
    labels, offsets = torch.zeros_like(match.target), torch.zeros_like(regions)
    objects = match.target[match.positive]
    labels[match.positive] = target["labels"][objects]
    offsets[match.positive] = ops.encode_boxes(
        target["boxes"][objects], regions[match.positive], OFFSET_WEIGHTS
    )
    return labels, offsets


def _match(objects: list[int], found: list[bool]) -> Match:
    positive = torch.tensor(found, dtype=torch.bool)
    return Match(torch.tensor(objects, dtype=torch.int64), positive, ~positive)


def _truth(labels: list[int], *rows: tuple[float, ...]) -> Target:
    return {"boxes": boxes(*rows), "labels": torch.tensor(labels, dtype=torch.int64)}


_CUP, _BOOK = (10, 10, 30, 20), (40, 0, 80, 50)
_EIGHT = _match([0, 1, 0, 2, 0, 0, 1, 2], [True, True, False, True, False, False, True, True])

REGION_TARGETS = Exercise(
    region_targets,
    picture=numbers_picture,
    hints=(
        "Begin with zeros: that is right for background. Then fill in the positive regions. Which object is each one's?",
        "labels[positive] are the labels of the objects match.target[positive]; the offsets lead from "
        "regions[positive] to the boxes of those objects, with weights (10, 10, 5, 5).",
        "objects = match.target[match.positive]; labels = torch.zeros_like(match.target); "
        'labels[match.positive] = target["labels"][objects]; ops.encode_boxes(target["boxes"][objects], ..., (10, ...)).',
    ),
    cases=(
        Case("a region on its object", (boxes(_CUP), _match([0], [True]), _truth([3], _CUP))),
        Case("half a width beside it", (boxes((0, 10, 20, 20)), _match([0], [True]), _truth([3], _CUP))),
        Case(
            "an object and background",
            (boxes((12, 11, 34, 21), (60, 60, 90, 90)), _match([0, 0], [True, False]), _truth([3], _CUP)),
        ),
        Case(
            "two objects, in the other order",
            (
                boxes((44, 4, 80, 50), (10, 10, 26, 20)),
                _match([1, 0], [True, True]),
                _truth([3, 7], _CUP, _BOOK),
            ),
        ),
        Case("a picture without objects", (boxes(_CUP, _BOOK), _match([0, 0], [False, False]), _truth([]))),
        Case(
            "eight regions", (random_boxes(8), _EIGHT, _truth([2, 9, 5], *random_boxes(3, seed=1).tolist()))
        ),
    ),
)


def _with_weights(regions: Tensor, match: Match, target: Target, weights: Weights) -> tuple[Tensor, Tensor]:
    labels, offsets = region_targets(regions, match, target)
    return labels, offsets / torch.tensor(OFFSET_WEIGHTS) * torch.tensor(weights)


@REGION_TARGETS.wrong(
    "offsets without their scale",
    "Proposals are nearly right: unscaled, the offsets are about 0.1, and the loss hardly sees them.",
)
def _without_scale(regions: Tensor, match: Match, target: Target) -> tuple[Tensor, Tensor]:
    return _with_weights(regions, match, target, (1.0, 1.0, 1.0, 1.0))


@REGION_TARGETS.wrong("divided by the scale", "Encoding multiplies by (10, 10, 5, 5); decoding divides.")
def _divided(regions: Tensor, match: Match, target: Target) -> tuple[Tensor, Tensor]:
    return _with_weights(regions, match, target, (0.1, 0.1, 0.2, 0.2))


@REGION_TARGETS.wrong(
    "labels that begin at 0", "0 is the background; the first class is 1, as in the target."
)
def _labels_from_zero(regions: Tensor, match: Match, target: Target) -> tuple[Tensor, Tensor]:
    labels, offsets = region_targets(regions, match, target)
    return (labels - 1).where(match.positive, labels), offsets


@REGION_TARGETS.wrong(
    "the number of the object for its label",
    'match.target says which object: look up its class in target["labels"].',
)
def _object_as_label(regions: Tensor, match: Match, target: Target) -> tuple[Tensor, Tensor]:
    return match.target.where(match.positive, 0), region_targets(regions, match, target)[1]


@REGION_TARGETS.wrong(
    "background that gets a class",
    "The target of a negative region means nothing: its label is 0, its offsets are 0.",
)
def _all_are_objects(regions: Tensor, match: Match, target: Target) -> tuple[Tensor, Tensor]:
    everyone = Match(match.target, torch.ones_like(match.positive), ~torch.ones_like(match.positive))
    return region_targets(regions, everyone, target)


@REGION_TARGETS.wrong(
    "a box for the background",
    "Nothing is there to be reached: write offsets only where the match is positive.",
)
def _boxes_for_background(regions: Tensor, match: Match, target: Target) -> tuple[Tensor, Tensor]:
    labels, _ = region_targets(regions, match, target)
    return labels, _all_are_objects(regions, match, target)[1]


@REGION_TARGETS.wrong("from the object to the region", "The offsets lead from the region to its object.")
def _the_wrong_way(regions: Tensor, match: Match, target: Target) -> tuple[Tensor, Tensor]:
    labels, offsets = region_targets(regions, match, target)
    found, objects = match.positive, match.target[match.positive]
    offsets[found] = ops.encode_boxes(regions[found], target["boxes"][objects], OFFSET_WEIGHTS)
    return labels, offsets


# ---------------------------------------------------------------- and back


def decode_regions(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    """A box and a score for each region and class, background left out: (R, K + 1), (R, K, 4), (R, 4) -> (R, K, 4), (R, K)."""
    return ops.decode_boxes(offsets, regions[:, None], OFFSET_WEIGHTS), logits.softmax(1)[:, 1:]


_SEED = torch.Generator().manual_seed(4)

DECODE_REGIONS = Exercise(
    decode_regions,
    picture=numbers_picture,
    hints=(
        "Two questions: which probability has each class, and where does its box lie? Where does the background go?",
        "scores: softmax over all K + 1, then without column 0. boxes: decode with (10, 10, 5, 5); "
        "regions need an axis for the classes.",
        "boxes = ops.decode_boxes(offsets, regions[:, None], (10.0, 10.0, 5.0, 5.0)); return boxes, logits.softmax(...)[:, ...]",
    ),
    cases=(
        Case("one region, two classes", (torch.tensor([[0.0, 1.0, 2.0]]), torch.zeros(1, 2, 4), boxes(_CUP))),
        Case(
            "another box for each class",
            (torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([[[5.0, 0, 0, 0], [0, 0, 2.5, 0]]]), boxes(_CUP)),
        ),
        Case(
            "two regions",
            (torch.tensor([[3.0, 1.0, 2.0], [0.0, 4.0, 0.0]]), torch.ones(2, 2, 4), boxes(_CUP, _BOOK)),
        ),
        Case("no region", (torch.zeros(0, 4), torch.zeros(0, 3, 4), boxes())),
        Case(
            "six regions, four classes",
            (torch.randn(6, 5, generator=_SEED), torch.randn(6, 4, 4, generator=_SEED), random_boxes(6)),
        ),
    ),
)


@DECODE_REGIONS.wrong("the background kept", "Column 0 is no class: leave it out after the softmax.")
def _background_kept(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    return decode_regions(logits, offsets, regions)[0], logits.softmax(1)


@DECODE_REGIONS.wrong(
    "the background dropped before the softmax",
    "Then every region is surely something: the background must have its share of the probability.",
)
def _background_before_softmax(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    return decode_regions(logits, offsets, regions)[0], logits[:, 1:].softmax(1)


@DECODE_REGIONS.wrong("the last class dropped", "The background is column 0, not the last one.")
def _background_last(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    return decode_regions(logits, offsets, regions)[0], logits.softmax(1)[:, :-1]


@DECODE_REGIONS.wrong(
    "sigmoids", "The head is trained with a cross-entropy over all classes and background: use its softmax."
)
def _sigmoids(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    return decode_regions(logits, offsets, regions)[0], logits.sigmoid()[:, 1:]


@DECODE_REGIONS.wrong("a softmax over the regions", "Each region has its own probabilities: dim=1.")
def _over_regions(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    return decode_regions(logits, offsets, regions)[0], logits.softmax(0)[:, 1:]


@DECODE_REGIONS.wrong(
    "offsets without their scale",
    "The head has learnt offsets times (10, 10, 5, 5): decode with the same weights.",
)
def _scale_forgotten(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    return ops.decode_boxes(offsets, regions[:, None]), decode_regions(logits, offsets, regions)[1]


@DECODE_REGIONS.wrong(
    "one box for all classes",
    "The head gives a box for each class: keep them apart, suppression is class by class.",
)
def _best_box_for_all(logits: Tensor, offsets: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
    found, scores = decode_regions(logits, offsets, regions)
    best = found[torch.arange(len(found)), scores.argmax(1)]  # (R, 4)
    return best[:, None].expand_as(found), scores


EXERCISES = (REGION_TARGETS, DECODE_REGIONS)
