"""Lab 14, section 2: the loss of the mask of the true class."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab14.own_masks import own, scaled_logits


def mask_loss(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    """The binary cross-entropy of the true class's mask, a mean over cells and objects; 0 without objects."""
    return _mean_entropy(own(logits, labels)[:, 0], wanted)


def _mean_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, wanted, reduction="sum") / max(wanted.numel(), 1)


def _objects(count: int, classes: int, m: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    labels = torch.randint(1, classes + 1, (count,), generator=torch.Generator().manual_seed(seed))
    return scaled_logits(count, classes, m, m, seed=seed), uniform(count, m, m, seed=seed), labels


_HALF_COVERED = torch.tensor([[[1.0, 0.0], [1.0, 0.0]]])
_SURE = torch.tensor([[[[30.0, -30.0], [30.0, 30.0]], [[29.0, -31.0], [31.0, 30.0]]]])

MASK_LOSS = Exercise(
    mask_loss,
    hints=(
        "First pick the channel of each object's class, as in the previous exercise. Then it is an ordinary binary loss.",
        "own = logits[i, labels[i] - 1]; the mean of the binary cross-entropy of own and wanted; 0 without objects.",
        "own = logits[torch.arange(len(labels)), …]  # (R, m, m): the map of each region's class\n"
        'total = F.binary_cross_entropy_with_logits(own, wanted, reduction="sum")\n'
        "return total / max(own.numel(), 1)",
    ),
    cases=(
        Case("one cell, two classes", (scaled_logits(1, 2, 1, 1), torch.ones(1, 1, 1), torch.tensor([1]))),
        Case("one object, half of the cells", (scaled_logits(1, 3, 2, 2), _HALF_COVERED, torch.tensor([2]))),
        Case("covered in part", (scaled_logits(1, 2, 2, 2, seed=3), uniform(1, 2, 2), torch.tensor([1]))),
        Case("three objects", _objects(3, 4, 2, seed=4)),
        Case("five objects, with gradients", _objects(5, 4, 3, seed=1), gradient=(0,)),
        Case("logits of 30 and -30", (_SURE, _HALF_COVERED, torch.tensor([1]))),
        Case("no objects", _objects(0, 4, 3, seed=2)),
    ),
)


def _wrong(name: str, story: str) -> Callable:
    """Add the answer that has another cost of the cells, from logits, wanted values and labels; it takes their mean."""

    def add(costs: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable:
        def answer(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
            cells = costs(logits, wanted, labels)
            return cells.sum() / max(cells.numel(), 1)

        MASK_LOSS.wrong(name, story)(answer)
        return costs

    return add


def _entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")


@_wrong(
    "a softmax over the classes",
    "Then a cell can only be object if every other class is pushed down: the classes compete.",
)
def _softmax_loss(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy(own(logits.softmax(1), labels)[:, 0], wanted, reduction="none")


@_wrong(
    "a loss on all class channels",
    "Only the channel of the true class has a target: what the others predict here is neither right nor wrong.",
)
def _all_channels(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    chosen = F.one_hot(labels - 1, logits.shape[1])[:, :, None, None]  # (P, K, 1, 1)
    return _entropy(logits, chosen * wanted[:, None])


@_wrong(
    "the same mask for every class",
    "Every channel would learn every shape, which gives K copies of one mask. Train only that of the true class.",
)
def _same_mask_for_all(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return _entropy(logits, wanted[:, None].expand_as(logits))


@_wrong("the label used as the channel", "Labels start at 1, channels at 0: class k is in channel k - 1.")
def _shifted_label(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return _entropy(logits[torch.arange(len(labels)), labels], wanted)


@_wrong("the first channel for every label", "Train the channel of the object's own class.")
def _first_channel(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return _entropy(logits[:, 0], wanted)


@_wrong(
    "targets rounded to 0 or 1",
    "A cell on the boundary is partly covered: its target is the fraction that is covered.",
)
def _cut_targets(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return _entropy(own(logits, labels)[:, 0], (wanted > 0.5).to(wanted))


@_wrong("two sigmoids", "`..._with_logits` applies the sigmoid itself: give it logits.")
def _two_sigmoids(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return _entropy(own(logits, labels)[:, 0].sigmoid(), wanted)


@_wrong(
    "a probability rounded to 0 or 1",
    "The sigmoid of 30 is exactly 1 in float32, so the logarithm is lost: use the loss that takes logits, or F.logsigmoid.",
)
def _rounded(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy(own(logits, labels)[:, 0].sigmoid(), wanted, reduction="none")


@_wrong(
    "the cells of the object only",
    "The second term, (1 - wanted) log(1 - p), is what empties the background.",
)
def _first_term(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return -wanted * F.logsigmoid(own(logits, labels)[:, 0])


@_wrong("the background only", "The first term, wanted log p, is missing.")
def _second_term(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return (wanted - 1) * F.logsigmoid(-own(logits, labels)[:, 0])


@_wrong("the wrong sign", "The logarithm of a probability is negative: the loss has a minus sign in front.")
def _wrong_sign(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return -_entropy(own(logits, labels)[:, 0], wanted)


@_wrong(
    "squared differences",
    "The loss is a cross-entropy: its gradient does not vanish where the mask is badly wrong.",
)
def _squares(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return (own(logits, labels)[:, 0].sigmoid() - wanted) ** 2


@_wrong("absolute differences", "The loss is a cross-entropy, not a difference of probabilities.")
def _differences(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return (own(logits, labels)[:, 0].sigmoid() - wanted).abs()


@_wrong(
    "the mean over covered cells only",
    "Cells without any object count as well: the mask must be empty there.",
)
def _covered_cells(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return _entropy(own(logits, labels)[:, 0], wanted)[wanted > 0]


@MASK_LOSS.wrong(
    "a sum over the cells and objects",
    "784 cells and many objects would drown out the other losses: take the mean.",
)
def _total(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return mask_loss(logits, wanted, labels) * wanted.numel()


@MASK_LOSS.wrong(
    "a sum over the cells, a mean over the objects",
    "Divide by the number of cells as well: the mean over both.",
)
def _sum_over_cells(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return mask_loss(logits, wanted, labels) * (wanted.shape[1] * wanted.shape[2])


@MASK_LOSS.wrong(
    "a mean over the cells, a sum over the objects",
    "Divide by the number of objects as well: the mean over both.",
)
def _sum_over_objects(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return mask_loss(logits, wanted, labels) * len(wanted)


@MASK_LOSS.wrong(
    "divided by the number of classes",
    "Only one mask per object is trained: divide by objects and cells only.",
)
def _divided_by_classes(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return mask_loss(logits, wanted, labels) / logits.shape[1]


@MASK_LOSS.wrong(
    "a loss without a gradient",
    "The network cannot learn from a plain number: use tensors all the way, without .item(), .detach() or torch.tensor(...).",
)
def _no_gradient(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return mask_loss(logits, wanted, labels).detach()


@MASK_LOSS.wrong("a loss for each object", "Return one number: the mean over the objects as well.")
def _each_object(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return _entropy(own(logits, labels)[:, 0], wanted).mean((1, 2))


@MASK_LOSS.wrong("a loss for each cell", "Return one number: the mean over objects and cells.")
def _each_cell(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return _entropy(own(logits, labels)[:, 0], wanted)


@MASK_LOSS.wrong("NaN without objects", "Without objects the mean is 0 / 0: divide the sum by at least 1.")
def _nan_without_objects(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(own(logits, labels)[:, 0], wanted)


@MASK_LOSS.wrong("an error without objects", "An image may have no objects: then the loss is 0.")
def _error_without_objects(logits: Tensor, wanted: Tensor, labels: Tensor) -> Tensor:
    if not len(labels):
        raise Exception  # whatever the error
    return mask_loss(logits, wanted, labels)


EXERCISES = (MASK_LOSS,)
