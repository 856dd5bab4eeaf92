"""Lab 14, first part: which of the K masks of a region is meant, and which of them is trained."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise, WrongAnswer
from classroom.exercises.instance_pictures import masks_picture
from coursekit.models.fast_rcnn import of_class
from coursekit.models.mask_rcnn import masks_of_class, true_class_loss


def own_masks(logits: Tensor, labels: Tensor) -> Tensor:
    """The mask of its own class for each detection: (D, K, m, m), (D,) labels 1..K -> (D, 1, m, m) in [0, 1]."""
    return masks_of_class(logits, labels)


def _softmax_over_classes(logits: Tensor, labels: Tensor) -> Tensor:
    return of_class(logits.softmax(1), labels)[:, None]


def _label_is_the_index(logits: Tensor, labels: Tensor) -> Tensor:
    return logits[torch.arange(len(labels)), labels].sigmoid()[:, None]


def _strongest_class(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.amax(1, keepdim=True).sigmoid()


def _still_logits(logits: Tensor, labels: Tensor) -> Tensor:
    return of_class(logits, labels)[:, None]


def _cut_too_early(logits: Tensor, labels: Tensor) -> Tensor:
    return (own_masks(logits, labels) > 0.5).to(logits)


def _first_label_for_all(logits: Tensor, labels: Tensor) -> Tensor:
    return logits[:, labels[:1] - 1].sigmoid() if len(labels) else logits[:, :1]


def _without_the_axis(logits: Tensor, labels: Tensor) -> Tensor:
    return own_masks(logits, labels)[:, 0]


def _logits(*shape: int, seed: int = 0) -> Tensor:
    return 2 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


OWN_MASKS = Exercise(
    own_masks,
    cases=(
        Case("one region, two classes", (_logits(1, 2, 2, 3), torch.tensor([1]))),
        Case("three regions, four classes", (_logits(3, 4, 6, 5), torch.tensor([2, 4, 1])), gradient=True),
        Case("no detection", (_logits(0, 4, 7, 7), torch.zeros(0, dtype=torch.int64))),
    ),
    wrong_answers=(
        WrongAnswer(
            "a softmax over the classes",
            "The classes would compete for each cell. The box branch has named the class already: one sigmoid, for it alone.",
            _softmax_over_classes,
        ),
        WrongAnswer(
            "the label taken for the place",
            "Labels start at 1, channels at 0: class k is in channel k - 1.",
            _label_is_the_index,
        ),
        WrongAnswer(
            "the strongest class of each cell",
            "The mask would be glued from several classes. Take the channel of the detection's own label.",
            _strongest_class,
        ),
        WrongAnswer("logits without a sigmoid", "A mask is a probability: apply the sigmoid.", _still_logits),
        WrongAnswer(
            "a mask cut at 0.5 already",
            "Cut after it was stretched over the box: the shades between cells place the boundary.",
            _cut_too_early,
        ),
        WrongAnswer(
            "the first label for all regions", "Each region has a label of its own.", _first_label_for_all
        ),
        WrongAnswer(
            "a mask without its channel axis",
            "The result is (D, 1, m, m), as in torchvision.",
            _without_the_axis,
        ),
    ),
    hints=(
        "Each detection picks one of its K channels. Which one? Then make it a probability.",
        "sigmoid(logits[i, labels[i] - 1]) for each i, with an axis of one channel.",
        "logits[torch.arange(len(labels)), ...].sigmoid()[:, None]",
    ),
    picture=masks_picture,
)

# ---------------------------------------------------------------- the loss


def mask_loss(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    """The binary cross entropy of the true class's mask, a mean over cells and objects; 0 without objects."""
    return true_class_loss(logits, wanted, labels)


def _softmax_loss(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy(of_class(logits.softmax(1), labels), wanted)


def _all_channels(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    chosen = F.one_hot(labels - 1, logits.shape[1])[:, :, None, None]  # (P, K, 1, 1)
    return F.binary_cross_entropy_with_logits(logits, chosen * wanted[:, None])


def _same_mask_for_all(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, wanted[:, None].expand_as(logits))


def _shifted_label(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits[torch.arange(len(labels)), labels], wanted)


def _cut_targets(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(of_class(logits, labels), (wanted > 0.5).to(wanted))


def _two_sigmoids(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(of_class(logits, labels).sigmoid(), wanted)


def _total(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(of_class(logits, labels), wanted, reduction="sum")


def _nan_without_objects(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(of_class(logits, labels), wanted)


def _objects(count: int, classes: int, m: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    wanted = torch.rand(count, m, m + 1, generator=generator)
    labels = torch.randint(1, classes + 1, (count,), generator=generator)
    return _logits(count, classes, m, m + 1, seed=seed), wanted, labels


MASK_LOSS = Exercise(
    mask_loss,
    cases=(
        Case("one cell, two classes", (_logits(1, 2, 1, 1), torch.ones(1, 1, 1), torch.tensor([1]))),
        Case("one object, half of the cells", (_logits(1, 3, 2, 2), torch.eye(2)[None], torch.tensor([3]))),
        Case("covered in part, with gradients", _objects(5, 4, 3, seed=1), gradient=(0,)),
        Case("no object", _objects(0, 4, 3, seed=2)),
    ),
    wrong_answers=(
        WrongAnswer(
            "a softmax over the classes",
            "Then a cell can only be object when every other class is pushed down: the classes compete.",
            _softmax_loss,
        ),
        WrongAnswer(
            "a loss on all class channels",
            "Only the channel of the true class has a target: the others are not wrong, nobody asked them.",
            _all_channels,
        ),
        WrongAnswer(
            "the same mask for every class",
            "Every channel would learn every shape: K copies of one mask. Train the true class's alone.",
            _same_mask_for_all,
        ),
        WrongAnswer(
            "the label taken for the place",
            "Labels start at 1, channels at 0: class k is in channel k - 1.",
            _shifted_label,
        ),
        WrongAnswer(
            "targets cut to 0 or 1",
            "A cell on the boundary is covered in part: its target is that part.",
            _cut_targets,
        ),
        WrongAnswer(
            "two sigmoids", "`..._with_logits` applies the sigmoid itself: give it logits.", _two_sigmoids
        ),
        WrongAnswer(
            "a sum over the cells",
            "784 cells and many objects would drown the other losses: take the mean.",
            _total,
        ),
        WrongAnswer(
            "a mean of nothing",
            "Without objects there is nothing to take the mean of, and 0 / 0 is NaN: divide by at least 1.",
            _nan_without_objects,
        ),
    ),
    hints=(
        "First pick the channel of each object's class, as in the exercise before. Then it is an ordinary binary loss.",
        "own = logits[i, labels[i] - 1]; the mean of the binary cross-entropy of own and wanted; 0 for no object.",
        'F.binary_cross_entropy_with_logits(own, wanted, reduction="sum") / max(own.numel(), 1)',
    ),
)

EXERCISES = (OWN_MASKS, MASK_LOSS)
