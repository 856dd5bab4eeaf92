"""Lab 11, fourth part: the skip of an FCN, and the loss of all its pixels."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.cases import label_map, normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.pictures import maps_picture
from coursekit.models.fcn import fuse
from coursekit.ops import pixel_cross_entropy

VOID = 255


def add_skip(coarse: Tensor, fine: Tensor) -> Tensor:
    """The coarse scores, enlarged bilinearly, plus the fine ones: (N, K, h, w), (N, K, H, W) -> (N, K, H, W)."""
    return fuse(coarse, fine)


ADD_SKIP = Exercise(
    add_skip,
    picture=lambda arguments, got, wanted: maps_picture(arguments[::-1], got, wanted),
    hints=(
        "Two maps of scores, of the same classes and of two sizes. One must change before they can be added. Which, and how?",
        "Enlarge the coarse scores bilinearly to the height and width of the fine ones, then add.",
        'F.interpolate(coarse, fine.shape[-2:], mode="bilinear") + fine',
    ),
    cases=(
        Case("one coarse cell", (torch.full((1, 1, 1, 1), 3.0), torch.zeros(1, 1, 2, 2))),
        Case("a row of cells", (torch.tensor([[[[1.0, 3.0, 2.0]]]]), torch.ones(1, 1, 2, 6))),
        Case("an odd number of cells", (normal(1, 1, 2, 3), torch.zeros(1, 1, 3, 5))),
        Case("two pictures, four classes", (normal(2, 4, 3, 5), normal(2, 4, 6, 10, seed=1))),
        Case("the gradient", (normal(1, 2, 3, 4), normal(1, 2, 6, 8, seed=1)), True),
    ),
)


def _larger(coarse: Tensor, fine: Tensor, **how) -> Tensor:
    return F.interpolate(coarse, fine.shape[-2:], **how)


@ADD_SKIP.wrong(
    "the nearest coarse score", "Scores are amounts: blend them bilinearly. Only labels must not be."
)
def _nearest(coarse: Tensor, fine: Tensor) -> Tensor:
    return _larger(coarse, fine) + fine


@ADD_SKIP.wrong(
    "corners on corners",
    "align_corners=True moves all cells but the middle ones: coarse and fine scores would not lie on each other.",
)
def _corners(coarse: Tensor, fine: Tensor) -> Tensor:
    return _larger(coarse, fine, mode="bilinear", align_corners=True) + fine


@ADD_SKIP.wrong("concatenation", "FCN adds the scores; U-Net, in lab 12, concatenates.")
def _concatenated(coarse: Tensor, fine: Tensor) -> Tensor:
    return torch.cat([_larger(coarse, fine, mode="bilinear"), fine], 1)


@ADD_SKIP.wrong("the fine scores made small", "The fine places are what is missing: the coarse map grows.")
def _fine_shrunk(coarse: Tensor, fine: Tensor) -> Tensor:
    return coarse + F.adaptive_avg_pool2d(fine, coarse.shape[-2:])


@ADD_SKIP.wrong("the coarse scores alone", "Add the fine ones.")
def _coarse_alone(coarse: Tensor, fine: Tensor) -> Tensor:
    return _larger(coarse, fine, mode="bilinear")


@ADD_SKIP.wrong("a mean", "The scores are added: they are logits, each level adds its evidence.")
def _mean(coarse: Tensor, fine: Tensor) -> Tensor:
    return add_skip(coarse, fine) / 2


@ADD_SKIP.wrong(
    "always twice as large", "5 fine cells have 3 coarse ones below: ask the fine map for its size."
)
def _always_twice(coarse: Tensor, fine: Tensor) -> Tensor:
    return F.interpolate(coarse, scale_factor=2, mode="bilinear") + fine


def pixel_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of the labelled pixels, 0 without any: (N, K, H, W), (N, H, W) -> ()."""
    return pixel_cross_entropy(logits, labels)


PIXEL_LOSS = Exercise(
    pixel_loss,
    hints=(
        "A segmenter is a classifier at every pixel. So the loss is that of a classifier. Which pixels have no right answer?",
        "Sum of -log p[label] over the pixels with label != 255, divided by their number, at least 1.",
        'F.cross_entropy(logits, labels, ignore_index=255, reduction="sum") / (labels != 255).sum().clamp(min=1)',
    ),
    cases=(
        Case("one pixel", (torch.tensor([[0.0, 2.0]])[..., None, None], torch.tensor([[[1]]]))),
        Case("a row of pixels", (normal(1, 3, 1, 4), label_map("0212")[None])),
        Case(
            "an edge that nobody labelled",
            (normal(1, 3, 2, 4, seed=1), label_map("02.1", "..12")[None]),
        ),
        Case(
            "two pictures, one of them void",
            (normal(2, 3, 1, 3, seed=2), torch.stack([label_map("..."), label_map("021")])),
        ),
        Case("nobody labelled anything", (normal(1, 3, 2, 2, seed=3), label_map("..", "..")[None])),
        Case(
            "the gradient",
            (normal(2, 4, 3, 5, seed=4), torch.stack([label_map("0123.", "33210", "1....")] * 2)),
            (0,),
        ),
    ),
)


@PIXEL_LOSS.wrong(
    "void learnt as background",
    "255 means that nobody knows. The network would learn that the unknown is table.",
)
def _void_is_background(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels.masked_fill(labels == VOID, 0))


@PIXEL_LOSS.wrong(
    "a mean over all pixels",
    "Divide by the number of labelled pixels, else a picture with much void teaches less.",
)
def _over_all_pixels(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels, ignore_index=VOID, reduction="sum") / labels.numel()


@PIXEL_LOSS.wrong("0 / 0", "Without a labelled pixel the loss is 0, not NaN: NaN would end the training.")
def _nan(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels, ignore_index=VOID)


@PIXEL_LOSS.wrong("softmax twice", "Cross-entropy of logits contains the softmax already.")
def _softmax_twice(logits: Tensor, labels: Tensor) -> Tensor:
    return pixel_loss(logits.softmax(1), labels)


@PIXEL_LOSS.wrong(
    "a sum", "Take the mean, so that the learning rate does not depend on the size of the picture."
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


EXERCISES = (ADD_SKIP, PIXEL_LOSS)
