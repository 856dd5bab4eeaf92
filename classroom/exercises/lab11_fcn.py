"""Lab 11, fourth part: the skip of an FCN, and the loss of all its pixels."""

import torch
import torch.nn.functional as F
from torch import Tensor

from classroom.exercises.exercise import Case, Exercise, WrongAnswer
from classroom.exercises.map_pictures import label_map_of, random_maps
from classroom.exercises.scale_pictures import maps_picture
from coursekit.models.fcn import fuse
from coursekit.ops import pixel_cross_entropy

VOID = 255


def add_skip(coarse: Tensor, fine: Tensor) -> Tensor:
    """The coarse scores, enlarged bilinearly, plus the fine ones: (N, K, h, w), (N, K, H, W) -> (N, K, H, W)."""
    return fuse(coarse, fine)


def _larger(coarse: Tensor, fine: Tensor, **how) -> Tensor:
    return F.interpolate(coarse, fine.shape[-2:], **how)


def _nearest(coarse: Tensor, fine: Tensor) -> Tensor:
    return _larger(coarse, fine) + fine


def _corners(coarse: Tensor, fine: Tensor) -> Tensor:
    return _larger(coarse, fine, mode="bilinear", align_corners=True) + fine


def _concatenated(coarse: Tensor, fine: Tensor) -> Tensor:
    return torch.cat([_larger(coarse, fine, mode="bilinear"), fine], 1)


def _fine_shrunk(coarse: Tensor, fine: Tensor) -> Tensor:
    return coarse + F.adaptive_avg_pool2d(fine, coarse.shape[-2:])


def _coarse_alone(coarse: Tensor, fine: Tensor) -> Tensor:
    return _larger(coarse, fine, mode="bilinear")


def _mean(coarse: Tensor, fine: Tensor) -> Tensor:
    return add_skip(coarse, fine) / 2


def _always_twice(coarse: Tensor, fine: Tensor) -> Tensor:
    return F.interpolate(coarse, scale_factor=2, mode="bilinear") + fine


ADD_SKIP = Exercise(
    add_skip,
    cases=(
        Case("one coarse cell", (torch.full((1, 1, 1, 1), 3.0), torch.zeros(1, 1, 2, 2))),
        Case("a row of cells", (torch.tensor([[[[1.0, 3.0, 2.0]]]]), torch.ones(1, 1, 2, 6))),
        Case("an odd number of cells", (random_maps(1, 1, 2, 3), torch.zeros(1, 1, 3, 5))),
        Case("two pictures, four classes", (random_maps(2, 4, 3, 5), random_maps(2, 4, 6, 10, seed=1))),
        Case("the gradient", (random_maps(1, 2, 3, 4), random_maps(1, 2, 6, 8, seed=1)), True),
    ),
    wrong_answers=(
        WrongAnswer(
            "the nearest coarse score",
            "Scores are amounts: blend them bilinearly. Only labels must not be.",
            _nearest,
        ),
        WrongAnswer(
            "corners on corners",
            "align_corners=True moves all cells but the middle ones: coarse and fine scores would not lie on each other.",
            _corners,
        ),
        WrongAnswer("concatenation", "FCN adds the scores; U-Net, in lab 12, concatenates.", _concatenated),
        WrongAnswer(
            "the fine scores made small",
            "The fine places are what is missing: the coarse map grows.",
            _fine_shrunk,
        ),
        WrongAnswer("the coarse scores alone", "Add the fine ones.", _coarse_alone),
        WrongAnswer("a mean", "The scores are added: they are logits, each level adds its evidence.", _mean),
        WrongAnswer(
            "always twice as large",
            "5 fine cells have 3 coarse ones below: ask the fine map for its size.",
            _always_twice,
        ),
    ),
    hints=(
        "Two maps of scores, of the same classes and of two sizes. One must change before they can be added. Which, and how?",
        "Enlarge the coarse scores bilinearly to the height and width of the fine ones, then add.",
        'F.interpolate(coarse, fine.shape[-2:], mode="bilinear") + fine',
    ),
    picture=lambda arguments, got, wanted: maps_picture(arguments[::-1], got, wanted),
)


def pixel_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of the labelled pixels, 0 without any: (N, K, H, W), (N, H, W) -> ()."""
    return pixel_cross_entropy(logits, labels)


def _void_is_background(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels.masked_fill(labels == VOID, 0))


def _over_all_pixels(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels, ignore_index=VOID, reduction="sum") / labels.numel()


def _nan(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels, ignore_index=VOID)


def _softmax_twice(logits: Tensor, labels: Tensor) -> Tensor:
    return pixel_loss(logits.softmax(1), labels)


def _sum(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels, ignore_index=VOID, reduction="sum")


def _over_columns(logits: Tensor, labels: Tensor) -> Tensor:
    known = labels != VOID
    log = logits.log_softmax(-1).gather(1, labels.masked_fill(~known, 0)[:, None])[:, 0]  # (N, H, W)
    return -(log * known).sum() / known.sum().clamp(min=1)


def _probability(logits: Tensor, labels: Tensor) -> Tensor:
    known = labels != VOID
    right = logits.softmax(1).gather(1, labels.masked_fill(~known, 0)[:, None])[:, 0]  # (N, H, W)
    return ((1 - right) * known).sum() / known.sum().clamp(min=1)


PIXEL_LOSS = Exercise(
    pixel_loss,
    cases=(
        Case("one pixel", (torch.tensor([[0.0, 2.0]])[..., None, None], torch.tensor([[[1]]]))),
        Case("a row of pixels", (random_maps(1, 3, 1, 4), label_map_of("0212")[None])),
        Case(
            "an edge that nobody labelled",
            (random_maps(1, 3, 2, 4, seed=1), label_map_of("02.1", "..12")[None]),
        ),
        Case(
            "two pictures, one of them void",
            (random_maps(2, 3, 1, 3, seed=2), torch.stack([label_map_of("..."), label_map_of("021")])),
        ),
        Case("nobody labelled anything", (random_maps(1, 3, 2, 2, seed=3), label_map_of("..", "..")[None])),
        Case(
            "the gradient",
            (random_maps(2, 4, 3, 5, seed=4), torch.stack([label_map_of("0123.", "33210", "1....")] * 2)),
            (0,),
        ),
    ),
    wrong_answers=(
        WrongAnswer(
            "void learnt as background",
            "255 means that nobody knows. The network would learn that the unknown is table.",
            _void_is_background,
        ),
        WrongAnswer(
            "a mean over all pixels",
            "Divide by the number of labelled pixels, else a picture with much void teaches less.",
            _over_all_pixels,
        ),
        WrongAnswer(
            "0 / 0", "Without a labelled pixel the loss is 0, not NaN: NaN would end the training.", _nan
        ),
        WrongAnswer("softmax twice", "Cross-entropy of logits contains the softmax already.", _softmax_twice),
        WrongAnswer(
            "a sum",
            "Take the mean, so that the learning rate does not depend on the size of the picture.",
            _sum,
        ),
        WrongAnswer("the softmax over the columns", "The classes are axis 1 of (N, K, H, W).", _over_columns),
        WrongAnswer(
            "probabilities without a logarithm", "The loss of a pixel is -log p of its class.", _probability
        ),
    ),
    hints=(
        "A segmenter is a classifier at every pixel. So the loss is that of a classifier. Which pixels have no right answer?",
        "Sum of -log p[label] over the pixels with label != 255, divided by their number, at least 1.",
        'F.cross_entropy(logits, labels, ignore_index=255, reduction="sum") / (labels != 255).sum().clamp(min=1)',
    ),
)

EXERCISES = (ADD_SKIP, PIXEL_LOSS)
