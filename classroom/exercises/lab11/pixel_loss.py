"""Lab 11, fourth part: the loss of all pixels of an FCN."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import label_map, normal
from classroom.exercises.exercise import Case, Exercise
from coursekit.ops import pixel_cross_entropy

VOID = 255


def pixel_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of the labelled pixels, 0 without any: (N, K, H, W), (N, H, W) -> ()."""
    return pixel_cross_entropy(logits, labels)


PIXEL_LOSS = Exercise(
    pixel_loss,
    hints=(
        "A segmenter is a classifier at every pixel, so its loss is that of a classifier. Which pixels do not have a right answer?",
        "Sum of -log p[label] over the pixels with label != 255, divided by their number, at least 1.",
        'total = F.cross_entropy(logits, labels, ignore_index=255, reduction="sum")\n'
        "return total / …  # what if every pixel is ignored?",
    ),
    cases=(
        Case("one pixel", (torch.tensor([[0.0, 2.0]])[..., None, None], torch.tensor([[[1]]]))),
        Case("a row of pixels", (normal(1, 3, 1, 4), label_map("0212")[None])),
        Case(
            "an edge that is not labelled",
            (normal(1, 3, 2, 4, seed=1), label_map("02.1", "..12")[None]),
        ),
        Case(
            "two images, one of them mostly void",
            (normal(2, 3, 1, 3, seed=5), torch.stack([label_map("2.."), label_map("021")])),
        ),
        Case(
            "two images, one of them void",
            (normal(2, 3, 1, 3, seed=2), torch.stack([label_map("..."), label_map("021")])),
        ),
        Case("confident and wrong", (torch.tensor([0.0, 200.0]).reshape(1, 2, 1, 1), torch.tensor([[[0]]]))),
        Case("no pixel is labelled", (normal(1, 3, 2, 2, seed=3), label_map("..", "..")[None])),
        Case(
            "the gradient",
            (normal(2, 4, 3, 5, seed=4), torch.stack([label_map("0123.", "33210", "1....")] * 2)),
            (0,),
        ),
    ),
)


@PIXEL_LOSS.wrong(
    "void learnt as background",
    "255 means that the class is unknown: exclude these pixels instead of making them class 0.",
)
def _void_is_background(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels.masked_fill(labels == VOID, 0))


@PIXEL_LOSS.wrong(
    "a mean over all pixels",
    "Divide by the number of labelled pixels; otherwise images with many void pixels count for less.",
)
def _over_all_pixels(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels, ignore_index=VOID, reduction="sum") / labels.numel()


@PIXEL_LOSS.wrong(
    "NaN if no pixel is labelled",
    "0 / 0 is NaN, which ruins the training: without labelled pixels the loss is 0.",
)
def _nan(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels, ignore_index=VOID)


@PIXEL_LOSS.wrong("softmax twice", "The cross-entropy of logits already includes the softmax.")
def _softmax_twice(logits: Tensor, labels: Tensor) -> Tensor:
    return pixel_loss(logits.softmax(1), labels)


@PIXEL_LOSS.wrong(
    "the sum instead of the mean",
    "Take the mean, so that the learning rate does not depend on the size of the image.",
)
def _sum(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels, ignore_index=VOID, reduction="sum")


@PIXEL_LOSS.wrong("the softmax over the columns", "The classes are axis 1 of (N, K, H, W).")
def _over_columns(logits: Tensor, labels: Tensor) -> Tensor:
    known = labels != VOID
    log = logits.log_softmax(-1).gather(1, labels.masked_fill(~known, 0)[:, None])[:, 0]  # (N, H, W)
    return -(log * known).sum() / known.sum().clamp(min=1)


@PIXEL_LOSS.wrong("probabilities without a logarithm", "The loss of a pixel is -log p of its class.")
def _probability(logits: Tensor, labels: Tensor) -> Tensor:
    known = labels != VOID
    right = logits.softmax(1).gather(1, labels.masked_fill(~known, 0)[:, None])[:, 0]  # (N, H, W)
    return ((1 - right) * known).sum() / known.sum().clamp(min=1)


def _costs(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The cost of each pixel, 0 where it is void, and which pixels are labelled: twice (N, H, W)."""
    return F.cross_entropy(logits, labels, ignore_index=VOID, reduction="none"), labels != VOID


def _mean_of(costs: Tensor, known: Tensor) -> Tensor:
    return (costs * known).sum() / known.sum().clamp(min=1)


EACH_IMAGE = "Divide once, by all labelled pixels of the batch: an image with few of them must not have the same weight as a full one."


@PIXEL_LOSS.wrong("the mean of each image's mean", EACH_IMAGE)
def _mean_of_means(logits: Tensor, labels: Tensor) -> Tensor:
    costs, known = _costs(logits, labels)
    return (costs.sum((1, 2)) / known.sum((1, 2)).clamp(min=1)).mean()


@PIXEL_LOSS.wrong("the mean of each image's mean", EACH_IMAGE)
def _mean_of_means_or_nan(logits: Tensor, labels: Tensor) -> Tensor:
    costs, known = _costs(logits, labels)
    return (costs.sum((1, 2)) / known.sum((1, 2))).mean()


@PIXEL_LOSS.wrong("the mean of each image's mean", EACH_IMAGE)
def _mean_of_means_without_void(logits: Tensor, labels: Tensor) -> Tensor:
    costs, known = _costs(logits, labels)
    means = costs.sum((1, 2)) / known.sum((1, 2)).clamp(min=1)
    return means.sum() / known.any(2).any(1).sum().clamp(min=1)


@PIXEL_LOSS.wrong(
    "an infinite loss", "log(softmax(z)) is -inf for a logit far below the others: use log_softmax."
)
def _logarithm_of_softmax(logits: Tensor, labels: Tensor) -> Tensor:
    _, known = _costs(logits, labels)
    right = logits.softmax(1).gather(1, labels.masked_fill(~known, 0)[:, None])[:, 0]  # (N, H, W)
    return torch.where(known, -right.log(), 0).sum() / known.sum().clamp(min=1)


@PIXEL_LOSS.wrong(
    "an error at void pixels",
    "255 is not one of the K classes: exclude these pixels before you look up a class.",
)
def _void_as_a_class(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels)


@PIXEL_LOSS.wrong(
    "an error at void pixels",
    "255 is not one of the K classes: exclude these pixels before you look up a class.",
)
def _void_gathered(logits: Tensor, labels: Tensor) -> Tensor:
    return -logits.log_softmax(1).gather(1, labels[:, None]).mean()


@PIXEL_LOSS.wrong(
    "no gradient", "The network is trained with this loss: no .item(), .detach() or torch.tensor(...)."
)
def _detached(logits: Tensor, labels: Tensor) -> Tensor:
    return pixel_loss(logits, labels).detach()


@PIXEL_LOSS.wrong(
    "logits reshaped instead of permuted",
    "reshape(-1, K) mixes classes and pixels: first move the classes to the end, permute(0, 2, 3, 1).",
)
def _reshaped(logits: Tensor, labels: Tensor) -> Tensor:
    total = F.cross_entropy(
        logits.reshape(-1, logits.shape[1]), labels.flatten(), ignore_index=VOID, reduction="sum"
    )
    return total / (labels != VOID).sum().clamp(min=1)


@PIXEL_LOSS.wrong(
    "every class weighted equally",
    "The mean is over the pixels, so a class with more pixels counts for more.",
)
def _mean_over_classes(logits: Tensor, labels: Tensor) -> Tensor:
    costs, known = _costs(logits, labels)
    means = [costs[labels == k].mean() for k in labels[known].unique()]
    return torch.stack(means).mean() if means else logits.sum() * 0


@PIXEL_LOSS.wrong(
    "one sigmoid per class", "A pixel has exactly one class: the classes compete in one softmax over axis 1."
)
def _sigmoids(logits: Tensor, labels: Tensor) -> Tensor:
    known = labels != VOID
    chosen = logits.permute(0, 2, 3, 1)[known]  # (P, K)
    true = F.one_hot(labels[known], logits.shape[1]).to(logits.dtype)
    return F.binary_cross_entropy_with_logits(chosen, true, reduction="sum") / known.sum().clamp(min=1)


@PIXEL_LOSS.wrong("the labels overwritten", "The caller's labels lose their void pixels: work on a copy.")
def _overwritten(logits: Tensor, labels: Tensor) -> Tensor:
    loss = pixel_loss(logits, labels.clone())
    labels[labels == VOID] = 0
    return loss


for name, story, function in (
    (
        "the sum divided by the number of images",
        "The mean is over the pixels: divide by the number of labelled ones.",
        lambda z, t: _costs(z, t)[0].sum() / len(z),
    ),
    (
        "background left out",
        "Class 0 is a class like any other; only 255 does not count.",
        lambda z, t: _mean_of(_costs(z, t)[0], (t != VOID) & (t != 0)),
    ),
    (
        "the sign missing",
        "The loss is the mean of -log p: without the minus, training would make the network worse.",
        lambda z, t: -pixel_loss(z, t),
    ),
    (
        "1 added to the number of pixels",
        "To avoid 0 / 0, use clamp(min=1), which changes nothing if a pixel is labelled.",
        lambda z, t: _costs(z, t)[0].sum() / ((t != VOID).sum() + 1),
    ),
    (
        "the logits used as logarithms of probabilities",
        "nll_loss expects log_softmax(logits); cross_entropy takes the logits.",
        lambda z, t: F.nll_loss(z, t, ignore_index=VOID, reduction="sum") / (t != VOID).sum().clamp(min=1),
    ),
    (
        "void learnt as the last class",
        "255 means that the class is unknown: exclude these pixels.",
        lambda z, t: F.cross_entropy(z, t.clamp(max=z.shape[1] - 1)),
    ),
    (
        "a loss for every pixel",
        "Return one number, the mean over the labelled pixels.",
        lambda z, t: _costs(z, t)[0],
    ),
):
    PIXEL_LOSS.wrong(name, story)(function)


EXERCISES = (PIXEL_LOSS,)
