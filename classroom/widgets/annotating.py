"""Annotating one's own photographs: boxes and outlines to draw and to name, saved in COCO's format at every change."""

import html
import time
from collections.abc import Sequence
from pathlib import Path

import ipywidgets
import traitlets

from classroom.widgets.annotation_file import AnnotationFile, write_photograph
from classroom.widgets.outlines import Outliner, box_around
from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget
from classroom.widgets.pictures import PhotoFile
from coursekit.data.image_files import read_photograph
from coursekit.data.still_life import CLASSES

SHOWN_SIDE = 1024  # pixels of the longer side of what the page gets; the boxes are in the photograph's own
QUICK = 1.0  # seconds between moves that are undone together
Change = tuple[str, list[dict], list[dict]]  # of a photograph: its objects before and after


class Annotator(ipywidgets.VBox):
    """Draws and names objects on the photographs of a folder; every change is saved in its `annotations.json`.

    The file is in COCO's format, so `coursekit train retinanet --data my_photographs` takes the folder as it is.

    Args:
        folder: where the photographs are; it is made when the first one is added.
        classes: the names to choose from; those of an existing file come first.
        longest_side: photographs that are added are made smaller to it, pixels.
    Raises:
        ValueError: `annotations.json` is damaged; it is left as it is.
    """

    def __init__(
        self,
        folder: str | Path = "my_photographs",
        classes: Sequence[str] = CLASSES,
        longest_side: int = 1024,
    ) -> None:
        self.longest_side = longest_side
        self.canvas = AnnotationCanvas(AnnotationFile(folder, classes))
        self.upload = PhotoFile(self._take, longest_side=longest_side, several=True, words="Add photographs")
        self.status = ipywidgets.HTML(
            f"Photographs that you add are made smaller to at most {longest_side} pixels, without the place and the "
            "time that a camera writes into them."
        )
        super().__init__([ipywidgets.HBox([self.upload, self.status]), self.canvas])

    @property
    def path(self) -> Path:
        """The file of the annotations."""
        return self.canvas.file.path

    def _take(self, name: str, content: bytes) -> None:
        try:
            image, _ = read_photograph(content, self.longest_side)
            kept = write_photograph(image, self.canvas.file.folder, name)
        except (ValueError, OSError) as error:
            self.status.value = f"{html.escape(name)} cannot be used: {html.escape(str(error))}"
            return
        self.status.value = f"{html.escape(kept)}: {image.shape[-1]} x {image.shape[-2]} pixels."
        self.canvas.refresh(kept)

    def __repr__(self) -> str:
        return f"Annotator: {sum(self.canvas.counts)} objects on {len(self.canvas.photographs)} photographs. {self.canvas.label}"[
            :110
        ]


class AnnotationCanvas(PictureWidget):
    """The photograph on show, its objects, and the history of changes; what the page of `Annotator` draws.

    Attributes:
        sheet: the name of the photograph and its objects, as the page has changed them.
        clicked: where the page has asked for an outline: the photograph, the point, and the number of the request.
        undos, redos: how often the page has asked for either; to_undo, to_redo: how many there are.
    """

    _esm = page("annotating_canvas.js", "annotating.js")
    photographs = traitlets.List(traitlets.Unicode()).tag(sync=True)
    counts = traitlets.List(traitlets.Int()).tag(sync=True)
    classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)
    chosen = traitlets.Int(1).tag(sync=True)  # the label of the next object
    sheet = traitlets.Dict().tag(sync=True)
    next_id = traitlets.Int(1).tag(sync=True)
    clicked = traitlets.Dict().tag(sync=True)
    undos = traitlets.Int(0).tag(sync=True)
    redos = traitlets.Int(0).tag(sync=True)
    to_undo = traitlets.Int(0).tag(sync=True)
    to_redo = traitlets.Int(0).tag(sync=True)

    def __init__(self, file: AnnotationFile) -> None:
        self.file, self.trouble, self.saved = file, "", False
        self.outliner, self.copy = Outliner(), None  # of the photograph on show, at most SHOWN_SIDE pixels
        self.sizes: dict[str, tuple[int, int]] = {}
        self.done: list[Change] = []
        self.undone: list[Change] = []
        self.asked, self.moved_at = {"undos": 0, "redos": 0}, 0.0
        super().__init__(classes=file.classes)
        self.refresh()
        self.observe(self._hear, ["sheet", "shown", "undos", "redos", "classes"])
        self.observe(self._take_mask, "clicked")

    def refresh(self, photograph: str | None = None) -> None:
        """Look for the photographs of the folder, and show this one."""
        before = self.sheet.get("photograph", "")
        self.photographs = self.file.photographs()
        name = photograph or before
        self._turn_to(self.photographs.index(name) if name in self.photographs else 0)

    def _turn_to(self, index: int) -> None:
        """Show a photograph with its objects; one that cannot be read takes no objects."""
        index = min(max(index, 0), max(len(self.photographs) - 1, 0))
        self.trouble, name = "", self.photographs[index] if self.photographs else ""
        self.current = index
        with self.hold_sync():
            self.picture, self.width, self.height = "", 400, 300
            self.shown = index
            self._write_down(self._load(name) if name else "")

    def _load(self, name: str) -> str:
        try:
            image, size = read_photograph(self.file.folder / name, SHOWN_SIDE)
            if (said := self.file.size_said(name)) not in (None, size):
                raise ValueError(
                    f"{name} has {size[0]} x {size[1]} pixels, but {said[0]} x {said[1]} in {self.file.path.name}: was it "
                    "resized without its annotations?"
                )
        except (ValueError, OSError) as error:
            self.trouble = str(error)
            return ""
        self.sizes[name], self.copy = size, image
        self.show(image)
        self.width, self.height = size
        return name

    def _hear(self, _change: object = None) -> None:
        """Do what the page has asked for; several things may have come at once."""
        if self.sheet != self.known:
            self._take(self.sheet)
        if self.classes != self.file.classes:
            self._take_classes()
        for word, source, target in (("undos", self.done, self.undone), ("redos", self.undone, self.done)):
            while self.asked[word] < getattr(self, word):
                self.asked[word] += 1
                self._travel(source, target)
        if self.shown != self.current:
            self._turn_to(self.shown)

    def _take(self, sheet: dict) -> None:
        name = sheet.get("photograph", "")
        if name in self.sizes:
            change = (name, self.file.objects(name), sheet["objects"])
            if self._put(name, change[2]):
                self._remember(change)
        self._write_down(self.known["photograph"])

    def _take_mask(self, _change: object = None) -> None:
        """Add the object at a point, with the outline of the mask that one click gives."""
        name, (x, y) = self.known["photograph"], self.clicked["point"]
        if self.clicked["photograph"] != name or name not in self.sizes or self.copy is None:
            return
        outline = self.outliner.outline(name, self.copy, x, y, self.sizes[name])
        if not outline:
            self.trouble = "No object was found there: click elsewhere, or draw its box."
            self._write_down(name)
            return
        each = {"id": self.next_id, "label": self.chosen, "box": box_around(outline), "outline": outline}
        self._take({"photograph": name, "objects": [*self.known["objects"], each]})

    def _remember(self, change: Change) -> None:
        """Keep a change for undo; the moves of one object in quick succession, as by a key held down, are one change."""
        name, before, after = change
        now = time.monotonic()
        quick = now - self.moved_at < QUICK and self.done and self.done[-1][0] == name
        which = moved(before, after)
        if quick and which is not None and which == moved(*self.done[-1][1:]):
            change = (name, self.done.pop()[1], after)
        self.done.append(change)
        self.moved_at = now
        self.undone.clear()

    def _take_classes(self) -> None:
        for name in self.classes:
            self.file.add_class(name)
        self._try(self.file.save)
        self.classes = self.file.classes
        self._write_down(self.known["photograph"])

    def _travel(self, source: list[Change], target: list[Change]) -> None:
        """Undo the last change of `source`, or repeat it, on its own photograph."""
        if not source:
            return
        name, before, after = source.pop()
        target.append((name, after, before))
        self._put(name, before)
        if name == self.known["photograph"]:
            self._write_down(name)
        else:
            self._turn_to(self.photographs.index(name))

    def _put(self, name: str, objects: list[dict]) -> bool:
        return self._try(lambda: self.file.put(name, self.sizes[name], objects))

    def _try(self, save) -> bool:
        """Whether the file was written; why not, is told on the page."""
        try:
            save()
        except (ValueError, OSError) as error:
            self.trouble = f"Not saved: {error}"
            return False
        self.trouble, self.saved = "", True
        return True

    def _write_down(self, name: str) -> None:
        """Bring what the page shows to what the file holds."""
        objects = self.file.objects(name) if name else []
        self.known = {"photograph": name, "objects": objects}
        with self.hold_sync():
            self.sheet = self.known
            self.next_id = max(self.next_id, self.file.next_id)
            self.counts = [len(self.file.objects(each)) for each in self.photographs]
            self.to_undo, self.to_redo = len(self.done), len(self.undone)
            self.label = self._words()

    def _words(self) -> str:
        if not self.photographs:
            return f"There are no photographs in {self.file.folder} yet: add some."
        place = f"{self.photographs[self.current]}, {self.current + 1} of {len(self.photographs)}"
        count = self.counts[self.current]
        objects = "no objects" if not count else f"{count} object{'s' * (count > 1)}"
        saved = f" Saved in {self.file.path}." if self.saved else ""
        return f"{place}: {objects}. {self.trouble}" if self.trouble else f"{place}: {objects}.{saved}"


def moved(before: Sequence[dict], after: Sequence[dict]) -> int | None:
    """Return the id of the only object that is somewhere else than before; None if more has changed.

    >>> there, here = {"id": 7, "label": 1, "box": [0, 0, 5, 5]}, {"id": 7, "label": 1, "box": [1, 0, 6, 5]}
    >>> moved([there], [here]), moved([], [here]), moved([there], [there])
    (7, None, None)
    """
    if [(each["id"], each["label"]) for each in before] != [(each["id"], each["label"]) for each in after]:
        return None
    others = [old["id"] for old, new in zip(before, after, strict=True) if old != new]
    return others[0] if len(others) == 1 else None
