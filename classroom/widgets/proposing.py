"""A region proposal network to step through: from the anchors of a cell to the proposals of an image."""

from collections.abc import Callable

import torch
import traitlets
from torch import Tensor

from classroom.step_by_step.proposing import STAGES, Stage, narrowed, proposal_stages
from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget, rows
from coursekit import ops
from coursekit.models.rpn import CANDIDATES, NMS_THRESHOLD, PROPOSALS, RPNOutputs

HIT = 0.5  # IoU from which a proposal has found an object


class ProposalStepper(PictureWidget):
    """Steps through a region proposal network: what each stage leaves of all anchors, drawn and counted.

    Args:
        outputs: what the network predicts for one image.
        image: (3, H, W) in [0, 1].
        truth: (G, 4), the objects, xyxy pixels.
        nms: boxes, scores, levels, IoU threshold -> indices of the boxes kept.
    Raises:
        ValueError: outputs of several images.

    >>> from coursekit.models.rpn import RegionProposalNetwork
    >>> said = RegionProposalNetwork(8, {"P4": 16})({"P4": torch.zeros(1, 8, 4, 6)})
    >>> ProposalStepper(said, torch.zeros(3, 64, 96), torch.tensor([[0.0, 0, 64, 64]])).counts[:3]
    [3, 72, 72]
    """

    _esm = page("proposal_stepper.js")
    stages = traitlets.List(traitlets.Unicode(), list(STAGES)).tag(sync=True)
    counts = traitlets.List(traitlets.Int()).tag(sync=True)
    stage = traitlets.Int(0, min=0, max=len(STAGES) - 1).tag(sync=True)
    candidates = traitlets.Int(CANDIDATES, min=1).tag(sync=True)
    threshold = traitlets.Float(NMS_THRESHOLD).tag(sync=True)
    limit = traitlets.Int(PROPOSALS, min=1).tag(sync=True)
    point = traitlets.List(traitlets.Float()).tag(sync=True)
    boxes = rows()
    levels = traitlets.List(traitlets.Int()).tag(sync=True)
    scores = traitlets.List(traitlets.Float()).tag(sync=True)
    removed = rows()
    found = traitlets.List(traitlets.Bool()).tag(sync=True)
    heat = rows()
    truth = rows()

    def __init__(
        self,
        outputs: RPNOutputs,
        image: Tensor,
        truth: Tensor,
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = ops.batched_nms,
    ) -> None:
        if len(outputs.objectness) != 1:
            raise ValueError(f"These are outputs of {len(outputs.objectness)} images: give those of one.")
        self.outputs = RPNOutputs(*(part.detach() for part in outputs))
        self.objects, self.nms = truth, nms
        height, width = image.shape[-2:]
        super().__init__(image, truth=truth.tolist(), point=[width / 2 + 1, height / 2 + 1])
        self.heat = heat_of(self.outputs)
        self.observe(self._compute, ["stage", "candidates", "threshold", "limit", "point"])
        self._compute()

    def _compute(self, _change: object = None) -> None:
        knobs = (self.candidates, self.threshold, self.limit, self.nms)
        try:
            later = proposal_stages(self.outputs, (self.height, self.width), *knobs)
        except Exception as error:  # the student's own code may raise anything; report it
            self.label = f"Your nms function raised {type(error).__name__}: {error}"
            return
        stages = [self._cell(later[0]), *later]
        now = stages[self.stage]
        drawn = 0 if self.stage == 1 else len(now.boxes)  # thousands of anchors hide the image: see `heat`
        with self.hold_sync():
            self.counts = [len(stage.boxes) for stage in stages]
            self.boxes, self.levels, self.scores = (part[:drawn].tolist() for part in now[:3])
            self.removed = now.removed.tolist()
            self.found = (ops.box_iou(self.objects, now.boxes) >= HIT).any(1).tolist()
            self.label = self._words(stages, now)

    def _cell(self, every: Stage) -> Stage:
        """The anchors, one set a level, of the cells that the point lies in."""
        centres = (every.boxes[:, :2] + every.boxes[:, 2:]) / 2  # (A, 2)
        chosen = []
        for level in every.levels.unique():
            mine = (every.levels == level).nonzero()[:, 0]
            nearest = (centres[mine] - torch.tensor(self.point)).square().sum(1).argmin()
            chosen.append(mine[(centres[mine] - centres[mine[nearest]]).abs().amax(1) < 1e-3])
        return narrowed(every, torch.cat(chosen))._replace(removed=torch.zeros(0, 4))

    def _words(self, stages: list[Stage], now: Stage) -> str:
        stage = self.stage
        boxes = "1 box" if len(now.boxes) == 1 else f"{len(now.boxes):,} boxes"
        counted = f"Step {stage + 1} of {len(STAGES)}, {STAGES[stage]}: {boxes}."
        if stage == 0:
            best = ", ".join(f"{score:.2f}" for score in now.scores.tolist())
            return f"{counted} Objectness {best}."
        if stage == 1:
            return f"{counted} {int((now.scores >= 0.5).sum())} say “object” with 0.5 or more."
        found = f"{sum(self.found)} of {len(self.truth)} objects overlap one by {HIT:g} or more"
        if stage == 4:
            beyond = int((stages[3].boxes != now.boxes).any(1).sum())
            return f"{counted} {beyond} reached beyond the image. {found}."
        gone = f" {len(now.removed)} removed." if len(now.removed) else ""
        return f"{counted}{gone} {found}."

    def __repr__(self) -> str:
        return f"ProposalStepper: {len(self.outputs.anchors)} anchors. {self.label}"[:110]


def heat_of(outputs: RPNOutputs) -> list[list[float]]:
    """The best objectness of each cell of each level as squares (x, y, width, height, objectness), coarsest level first."""
    squares = []
    centres = ((outputs.anchors[:, :2] + outputs.anchors[:, 2:]) / 2).round()  # (A, 2), strides are even
    for level in outputs.levels.unique().flip(0):
        mine = outputs.levels == level
        cells, cell_of = centres[mine].unique(dim=0, return_inverse=True)  # (cells, 2)
        score = outputs.objectness[0, mine].sigmoid()
        best = torch.zeros(len(cells)).scatter_reduce(0, cell_of, score, "amax")
        half = cells[:, :1].min().expand(len(cells), 1)  # the first centre lies half a cell from the border
        squares += torch.cat([cells - half, 2 * half, 2 * half, best[:, None]], 1).tolist()
    return squares
