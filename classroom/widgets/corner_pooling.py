"""A round object to drag over a small map, a cell to choose, and where the maxima of corner pooling come from."""

from collections.abc import Callable, Sequence

import matplotlib
import traitlets
from matplotlib.colors import to_hex
from torch import Tensor, tensor

from classroom.step_by_step.corners import CORNERS, SIDES, pooled_corner, source_of
from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget, rows
from coursekit.ops import corner_pool

COLOURS = "magma"
ALONG = {"left": "to the right", "right": "to the left", "top": "below", "bottom": "above"}


class CornerPooling(PictureWidget):
    """A map with a round object, whose sides two channels have found; both pooled, and their sum, highest at the corner.

    Drag the object or its last corner; choose a cell, and see from where each of its two maxima is carried to it.

    Args:
        pool: map (h, w) and direction -> map, as `ops.corner_pool`; it can be a student's.
        size: (h, w) of the map.
        box: of the object, xyxy in whole cells.
        cell: x and y of the one that is chosen.
        corner: "top-left" or "bottom-right".
    Raises:
        ValueError: a map without cells, or a box, a cell or a corner that is not on it.

    >>> widget = CornerPooling(box=(3, 2, 10, 7), cell=(3, 2))
    >>> print(widget.label)
    Cell 3, 2 gets 1.00 of the upper side from cell 4, 2 (1 to the right), and 1.00 of the left side from cell 3, 3 (1 below).
    Together 2.00: the highest of the map, the top-left corner.
    """

    _esm = page("corner_pooling.js")
    box = traitlets.List(traitlets.Float()).tag(sync=True)
    cell = traitlets.List(traitlets.Int()).tag(sync=True)
    corner = traitlets.Unicode("top-left").tag(sync=True)
    sides = rows()  # how strongly each cell belongs to both sides, cell by cell
    sources = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)  # x and y of both
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    pooled = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)  # colours of three maps
    peak = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(
        self,
        pool: Callable[[Tensor, str], Tensor] = corner_pool,
        size: tuple[int, int] = (9, 12),
        box: Sequence[float] = (4, 2, 10, 7),
        cell: Sequence[int] = (1, 4),
        corner: str = "top-left",
    ) -> None:
        height, width = size
        if min(size) < 1 or corner not in CORNERS:
            raise ValueError(f"Give a map with at least one cell, and a corner out of {tuple(CORNERS)}.")
        if len(box) != 4 or not (0 <= box[0] < box[2] <= width and 0 <= box[1] < box[3] <= height):
            raise ValueError(f"A box is left, top, right and bottom in cells of a map of {width} x {height}.")
        if len(cell) != 2 or not (0 <= cell[0] < width and 0 <= cell[1] < height):
            raise ValueError(f"A cell is x and y on a map of {width} x {height}.")
        self.pool = pool
        places = {"box": [float(side) for side in box], "cell": list(cell)}
        super().__init__(width=width, height=height, corner=corner, **places)
        self.observe(self._compute, ["box", "cell", "corner"])
        self._compute()

    def _compute(self, _change: object = None) -> None:
        size, directions = (self.height, self.width), CORNERS[self.corner]
        try:
            evidence, pooled, total = pooled_corner(tensor(self.box), size, self.corner, self.pool)
            coloured = [*(_coloured(values, 1.0) for values in pooled), _coloured(total, 2.0)]
            best = divmod(int(total.argmax()), self.width)
        except Exception as error:  # the student's own code may raise anything; report it
            self.label = f"Your corner_pool raised {type(error).__name__}: {error}"
            return
        x, y = self.cell
        with self.hold_sync():
            self.sides = [values.flatten().tolist() for values in evidence]
            self.sources = [
                list(source_of(values, (x, y), d)) for values, d in zip(evidence, directions, strict=True)
            ]
            self.titles = [f'{SIDES[d][0]} side, pooled "{d}"' for d in directions] + ["the sum"]
            self.pooled, self.peak = coloured, [best[1], best[0]]
            self.label = f"{self._where([float(p[y, x]) for p in pooled])}\n{self._rank(total)}"

    def _where(self, values: Sequence[float]) -> str:
        """What the chosen cell gets of each side, and from where."""
        parts = []
        for value, (sx, sy), direction in zip(values, self.sources, CORNERS[self.corner], strict=True):
            far = abs(sx - self.cell[0]) + abs(sy - self.cell[1])
            where = f"cell {sx}, {sy} ({far} {ALONG[direction]})" if far else "itself"
            said = f"{value:.2f} of the {SIDES[direction][0]} side from {where}"
            parts.append(said if value > 0 else f"nothing of the {SIDES[direction][0]} side")
        return f"Cell {self.cell[0]}, {self.cell[1]} gets {parts[0]}, and {parts[1]}."

    def _rank(self, total: Tensor) -> str:
        x, y = self.cell
        most, here = float(total.max()), float(total[y, x])
        if here == most:
            return f"Together {here:.2f}: the highest of the map, the {self.corner} corner."
        return f"Together {here:.2f}; the highest is {most:.2f}, in cell {self.peak[0]}, {self.peak[1]}."

    def __repr__(self) -> str:
        return f"CornerPooling: the {self.corner} corner. {self.label}"[:110].replace("\n", " ")


def _coloured(values: Tensor, most: float) -> list[str]:
    """The colour of each cell of a map (h, w), dark for 0."""
    return [to_hex(c) for c in matplotlib.colormaps[COLOURS]((values.detach() / most).flatten().tolist())]
