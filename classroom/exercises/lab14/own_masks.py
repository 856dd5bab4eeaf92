"""Lab 14, section 1: which of the K masks of a region is used."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.pictures import masks_picture


def own_masks(logits: Tensor, labels: Tensor) -> Tensor:
    """The mask of its own class for each detection: (D, K, m, m), (D,) labels 1..K -> (D, 1, m, m) in [0, 1]."""
    return own(logits, labels).sigmoid()


def own(numbers: Tensor, labels: Tensor) -> Tensor:
    """The channel of its own class for each detection: (D, K, m, m), (D,) labels 1..K -> (D, 1, m, m)."""
    return numbers[torch.arange(len(labels)), labels - 1][:, None]


def scaled_logits(*shape: int, seed: int = 0) -> Tensor:
    """Return random logits, most of them between -4 and 4."""
    return 2 * normal(*shape, seed=seed)


OWN_MASKS = Exercise(
    own_masks,
    picture=masks_picture,
    hints=(
        "Pick one of the K channels for each detection. Which one? Then turn it into probabilities.",
        "sigmoid(logits[i, labels[i] - 1]) for each i, with a channel axis of length 1.",
        "own = logits[torch.arange(len(labels)), …]  # the map of each region's class\n"
        "return own.sigmoid()…  # (R, 1, m, m)",
    ),
    cases=(
        Case("one region, two classes", (scaled_logits(1, 2, 3, 3), torch.tensor([1]))),
        Case("the last class", (scaled_logits(1, 2, 3, 3), torch.tensor([2]))),
        Case("three regions, four classes", (scaled_logits(3, 4, 5, 5), torch.tensor([2, 4, 1]))),
        Case("no detections", (scaled_logits(0, 4, 7, 7), torch.zeros(0, dtype=torch.int64))),
    ),
)


@OWN_MASKS.wrong(
    "a softmax over the classes",
    "The classes would compete for each cell. The box branch has already predicted the class: use one sigmoid, for that class alone.",
)
def _softmax_over_classes(logits: Tensor, labels: Tensor) -> Tensor:
    return own(logits.softmax(1), labels)


@OWN_MASKS.wrong(
    "a softmax over the cells", "Each cell is a separate yes-or-no question: apply the sigmoid to each."
)
def _softmax_over_cells(logits: Tensor, labels: Tensor) -> Tensor:
    return own(logits, labels).flatten(2).softmax(2).view_as(own(logits, labels))


@OWN_MASKS.wrong(
    "the label used as the channel", "Labels start at 1, channels at 0: class k is in channel k - 1."
)
def _label_is_the_index(logits: Tensor, labels: Tensor) -> Tensor:
    return logits[torch.arange(len(labels)), labels].sigmoid()[:, None]


@OWN_MASKS.wrong(
    "the strongest class of each cell",
    "The mask would be patched together from several classes. Take the channel of the detection's own label.",
)
def _strongest_class(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.amax(1, keepdim=True).sigmoid()


@OWN_MASKS.wrong("the mean mask of all classes", "Take only the channel of the detection's own label.")
def _mean_of_classes(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.sigmoid().mean(1, keepdim=True)


@OWN_MASKS.wrong("the first channel for every label", "Each detection takes the channel of its own label.")
def _first_channel(logits: Tensor, labels: Tensor) -> Tensor:
    return logits[:, :1].sigmoid()


@OWN_MASKS.wrong("logits without a sigmoid", "A mask is a probability: apply the sigmoid.")
def _still_logits(logits: Tensor, labels: Tensor) -> Tensor:
    return own(logits, labels)


@OWN_MASKS.wrong("two sigmoids", "One sigmoid makes a probability; a second one leaves only 0.5 to 0.73.")
def _two_sigmoids(logits: Tensor, labels: Tensor) -> Tensor:
    return own_masks(logits, labels).sigmoid()


@OWN_MASKS.wrong(
    "a mask already thresholded at 0.5",
    "Apply the threshold after the mask is resized to the box: the values in between determine where the boundary is.",
)
def _cut_too_early(logits: Tensor, labels: Tensor) -> Tensor:
    return (own_masks(logits, labels) > 0.5).to(logits)


@OWN_MASKS.wrong(
    "true or false in each cell",
    "Apply the threshold after the mask is resized to the box: the values in between determine where the boundary is.",
)
def _true_or_false(logits: Tensor, labels: Tensor) -> Tensor:
    return own_masks(logits, labels) > 0.5


@OWN_MASKS.wrong("the first label for all regions", "Each region has its own label.")
def _first_label_for_all(logits: Tensor, labels: Tensor) -> Tensor:
    return logits[:, labels[:1] - 1].sigmoid() if len(labels) else own_masks(logits, labels)


@OWN_MASKS.wrong(
    "the first label for all regions, and no channel without detections",
    "Each region has its own label. Without detections the result is (0, 1, m, m).",
)
def _first_label_or_none(logits: Tensor, labels: Tensor) -> Tensor:
    return logits[:, labels[:1] - 1].sigmoid()


@OWN_MASKS.wrong(
    "the classes of all detections for each detection",
    "logits[:, labels - 1] takes every label for every row: index rows and channels together, with torch.arange(D).",
)
def _all_pairs(logits: Tensor, labels: Tensor) -> Tensor:
    return logits[:, labels - 1].sigmoid()


@OWN_MASKS.wrong("a mask without its channel axis", "The result is (D, 1, m, m), as in torchvision.")
def _without_the_axis(logits: Tensor, labels: Tensor) -> Tensor:
    return own_masks(logits, labels)[:, 0]


def _mine(logits: Tensor, labels: Tensor) -> Tensor:
    return F.one_hot(labels - 1, logits.shape[1])[:, :, None, None]


@OWN_MASKS.wrong(
    "all classes, the others set to 0", "Return one channel per detection, (D, 1, m, m), not all K."
)
def _others_set_to_0(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.sigmoid() * _mine(logits, labels)


@OWN_MASKS.wrong(
    "all K masks of each detection", "Return one channel per detection, (D, 1, m, m), not all K."
)
def _all_classes(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.sigmoid()


@OWN_MASKS.wrong(
    "one half added for every other class",
    "The sigmoid of 0 is 0.5: set the *probabilities* of other classes to 0, or do not sum over them at all.",
)
def _masked_before_the_sigmoid(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits * _mine(logits, labels)).sigmoid().sum(1, keepdim=True)


@OWN_MASKS.wrong(
    "the caller's logits changed",
    "A function whose name ends in _ changes the caller's tensor: use .sigmoid().",
)
def _spoilt(logits: Tensor, labels: Tensor) -> Tensor:
    return own(logits.sigmoid_(), labels)


@OWN_MASKS.wrong(
    "an error without detections", "An image may have no detections: then the result is (0, 1, m, m)."
)
def _error_without_detections(logits: Tensor, labels: Tensor) -> Tensor:
    if not len(labels):
        raise Exception  # whatever the error
    return own_masks(logits, labels)


EXERCISES = (OWN_MASKS,)
