"""Lab 14, first part: which of the K masks of a region is meant, and which of them is trained."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.pictures import masks_picture
from coursekit.models.fast_rcnn import of_class
from coursekit.models.mask_rcnn import masks_of_class, true_class_loss


def own_masks(logits: Tensor, labels: Tensor) -> Tensor:
    """The mask of its own class for each detection: (D, K, m, m), (D,) labels 1..K -> (D, 1, m, m) in [0, 1]."""
    return masks_of_class(logits, labels)


def _logits(*shape: int, seed: int = 0) -> Tensor:
    return 2 * normal(*shape, seed=seed)


OWN_MASKS = Exercise(
    own_masks,
    picture=masks_picture,
    hints=(
        "Each detection picks one of its K channels. Which one? Then make it a probability.",
        "sigmoid(logits[i, labels[i] - 1]) for each i, with an axis of one channel.",
        "logits[torch.arange(len(labels)), ...].sigmoid()[:, None]",
    ),
    cases=(
        Case("one region, two classes", (_logits(1, 2, 2, 3), torch.tensor([1]))),
        Case("three regions, four classes", (_logits(3, 4, 6, 5), torch.tensor([2, 4, 1])), gradient=True),
        Case("no detection", (_logits(0, 4, 7, 7), torch.zeros(0, dtype=torch.int64))),
    ),
)


@OWN_MASKS.wrong(
    "a softmax over the classes",
    "The classes would compete for each cell. The box branch has named the class already: one sigmoid, for it alone.",
)
def _softmax_over_classes(logits: Tensor, labels: Tensor) -> Tensor:
    return of_class(logits.softmax(1), labels)[:, None]


@OWN_MASKS.wrong(
    "the label taken for the place", "Labels start at 1, channels at 0: class k is in channel k - 1."
)
def _label_is_the_index(logits: Tensor, labels: Tensor) -> Tensor:
    return logits[torch.arange(len(labels)), labels].sigmoid()[:, None]


@OWN_MASKS.wrong(
    "the strongest class of each cell",
    "The mask would be glued from several classes. Take the channel of the detection's own label.",
)
def _strongest_class(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.amax(1, keepdim=True).sigmoid()


@OWN_MASKS.wrong("logits without a sigmoid", "A mask is a probability: apply the sigmoid.")
def _still_logits(logits: Tensor, labels: Tensor) -> Tensor:
    return of_class(logits, labels)[:, None]


@OWN_MASKS.wrong(
    "a mask cut at 0.5 already",
    "Cut after it was stretched over the box: the shades between cells place the boundary.",
)
def _cut_too_early(logits: Tensor, labels: Tensor) -> Tensor:
    return (own_masks(logits, labels) > 0.5).to(logits)


@OWN_MASKS.wrong("the first label for all regions", "Each region has a label of its own.")
def _first_label_for_all(logits: Tensor, labels: Tensor) -> Tensor:
    return logits[:, labels[:1] - 1].sigmoid() if len(labels) else logits[:, :1]


@OWN_MASKS.wrong("a mask without its channel axis", "The result is (D, 1, m, m), as in torchvision.")
def _without_the_axis(logits: Tensor, labels: Tensor) -> Tensor:
    return own_masks(logits, labels)[:, 0]


# ---------------------------------------------------------------- the loss


def mask_loss(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    """The binary cross entropy of the true class's mask, a mean over cells and objects; 0 without objects."""
    return true_class_loss(logits, wanted, labels)


def _objects(count: int, classes: int, m: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    wanted = torch.rand(count, m, m + 1, generator=generator)
    labels = torch.randint(1, classes + 1, (count,), generator=generator)
    return _logits(count, classes, m, m + 1, seed=seed), wanted, labels


MASK_LOSS = Exercise(
    mask_loss,
    hints=(
        "First pick the channel of each object's class, as in the exercise before. Then it is an ordinary binary loss.",
        "own = logits[i, labels[i] - 1]; the mean of the binary cross-entropy of own and wanted; 0 for no object.",
        'F.binary_cross_entropy_with_logits(own, wanted, reduction="sum") / max(own.numel(), 1)',
    ),
    cases=(
        Case("one cell, two classes", (_logits(1, 2, 1, 1), torch.ones(1, 1, 1), torch.tensor([1]))),
        Case("one object, half of the cells", (_logits(1, 3, 2, 2), torch.eye(2)[None], torch.tensor([3]))),
        Case("covered in part, with gradients", _objects(5, 4, 3, seed=1), gradient=(0,)),
        Case("no object", _objects(0, 4, 3, seed=2)),
    ),
)


@MASK_LOSS.wrong(
    "a softmax over the classes",
    "Then a cell can only be object when every other class is pushed down: the classes compete.",
)
def _softmax_loss(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy(of_class(logits.softmax(1), labels), wanted)


@MASK_LOSS.wrong(
    "a loss on all class channels",
    "Only the channel of the true class has a target: the others are not wrong, nobody asked them.",
)
def _all_channels(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    chosen = F.one_hot(labels - 1, logits.shape[1])[:, :, None, None]  # (P, K, 1, 1)
    return F.binary_cross_entropy_with_logits(logits, chosen * wanted[:, None])


@MASK_LOSS.wrong(
    "the same mask for every class",
    "Every channel would learn every shape: K copies of one mask. Train the true class's alone.",
)
def _same_mask_for_all(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, wanted[:, None].expand_as(logits))


@MASK_LOSS.wrong(
    "the label taken for the place", "Labels start at 1, channels at 0: class k is in channel k - 1."
)
def _shifted_label(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits[torch.arange(len(labels)), labels], wanted)


@MASK_LOSS.wrong(
    "targets cut to 0 or 1", "A cell on the boundary is covered in part: its target is that part."
)
def _cut_targets(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(of_class(logits, labels), (wanted > 0.5).to(wanted))


@MASK_LOSS.wrong("two sigmoids", "`..._with_logits` applies the sigmoid itself: give it logits.")
def _two_sigmoids(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(of_class(logits, labels).sigmoid(), wanted)


@MASK_LOSS.wrong(
    "a sum over the cells", "784 cells and many objects would drown the other losses: take the mean."
)
def _total(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(of_class(logits, labels), wanted, reduction="sum")


@MASK_LOSS.wrong(
    "a mean of nothing",
    "Without objects there is nothing to take the mean of, and 0 / 0 is NaN: divide by at least 1.",
)
def _nan_without_objects(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(of_class(logits, labels), wanted)


EXERCISES = (OWN_MASKS, MASK_LOSS)
