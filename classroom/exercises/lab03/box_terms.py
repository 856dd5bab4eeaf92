"""Lab 03, exercise 6: centre and size of the responsible boxes."""

from typing import Any

import torch
from torch import Tensor

from classroom.exercises.cases import uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab03.pictures import terms_picture
from classroom.exercises.mistakes import overwriting
from classroom.exercises.readings import any_precision
from coursekit.models.yolo import root

NAMES = ("centre", "size")


def box_terms(found: Tensor, true: Tensor) -> dict[str, Tensor]:
    """The squared errors of centres, and of the roots of sides, each summed: (G, 4), (G, 4) as x, y, w, h."""
    return {
        "centre": (found[:, :2] - true[:, :2]).square().sum(),
        "size": (root(found[:, 2:]) - root(true[:, 2:])).square().sum(),
    }


def judge_terms(arguments: tuple, value: Any) -> Any:
    """The terms in float32, for float64 is as good, in the order of the text: a judge."""
    if not isinstance(value, dict):
        return value
    return {name: any_precision(arguments, value[name]) for name in NAMES if name in value}


_ONE, _TRUE = torch.tensor([[0.5, 0.55, 0.25, 0.16]]), torch.tensor([[0.5, 0.5, 0.25, 0.25]])

BOX_TERMS = Exercise(
    box_terms,
    picture=terms_picture,
    judge=judge_terms,
    hints=(
        "Both terms are sums of squared differences. What is done to the sides before they are subtracted?",
        "centre: Σ (x - x')² + (y - y')²; size: Σ (√w - √w')² + (√h - √h')².",
        'centre = (found[:, :2] - true[:, :2]).square().sum()\nsize = (root(…) - root(…)).square().sum()\nreturn {"centre": centre, "size": size}',
    ),
    cases=(
        Case("the box of the drawing", (_ONE, _TRUE)),
        Case("a perfect box", (_TRUE, _TRUE)),
        Case("another centre", (torch.tensor([[0.2, 0.9, 0.3, 0.4]]), torch.tensor([[0.6, 0.1, 0.3, 0.4]]))),
        Case("other sides", (torch.tensor([[0.5, 0.5, 0.09, 0.64]]), torch.tensor([[0.5, 0.5, 0.36, 0.25]]))),
        Case("no objects", (torch.zeros(0, 4), torch.zeros(0, 4))),
        Case(
            "a predicted width of 0: finite gradients",
            (torch.tensor([[0.5, 0.4, 0.0, 0.3]]), _TRUE),
            gradient=(0,),
        ),
        Case("six boxes", (uniform(6, 4), uniform(6, 4, seed=1)), gradient=(0,)),
    ),
)
wrong = BOX_TERMS.wrong


def _terms(
    centre=lambda found, true: box_terms(found, true)["centre"],
    size=lambda found, true: box_terms(found, true)["size"],
):
    """An answer with another term."""
    return lambda found, true: {"centre": centre(found, true), "size": size(found, true)}


def _squares(found: Tensor, true: Tensor) -> Tensor:
    return (found - true).square().sum()


for _name, _story, _function in (
    ("sides without a root", "Without it, 5 pixels cost the same for a spoon as for a table.", _terms(size=lambda f, t: _squares(f[:, 2:], t[:, 2:]))),
    ("the root of the difference", "Take the root of each side first: squaring the root of a difference just gives the difference back.",
     _terms(size=lambda f, t: (f[:, 2:] - t[:, 2:]).abs().sum())),
    ("a root that is not safe at 0", "The gradient of sqrt at 0 is infinite, and NaN then spreads to every weight: use `root`.",
     _terms(size=lambda f, t: _squares(f[:, 2:].sqrt(), t[:, 2:].sqrt()))),
    ("roots of the centres too", "Only the sides have a root.", _terms(centre=lambda f, t: _squares(root(f[:, :2]), root(t[:, :2])))),
    ("means instead of sums", "Add the squares up: the paper's loss is a sum.",
     lambda f, t: {name: term / max(2 * len(f), 1) for name, term in box_terms(f, t).items()}),
    ("a mean over the objects", "Add the squares up: the paper's loss is a sum.",
     lambda f, t: {name: term / max(len(f), 1) for name, term in box_terms(f, t).items()}),
    ("absolute errors", "Square the differences.", lambda f, t: {"centre": (f - t)[:, :2].abs().sum(), "size": (root(f) - root(t))[:, 2:].abs().sum()}),
    ("errors without a square", "Square the differences: errors of both signs must not cancel.",
     lambda f, t: {"centre": (f - t)[:, :2].sum(), "size": (root(f) - root(t))[:, 2:].sum()}),
    ("the distance of the centres", "The paper squares: without the root of the sum.", _terms(centre=lambda f, t: (f - t)[:, :2].square().sum(1).clamp(min=1e-12).sqrt().sum())),
    ("the weight 5 included", "The weight comes later, in the whole loss.", lambda f, t: {name: 5 * term for name, term in box_terms(f, t).items()}),
    ("x alone", "The centre has two coordinates.", _terms(centre=lambda f, t: _squares(f[:, 0], t[:, 0]))),
    ("the widths alone", "A box has a width and a height.", _terms(size=lambda f, t: _squares(root(f[:, 2]), root(t[:, 2])))),
    ("centre and size swapped", "A box is x, y, w, h: the centre comes first.", lambda f, t: dict(zip(NAMES, reversed(box_terms(f, t).values()), strict=True))),
    ("corners read as sides", "A box here is x, y, w, h, not two corners.", _terms(size=lambda f, t: _squares(root(f[:, 2:] - f[:, :2]), root(t[:, 2:] - t[:, :2])))),
    ("no gradient", "The network is trained on these terms: detach nothing.", lambda f, t: box_terms(f.detach(), t)),
    ("one number", "Return a dict of the two terms.", lambda f, t: sum(box_terms(f, t).values())),
    ("the caller's boxes overwritten", "They are needed again: work on new tensors.", overwriting(box_terms, 0)),
):  # fmt: skip
    wrong(_name, _story)(_function)

EXERCISES = (BOX_TERMS,)
