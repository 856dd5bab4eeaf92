"""Lab 03, section 5: what the score of a box for a class is."""

import torch

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.mistakes import overwriting
from classroom.exercises.readings import any_precision
from coursekit.models.yolo import class_scores

CLASS_SCORES = Exercise(
    class_scores,
    judge=any_precision,
    hints=(
        "What is the probability that box b contains something, and that it is of class k?",
        "score[…, b, k] = confidence[…, b] * class[…, k].",
        "confidences[..., None] is (…, B, 1), classes[..., None, :] is (…, 1, K): multiply them.",
    ),
    cases=(
        Case("one box, two classes", (torch.tensor([0.5]), torch.tensor([0.5, 1.0]))),
        Case("two boxes, three classes", (torch.tensor([0.5, 0.25]), torch.tensor([0.2, 0.3, 0.5]))),
        Case("two boxes, two classes", (uniform(2), uniform(2, seed=1))),
        Case("a box that is certain to be empty", (torch.tensor([0.0]), torch.tensor([0.9, 0.1]))),
        Case("three cells", (uniform(3, 2), uniform(3, 4, seed=1))),
        Case("a grid of two by three cells", (uniform(2, 3, 2), uniform(2, 3, 4, seed=1))),
    ),
)


def _both(confidences, classes):
    return torch.broadcast_tensors(confidences[..., None], classes[..., None, :])


for _name, _story, _combine in (
    (
        "the confidence alone",
        "It tells us that there is something, but not what it is.",
        lambda c, p: c.clone(),
    ),
    ("the class alone", "A cell predicts a class even where there is nothing.", lambda c, p: p.clone()),
    (
        "a sum",
        "You need the probability that there is something *and* that it is a dog: multiply.",
        lambda c, p: c + p,
    ),
    (
        "a mean",
        "An empty cell that is sure of its class would get a score of one half.",
        lambda c, p: (c + p) / 2,
    ),
    (
        "the smaller of the two",
        "Both must be true, so the probabilities are multiplied: 0.5 and 0.5 give 0.25.",
        torch.minimum,
    ),
    ("the larger of the two", "Both must be true, so the probabilities are multiplied.", torch.maximum),
    (
        "the geometric mean",
        "Leave out the root: the product itself is the probability of both.",
        lambda c, p: (c * p).sqrt(),
    ),
    ("a quotient", "Both must be true, so the probabilities are multiplied.", lambda c, p: p / c),
    ("powers", "`**` is a power; `*` multiplies.", lambda c, p: c**p),
    ("the confidence squared", "Each of the two probabilities counts once.", lambda c, p: c * c * p),
    (
        "a sigmoid too many",
        "Confidences and classes are probabilities already.",
        lambda c, p: c.sigmoid() * p.sigmoid(),
    ),
    (
        "a sigmoid of the confidence",
        "Confidences are probabilities already.",
        lambda c, p: c.sigmoid() * p,
    ),
    (
        "a sigmoid of the classes",
        "Class probabilities are probabilities already.",
        lambda c, p: c * p.sigmoid(),
    ),
    (
        "a sigmoid of the product",
        "The product of two probabilities is one already.",
        lambda c, p: (c * p).sigmoid(),
    ),
    (
        "class probabilities that add up to one",
        "Take the probabilities as they are: those of a sigmoid do not add up to one.",
        lambda c, p: c * (p / p.sum(-1, keepdim=True)),
    ),
    (
        "a softmax of the classes",
        "They are probabilities already: a softmax makes them nearly equal.",
        lambda c, p: c * p.softmax(-1),
    ),
    (
        "scores that add up to one",
        "Then an empty cell would be as sure as any other.",
        lambda c, p: c * p / (c * p).sum(-1, keepdim=True).clamp(min=1e-9),
    ),
    (
        "a softmax of the scores",
        "Then an empty cell would be as sure as any other.",
        lambda c, p: (c * p).softmax(-1),
    ),
    (
        "the logarithm of the score",
        "The score is the probability itself.",
        lambda c, p: (c * p).log(),
    ),
    (
        "the best class only",
        "Each box has a score for every class.",
        lambda c, p: (c * p).amax(-1),
    ),
    (
        "the scores of all boxes added up",
        "Each box has scores of its own: (…, B, K).",
        lambda c, p: (c * p).sum(-2),
    ),
    ("classes before boxes", "The result is (…, B, K).", lambda c, p: (c * p).transpose(-1, -2)),
    (
        "boxes and classes on one axis",
        "The result is (…, B, K): keep the two apart.",
        lambda c, p: (c * p).flatten(-2),
    ),
):
    CLASS_SCORES.wrong(_name, _story)(
        lambda confidences, classes, combine=_combine: combine(*_both(confidences, classes))
    )


def _axes_before(count, reason):
    def limited(confidences, classes):
        if confidences.ndim - 1 not in count:
            raise Exception(reason)
        return class_scores(confidences, classes)

    return limited


CLASS_SCORES.wrong(
    "one axis before the boxes taken for granted",
    "The `…` stands for any number of axes: count from the end, with [..., None].",
)(_axes_before((1,), "an index out of range"))

CLASS_SCORES.wrong(
    "no axis before the boxes allowed",
    "The `…` stands for any number of axes: count from the end, with [..., None].",
)(_axes_before((0,), "an index out of range"))

CLASS_SCORES.wrong("the caller's confidences overwritten", "They are needed again: work on a new tensor.")(
    overwriting(class_scores, 0)
)

EXERCISES = (CLASS_SCORES,)
