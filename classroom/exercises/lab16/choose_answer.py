"""Lab 16, exercise 5: which of the answers is taken."""

from collections.abc import Callable

import torch
from torch import Tensor

from classroom.exercises.cases import normal, uniform
from classroom.exercises.exercise import Case, Exercise
from classroom.exercises.lab16.pictures import masks_picture
from classroom.exercises.mistakes import failing_when, overwriting


def choose_answer(masks: Tensor, iou: Tensor) -> Tensor:
    """The mask with the highest predicted IoU for each prompt: (P, A, h, w), (P, A) -> (P, h, w)."""
    best = iou.argmax(1)
    return masks[torch.arange(len(masks)), best]


_MASKS = torch.tensor([[[[-1.0, 2.0, -1.0]], [[2.0, 2.5, -1.0]], [[1.5, 2.0, 3.0]]]])  # small, middle, large

CHOOSE_ANSWER = Exercise(
    choose_answer,
    picture=masks_picture,
    hints=(
        "Where in its row is the highest predicted IoU? Each prompt has its own place.",
        "best = iou.argmax(1) is (P,): one column per row. Then index with the rows and the columns together.",
        "best = iou.argmax(1)\nreturn masks[torch.arange(len(masks)), …]",
    ),
    cases=(
        Case("one prompt, the last answer", (_MASKS, torch.tensor([[0.3, 0.5, 0.9]]))),
        Case("one prompt, the middle answer", (_MASKS, torch.tensor([[0.3, 0.8, 0.7]]))),
        Case(
            "two prompts", (torch.cat([_MASKS, -_MASKS]), torch.tensor([[0.9, 0.8, 0.7], [0.1, 0.2, 0.85]]))
        ),
        Case("five prompts, two answers", (normal(5, 2, 3, 4), uniform(5, 2, seed=1))),
        Case("three prompts, three answers", (normal(3, 3, 2, 4, seed=4), uniform(3, 3, seed=9))),
        Case("one answer", (normal(2, 1, 3, 2, seed=2), uniform(2, 1, seed=3))),
        Case("no prompts", (torch.zeros(0, 3, 2, 4), torch.zeros(0, 3))),
    ),
)

_wrong = CHOOSE_ANSWER.wrong


def _at(place: Callable[[Tensor, Tensor], Tensor]) -> Callable:
    """An answer that takes another column of each row."""

    def answer(masks: Tensor, iou: Tensor) -> Tensor:
        if not len(masks):
            return masks[:, 0]
        return masks[torch.arange(len(masks)), place(masks, iou)]

    return answer


for _name, _story, _place in (
    (
        "the lowest predicted IoU",
        "The predicted IoU says how good a mask is: take the highest.",
        lambda m, iou: iou.argmin(1),
    ),
    (
        "the first answer",
        "Answers are not sorted: look at the predicted IoU.",
        lambda m, iou: 0 * iou.argmax(1),
    ),
    (
        "the last answer",
        "Answers are not sorted: look at the predicted IoU.",
        lambda m, iou: 0 * iou.argmax(1) - 1,
    ),
    (
        "the largest mask",
        "Large is not good: choose by the predicted IoU.",
        lambda m, iou: (m > 0).sum((2, 3)).argmax(1),
    ),
    (
        "the mask with the largest logits",
        "A mask can be sure of itself and wrong: choose by the predicted IoU.",
        lambda m, iou: m.mean((2, 3)).argmax(1),
    ),
    (
        "one column for all prompts",
        "Each prompt has its own best answer: argmax over the second axis of each row.",
        lambda m, iou: iou.mean(0).argmax().expand(len(iou)),
    ),
    (
        "the column of the first prompt",
        "Each prompt has its own best answer: argmax over the second axis of each row.",
        lambda m, iou: iou.argmax(1)[0].expand(len(iou)),
    ),
):
    _wrong(_name, _story)(_at(_place))


@_wrong(
    "every chosen column for every prompt",
    "masks[:, best] takes all columns of all rows: pair each row with its own column.",
)
def _all_columns(masks: Tensor, iou: Tensor) -> Tensor:
    return masks[:, iou.argmax(1)]


@_wrong("argmax over the prompts", "Axis 0 counts the prompts: choose among the answers, axis 1.")
def _other_axis(masks: Tensor, iou: Tensor) -> Tensor:
    if not len(masks):
        return masks[:, 0]
    return masks[iou.argmax(0), torch.arange(iou.shape[1])]


@_wrong("a weighted mean of the answers", "A mean of different objects is none of them: take one answer.")
def _mean(masks: Tensor, iou: Tensor) -> Tensor:
    return (masks * iou[..., None, None]).sum(1) / iou.sum(1)[:, None, None]


@_wrong("the highest logit of each cell", "That joins all answers into one: take a whole mask.")
def _union(masks: Tensor, iou: Tensor) -> Tensor:
    return masks.amax(1)


@_wrong("the axis of the answers kept", "One mask per prompt: (P, h, w), without the axis of the answers.")
def _kept(masks: Tensor, iou: Tensor) -> Tensor:
    return choose_answer(masks, iou)[:, None]


@_wrong("cut at 0 already", "Return the numbers as they are: the decoder needs them as the mask so far.")
def _binary(masks: Tensor, iou: Tensor) -> Tensor:
    return choose_answer(masks, iou) > 0


@_wrong("already probabilities", "Return the numbers as they are, without a sigmoid.")
def _sigmoid(masks: Tensor, iou: Tensor) -> Tensor:
    return choose_answer(masks, iou).sigmoid()


@_wrong("the predicted IoU returned", "Return the masks; the predicted IoU only chooses.")
def _score(masks: Tensor, iou: Tensor) -> Tensor:
    return iou.amax(1)


@_wrong("weighted by its IoU", "The IoU only chooses: return the mask as it is.")
def _weighted(masks: Tensor, iou: Tensor) -> Tensor:
    return choose_answer(masks, iou) * iou.amax(1)[:, None, None]


_wrong("an error without prompts", "Without prompts the result is empty: (0, h, w).")(
    failing_when(lambda masks, iou: not len(masks), choose_answer)
)
_wrong("the caller's masks overwritten", "The result is right, but the caller's masks have changed.")(
    overwriting(choose_answer, 0)
)

EXERCISES = (CHOOSE_ANSWER,)
