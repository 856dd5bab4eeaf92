"""A transposed convolution to step through: each input cell stamps its weighted kernel on the output."""

from collections.abc import Sequence

import anywidget
import torch
import traitlets
from torch import Tensor

from classroom.step_by_step.stamping import stamped, whole_tent
from classroom.widgets.page import page
from coursekit.ops import conv_transpose_size

CELLS = ((1.0, 2.0, 3.0), (3.0, 1.0, 2.0))  # the input of a widget that is not given one
KERNELS = ("ones", "tent")


class TransposedStepper(anywidget.AnyWidget):
    """Step through a transposed convolution, cell by cell; choose the kernel, its size, the stride and the padding.

    Args:
        input: (h, w), the numbers of the cells.
        kernel_size, stride, padding: where the sliders begin.
        kernel: "ones", or "tent", which interpolates.
    Raises:
        ValueError: an input without a cell, or a kernel that does not exist.

    >>> widget = TransposedStepper([[1, 2]], kernel_size=2, stride=1)
    >>> widget.step = 2
    >>> widget.label
    'Cell 2 of 2, row 0, column 1: 2 times the kernel is added at rows 0 to 1, columns 1 to 2.'
    """

    _esm = page("transposed_stepper.js")
    cells = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    kernel = traitlets.Unicode("ones").tag(sync=True)
    kernel_size = traitlets.Int(3).tag(sync=True)
    stride = traitlets.Int(2).tag(sync=True)
    padding = traitlets.Int(0).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)
    stamp = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    output = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    counts = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    corner = traitlets.List(traitlets.Int()).tag(sync=True)  # row and column; empty before the first step
    label = traitlets.Unicode("").tag(sync=True)
    words = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        input: Sequence[Sequence[float]] | Tensor = CELLS,
        kernel_size: int = 3,
        stride: int = 2,
        padding: int = 0,
        kernel: str = "ones",
    ) -> None:
        cells = torch.as_tensor(input, dtype=torch.float32)
        if cells.ndim != 2 or not cells.numel() or kernel not in KERNELS:
            raise ValueError(f"Give a table with at least one number, and a kernel out of {KERNELS}.")
        sizes = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
        super().__init__(cells=cells.tolist(), steps=cells.numel(), kernel=kernel, **sizes)
        self.observe(self._compute, ["kernel", "kernel_size", "stride", "padding", "step"])
        self._compute()

    def _compute(self, _change: object = None) -> None:
        input = torch.tensor(self.cells)
        kernel = whole_tent(self.kernel_size) if self.kernel == "tent" else torch.ones(2 * [self.kernel_size])
        now = stamped(input, kernel, self.stride, min(max(self.step, 0), self.steps))
        with self.hold_sync():
            self.output, self.counts = now.output.tolist(), now.counts.tolist()
            self.stamp = (kernel if now.stamp is None else now.stamp).tolist()
            self.corner = list(now.corner or ())
            self.label, self.words = self._label(), self._size(now.counts)

    def _label(self) -> str:
        if not self.corner:
            return f"Cell 0 of {self.steps}: nothing is stamped yet."
        row, column = divmod(self.step - 1, len(self.cells[0]))
        (top, left), last = self.corner, self.kernel_size - 1
        return (
            f"Cell {self.step} of {self.steps}, row {row}, column {column}: {self.cells[row][column]:g} times "
            f"the kernel is added at rows {top} to {top + last}, columns {left} to {left + last}."
        )

    def _size(self, counts: Tensor) -> str:
        """The size of the output in words, and how often its places are covered."""
        try:
            shape = [
                conv_transpose_size(cells, self.kernel_size, self.stride, self.padding)
                for cells in (len(self.cells), len(self.cells[0]))
            ]
        except ValueError:
            return f"With {self.padding} cut off at each end nothing is left: use less padding."
        cut = counts[self.padding : self.padding + shape[0], self.padding : self.padding + shape[1]]
        times = ", ".join(str(count) for count in cut.unique().tolist())
        return f"Output: {shape[0]} x {shape[1]}. Its places are covered {times} times."

    def __repr__(self) -> str:
        return f"TransposedStepper: {self.label} {self.words}"
