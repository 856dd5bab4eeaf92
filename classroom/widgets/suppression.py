"""Non-maximum suppression to step through, and a threshold to slide: boxes on an image, each in some state."""

from collections.abc import Callable, Sequence

import torch
import traitlets
from torch import Tensor

from classroom.step_by_step.finding import count_found
from classroom.step_by_step.suppression import Round, nms_rounds
from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget, rows
from coursekit.draw import ACCENT, colour_of

MOST = 12  # names that can be read beside each other; with more boxes on show there are none


class BoxStates(PictureWidget):
    """Boxes on an image, each "waiting", "best", "kept", "removed" or "hidden", and a slider for a threshold."""

    _esm = page("box_states.js")
    boxes = rows()
    colours = traitlets.List(traitlets.Unicode()).tag(sync=True)
    states = traitlets.List(traitlets.Unicode()).tag(sync=True)
    captions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    slider = traitlets.Unicode("threshold").tag(sync=True)
    threshold = traitlets.Float(0.5).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)
    help = traitlets.Unicode("").tag(sync=True)

    def __init__(self, boxes: Tensor, scores: Tensor, image: Tensor | None, **traits) -> None:
        if boxes.shape != (len(scores), 4):
            raise ValueError(
                f"boxes {tuple(boxes.shape)} and scores {tuple(scores.shape)} do not fit: (N, 4) and (N,)."
            )
        super().__init__(image, boxes=boxes.tolist(), **traits)
        self.corners, self.scores = boxes, scores
        self.observe(self._compute, ["threshold", "step"])
        self._compute()

    def _compute(self, _change: object = None) -> None:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {len(self.boxes)} boxes. {self.label}"[:110]


class NmsStepper(BoxStates):
    """Steps through suppression: each step keeps the best box that is left and removes those that overlap it.

    Args:
        boxes: (N, 4) xyxy pixels of one class; scores: (N,).
        image: (3, H, W) in [0, 1]; plain grey without one.
        nms: boxes, scores, IoU threshold -> indices of the kept boxes; it is called after the last step too.
        threshold: of the IoU, where the slider begins.
    Raises:
        ValueError: not one score per box.

    >>> stepper = NmsStepper(torch.tensor([[0.0, 0, 4, 4], [0, 0, 4, 5]]), torch.tensor([0.8, 0.9]))
    >>> stepper.step = 1
    >>> stepper.states, stepper.captions
    (['removed', 'best'], ['', '0.90'])
    """

    def __init__(
        self,
        boxes: Tensor,
        scores: Tensor,
        image: Tensor | None = None,
        nms: Callable[[Tensor, Tensor, float], Tensor] | None = None,
        threshold: float = 0.5,
    ) -> None:
        self.nms = nms
        words = "Yellow: the best box that is left. Red and dashed: removed by it. Thick blue: kept; thin: waiting."
        super().__init__(boxes, scores, image, threshold=threshold, slider="IoU threshold", help=words)

    def _compute(self, _change: object = None) -> None:
        rounds = nms_rounds(self.corners, self.scores, self.threshold)
        self.steps = len(rounds)
        self.step = min(self.step, self.steps)
        states, captions = ["waiting"] * len(self.boxes), [""] * len(self.boxes)
        for number, (best, removed, *_) in enumerate(rounds[: self.step], start=1):
            last = number == self.step
            states[best], captions[best] = "best" if last else "kept", f"{self.scores[best]:.2f}"
            for i in removed:
                states[i] = "removed" if last else "hidden"
        self.colours = [ACCENT if state == "removed" else colour_of(6) for state in states]
        self.states, self.captions = states, captions
        self.label = self._words(rounds)

    def _words(self, rounds: list[Round]) -> str:
        if not self.step:
            return f"Step 0 of {self.steps}: {len(self.boxes)} boxes wait."
        best, removed, *_ = rounds[self.step - 1]
        ious = f" (IoU {min(removed.values()):.2f} to {max(removed.values()):.2f})" if removed else ""
        words = (
            f"Step {self.step} of {self.steps}: keep {self.scores[best]:.2f}, remove {len(removed)}{ious}."
        )
        if self.step < self.steps or self.nms is None:
            return words
        return f"{words} {self._asked([r.best for r in rounds])}"

    def _asked(self, kept: list[int]) -> str:
        try:
            mine = torch.as_tensor(self.nms(self.corners, self.scores, self.threshold)).tolist()
        except Exception as error:  # the student's own code may raise anything; report it
            return f"Your nms raised {type(error).__name__}: {error}"
        return f"Your nms keeps {'the same' if mine == kept else f'{mine}, not {kept}'}."


class ThresholdSlider(BoxStates):
    """A slider that hides the boxes below a score, and counts what is left.

    Args:
        boxes: (N, 4) xyxy pixels; scores: (N,) in [0, 1]; labels: (N,), 1..K.
        classes: `classes[k - 1]` is the name of label k.
        image: (3, H, W) in [0, 1]; plain grey without one.
        truth: with `boxes` (G, 4) and `labels` (G,), to count against.
        threshold: where the slider begins.
    Raises:
        ValueError: not one score per box.
    """

    def __init__(
        self,
        boxes: Tensor,
        scores: Tensor,
        labels: Tensor,
        classes: Sequence[str],
        image: Tensor | None = None,
        truth: dict[str, Tensor] | None = None,
        threshold: float = 0.3,
    ) -> None:
        self.labels, self.classes, self.truth = labels, classes, truth
        colours = [colour_of(label) for label in labels]
        super().__init__(boxes, scores, image, threshold=threshold, slider="score threshold", colours=colours)

    def _compute(self, _change: object = None) -> None:
        shown = self.scores >= self.threshold
        named = shown.sum() <= MOST
        pairs = zip(self.labels.tolist(), self.scores.tolist(), shown.tolist(), strict=True)
        self.captions = [
            f"{self.classes[label - 1]} {score:.2f}" if named and on else "" for label, score, on in pairs
        ]
        self.states = ["kept" if on else "hidden" for on in shown.tolist()]
        self.label = f"{int(shown.sum())} boxes score {self.threshold:.2f} or more" + self._against_truth(
            shown
        )

    def _against_truth(self, shown: Tensor) -> str:
        if self.truth is None:
            return "."
        found, extra, wrong = count_found(
            self.corners[shown], self.scores[shown], self.labels[shown], self.truth
        )
        return f": {found} of {len(self.truth['labels'])} objects found, {extra} duplicates, {wrong} other."
