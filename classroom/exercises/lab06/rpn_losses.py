"""Lab 06, exercise 4: the two losses of the first stage."""

import torch

from classroom.exercises.cases import match_of, normal
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab06.pictures import numbers_picture
from classroom.exercises.lab06.rpn_losses_mistakes import MISTAKES, count_of, judged_in, rpn_losses
from classroom.exercises.mistakes import raises


def _rpn_case(text: str, seed: int = 0) -> tuple:
    count = len(text)
    return (
        normal(count, seed=seed),
        normal(count, 4, seed=seed + 1),
        normal(count, 4, seed=seed + 2),
        match_of(text),
    )


RPN_LOSSES = Exercise(
    rpn_losses,
    picture=numbers_picture,
    hints=(
        "Which anchors have an objectness loss, which have a box loss, and what are both losses divided by?",
        "judged = positive or negative; sum of BCE over judged / judged; sum of smooth L1 (beta 1/9) over positive / judged.",
        "judged = match.positive | match.negative\n"
        "count = max(int(judged.sum()), 1)\n"
        'what = F.binary_cross_entropy_with_logits(objectness[judged], …, reduction="sum")\n'
        'where = ops.smooth_l1_loss(…, reduction="sum", beta=1 / 9)  # of which anchors?\n'
        "return what / count, where / count",
    ),
    cases=(
        Case(
            "one positive, one negative",
            (
                torch.tensor([0.0, 2.0]),
                torch.tensor([[0.05, 0, 0, 0.5]] * 2),
                torch.zeros(2, 4),
                match_of("pn"),
            ),
        ),
        Case("one ignored anchor", _rpn_case("pin")),
        Case("one positive, three negatives", _rpn_case("npnn", seed=3)),
        Case("background alone", _rpn_case("nnn")),
        Case("a single anchor", _rpn_case("ipi", seed=9)),
        Case("objects alone", _rpn_case("pp", seed=5)),
        Case("nothing to train on", _rpn_case("ii")),
        Case("the gradient", _rpn_case("pniinnpn", seed=6), gradient=(0, 1)),
    ),
)
RPN_LOSSES.wrong_answers.extend(MISTAKES)
wrong = RPN_LOSSES.wrong
# ---------------------------------------------------------------- the divisor


def _scaled(what, where):
    """Both losses times what the functions say, from the match and the number of anchors."""

    def function(objectness, offsets, wanted, match):
        losses = rpn_losses(objectness, offsets, wanted, match)
        return tuple(loss * factor(match) for loss, factor in zip(losses, (what, where), strict=True))

    return function


def _same(match):
    return 1.0


def _by_positives(match):
    return count_of(match) / max(int(match.positive.sum()), 1)


def _by_all(match):
    return count_of(match) / len(match.positive)


def _by_nothing(match):
    return 1.0 if judged_in(match).any() else torch.nan


_DIVISOR = "Both losses have the same divisor: the number of anchors trained on, positive and negative."
for _name, _story, _what, _where in (
    (
        "the box loss divided by the positives",
        f"{_DIVISOR} With few positives the box loss is small.",
        _same,
        _by_positives,
    ),
    ("both losses divided by the positives", _DIVISOR, _by_positives, _by_positives),
    (
        "both losses divided by all anchors",
        "Ignored anchors do not count: divide by those trained on.",
        _by_all,
        _by_all,
    ),
    ("the box loss divided by all anchors", _DIVISOR, _same, _by_all),
    (
        "the mean over four numbers",
        "The losses of an anchor's four offsets are added up.",
        _same,
        lambda match: 0.25,
    ),
    (
        "the box loss divided by four times the positives",
        f"{_DIVISOR} The losses of an anchor's four offsets are added up.",
        _same,
        lambda m: _by_positives(m) / 4,
    ),
    ("sums that are not divided", "Divide by the number of anchors trained on.", count_of, count_of),
    ("a box loss that is not divided", _DIVISOR, _same, count_of),
    (
        "nan with nothing to train on",
        "0 / 0 is nan, which spoils all weights: divide by at least 1.",
        _by_nothing,
        _by_nothing,
    ),
    (
        "an objectness loss of nan with nothing to train on",
        "0 / 0 is nan, which spoils all weights: divide by at least 1.",
        _by_nothing,
        _same,
    ),
    (
        "a box loss of nan with nothing to train on",
        "0 / 0 is nan, which spoils all weights: divide by at least 1.",
        _same,
        _by_nothing,
    ),
    (
        "a box loss of nan without positives",
        "The mean of nothing is nan: take the sum, and divide by the anchors trained on.",
        _same,
        lambda m: 1.0 if m.positive.any() else torch.nan,
    ),
    (
        "the mean of the box loss, nan without positives",
        "Take the sum, and divide by the anchors trained on.",
        _same,
        lambda m: _by_positives(m) / 4 if m.positive.any() else torch.nan,
    ),
):
    wrong(_name, _story)(_scaled(_what, _where))


# ---------------------------------------------------------------- what is returned


@wrong("the box loss first", "Return the objectness loss, then the box loss.")
def _order(objectness, offsets, wanted, match):
    return rpn_losses(objectness, offsets, wanted, match)[::-1]


@wrong("one sum", "Return both losses, a tuple of two.")
def _one_sum(objectness, offsets, wanted, match):
    return sum(rpn_losses(objectness, offsets, wanted, match))


@wrong(
    "no gradient", "A loss that is detached, or turned into a number by .item() or float(), trains nothing."
)
def _no_gradient(objectness, offsets, wanted, match):
    return rpn_losses(objectness.detach(), offsets.detach(), wanted, match)


@wrong(
    "no gradient of the objectness",
    "A loss that is detached, or turned into a number by .item() or float(), trains nothing.",
)
def _no_gradient_of_objectness(objectness, offsets, wanted, match):
    return rpn_losses(objectness.detach(), offsets, wanted, match)


@wrong(
    "no gradient of the boxes",
    "A loss that is detached, or turned into a number by .item() or float(), trains nothing.",
)
def _no_gradient_of_boxes(objectness, offsets, wanted, match):
    return rpn_losses(objectness, offsets.detach(), wanted, match)


raises(
    RPN_LOSSES,
    "an error with nothing to train on",
    "Without anchors both losses are 0: divide by at least 1.",
    lambda objectness, offsets, wanted, match: not judged_in(match).any(),
    ZeroDivisionError,
    RuntimeError,
    ValueError,
)

EXERCISES = (RPN_LOSSES,)
