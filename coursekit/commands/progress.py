"""How a training went: a CSV file of its losses, a picture of the curves, and the weights that scored best on the way."""

import csv
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import nn

from coursekit import draw, training
from coursekit.commands.models import Facts
from coursekit.metrics import coco_metrics, semantic_scores
from coursekit.schema import Items

SCORED, FEWEST_BETWEEN = 10, 20  # times in a training; steps from one to the next


def beside(out: Path, ending: str) -> Path:
    """Return the path of a file that lies beside the weights.

    >>> beside(Path("runs/w.safetensors"), ".losses.csv").as_posix()
    'runs/w.losses.csv'
    """
    return out.with_name(out.name.removesuffix(".safetensors") + ending)


def validation_score(model: nn.Module, items: Items) -> tuple[str, float]:
    """Return the name and the value of a score: the mean IoU of a segmenter, AP50 of the boxes of any other model."""
    found, targets = training.predict(model, items), [items[i][1] for i in range(len(items))]
    if "semantic" in found[0]:
        classes = int(getattr(model, "num_classes", 0)) + 1
        return "mean_iou", float(semantic_scores(found, targets, classes)["mean_iou"])
    return "AP50", coco_metrics(found, targets)["AP50"]


class Progress:
    """The files beside the weights; called after each step.

    Args:
        score: of the model now, as `validation_score`; None without a validation set.
        every: steps between two scores.
        keep: writes the weights to a file with some facts.
    """

    def __init__(
        self,
        out: Path,
        facts: Facts,
        score: Callable[[], tuple[str, float]] | None,
        every: int,
        keep: Callable[[Path, Facts], None],
    ) -> None:
        self.facts, self.score, self.every, self.keep = facts, score, every, keep
        self.table, self.picture, self.best = (
            beside(out, ending) for ending in (".losses.csv", ".losses.png", ".best.safetensors")
        )
        self.rows: list[dict[str, float]] | None = None
        self.name = "score"

    def took(self, step: training.Step, last: bool) -> None:
        """Write the losses of a step; score the model, and keep it if it is the best so far, when it is time.

        Args:
            last: whether the training ends with it, or is stopped.
        """
        if self.rows is None:  # the first step of this run, perhaps not of the training
            self.rows = (
                [row for row in rows_of(self.table) if row["step"] < step.index] if step.index > 1 else []
            )
            if self.rows:
                self.write(self.rows)
        row = {"step": step.index, "lr": step.lr, "loss": step.loss, **step.losses}
        row = {name: written(value) for name, value in row.items()}
        if self.score and (step.index % self.every == 0 or step.index == step.total):
            best = max((old["val"] for old in self.rows if "val" in old), default=-1.0)
            self.name, value = self.score()
            row["val"] = written(value)
            if row["val"] > best or not self.best.exists():
                self.keep(self.best, replace(self.facts, step=step.index))
        self.rows.append(row)
        try:
            self.add(row)
            if last or "val" in row:
                self.draw()
        except OSError as error:
            raise OSError(f"{self.table} could not be written: {error.strerror or error}.") from error

    def add(self, row: dict[str, float]) -> None:
        if self.rows and len(self.rows) > 1:
            with self.table.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file).writerow(self.cells(row))
        else:
            self.write([row])

    def columns(self) -> list[str]:
        first = (self.rows or [{}])[0]
        return [*(name for name in first if name != "val"), "val"]

    def cells(self, row: dict[str, float]) -> list[str]:
        return [f"{row[name]:.6g}" if name in row else "" for name in self.columns()]

    def write(self, rows: list[dict[str, float]]) -> None:
        self.table.parent.mkdir(parents=True, exist_ok=True)
        partial = self.table.with_name(f"{self.table.name}.partial")
        with partial.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([self.columns(), *map(self.cells, rows)])
        partial.replace(self.table)

    def draw(self) -> None:
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        FigureCanvasAgg(figure)
        rows = self.rows or []
        scored = [row for row in rows if "val" in row]
        axes = figure.subplots(1, 2 if scored else 1, squeeze=False)[0]
        names = [name for name in self.columns() if name not in ("step", "lr", "val")]
        names = names[1:] if len(names) == 2 else names  # the only loss is the sum
        curves = {name: [row.get(name, math.nan) for row in rows] for name in names}
        draw.draw_curves(axes[0], [row["step"] for row in rows], curves, "loss")
        if scored:
            value = {f"{self.name} on validation images": [row["val"] for row in scored]}
            draw.draw_curves(axes[1], [row["step"] for row in scored], value, self.name, marker="o")
        partial = self.picture.with_name(f"{self.picture.name}.partial")
        figure.savefig(partial, format="png")
        partial.replace(self.picture)

    def summary(self) -> str:
        """Return what the scores were, in a sentence; empty without any."""
        scored = [row for row in self.rows or [] if "val" in row]
        if not scored:
            return ""
        best, last = max(scored, key=lambda row: row["val"]), scored[-1]
        said = f"{self.name} on the validation images: {last['val']:.3f} after step {last['step']:.0f}"
        return f"{said}, at best {best['val']:.3f} after step {best['step']:.0f}, in {self.best}."


def written(value: float) -> float:
    """Return a number as the table gives it back, so that a run that goes on compares the same scores."""
    return float(f"{value:.6g}")


def rows_of(table: Path) -> list[dict[str, float]]:
    """Return the rows of a CSV file of losses; what is damaged is left out, for the steps can be taken again."""
    if not table.is_file():
        return []
    rows = []
    with table.open(newline="", encoding="utf-8", errors="replace") as file:
        for row in csv.DictReader(file):
            try:
                rows.append({name: float(value) for name, value in row.items() if value})
            except (TypeError, ValueError):
                continue
    return [row for row in rows if "step" in row]
