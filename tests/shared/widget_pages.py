"""One small widget of each kind, and its page on its own: the traits stay as they are set, for no Python computes."""

import json
import tempfile
from pathlib import Path

import anywidget
import torch
from PIL import Image

from classroom import widgets
from coursekit.models.hourglass import channels_of
from coursekit.models.promptable import PromptableSegmenter
from coursekit.models.rpn import RegionProposalNetwork
from coursekit.nets.efficientnet import efficientnet_lite0

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A widget</title>
<style>:root { --jp-ui-font-color1: %s; --jp-layout-color1: %s; } body { width: 880px; background: var(--jp-layout-color1); }</style>
<body><main id="here"></main><script type="module">%s
const values = %s, heard = {}, changed = new Set();
const model = {
  get: (name) => values[name],
  set: (name, value) => { values[name] = value; changed.add(name); },
  on: (event, run) => (heard[event] ??= []).push(run),
  save_changes: () => {
    const names = [...changed];
    changed.clear();
    for (const name of names) for (const run of heard[`change:${name}`] ?? []) run();
  },
};
Object.assign(window, { values, model });
window.end = render({ model, el: document.getElementById("here") });
document.addEventListener("keydown", (event) => (window.escaped ??= []).push(event.key));
</script></body></html>"""
THEMES = {"light": ("rgba(0, 0, 0, 0.87)", "white"), "dark": ("white", "#111")}
BOXES = torch.tensor([[8.0, 8, 40, 44], [50, 20, 100, 92]])
SCORES, LABELS, IMAGE = torch.tensor([0.9, 0.6]), torch.tensor([1, 2]), torch.full((3, 96, 128), 0.5)
MASKS = torch.zeros(2, 96, 128, dtype=torch.bool)
MASKS[0, 8:44, 8:40] = MASKS[1, 20:92, 50:100] = True
TARGET = {"boxes": BOXES, "labels": LABELS, "masks": MASKS}
KEYPOINTS = torch.tensor([[[20.0, 20, 2]] * 3, [[60.0, 36, 2]] * 3])


def proposals():
    pyramid = {"P3": torch.zeros(1, 8, 12, 16), "P4": torch.zeros(1, 8, 6, 8)}
    return widgets.ProposalStepper(RegionProposalNetwork(8, {"P3": 8, "P4": 16})(pyramid), IMAGE, BOXES)


def annotated():
    """Two photographs, one of them with a box and an outline; the folder is gone, for the page alone is tried."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("one.jpg", "two.jpg"):
            Image.new("RGB", (320, 240), "teal").save(Path(folder) / name)
        canvas = widgets.Annotator(folder, ("mug", "book")).canvas
        first = {"id": 1, "label": 1, "box": [20, 30, 120, 130], "outline": []}
        second = {"id": 2, "label": 2, "box": [180, 60, 280, 160], "outline": [180, 60, 280, 60, 230, 160]}
        canvas.sheet = {"photograph": "one.jpg", "objects": [first, second]}
    return canvas


def clicked():
    """Two clicks on a picture, and the answers of a network that has learned nothing."""
    torch.manual_seed(0)
    model = PromptableSegmenter(1, efficientnet_lite0(), channels=8)
    return widgets.ClickSegmenter(model, IMAGE, clicks=[(40, 30, 1), (100, 80, 0)])


def made():
    """Return the widgets by their names."""
    classes, found = ("mug", "book"), {"boxes": BOXES, "labels": LABELS, "scores": SCORES}
    maps = {f"{side} px": torch.full((2, side // 32, side // 32), 0.5) for side in (64, 96)}
    data, points = [(IMAGE, TARGET)] * 2, [(IMAGE, TARGET | {"keypoints": KEYPOINTS})] * 2
    return {
        "anchors": widgets.AnchorMatcher(BOXES, {"P3": BOXES + 2, "P4": BOXES + 8}, IMAGE),
        "annotations": annotated(),
        "boxes": widgets.BoxIoU(image=IMAGE, box_a=BOXES[0], box_b=BOXES[1]),
        "camera": widgets.Camera(),
        "photo": widgets.PhotoFile(lambda name, content: None),
        "clicks": clicked(),
        "corners": widgets.CornerPooling(),
        "heat": widgets.HeatScales(IMAGE, maps, [0], BOXES[0]),
        "mask": widgets.MaskGrid(IMAGE, TARGET, classes),
        "curve": widgets.PrecisionRecall(data, [found] * 2, classes),
        "proposals": proposals(),
        "regions": widgets.RoiPooling(torch.rand(4, 12, 16), IMAGE, region=(110, 70, 120, 80)),
        "slots": widgets.SetMatcher(BOXES, BOXES, image=IMAGE),
        "stacks": widgets.StackPeeler(points, torch.rand(2, 2, 30, 12, 16), channels_of, ("a", "b", "c")),
        "stamps": widgets.TransposedStepper(),
        "suppression": widgets.NmsStepper(BOXES, SCORES, IMAGE),
        "threshold": widgets.ThresholdSlider(BOXES, SCORES, LABELS, classes, IMAGE),
        "queries": widgets.QueryMatcher(BOXES, torch.zeros(2, 3), BOXES, LABELS, IMAGE, classes=classes),
        "attention": widgets.QueryAttention(IMAGE, torch.rand(2, 6, 8), BOXES, LABELS, SCORES, classes),
    }


def page_of(widget, theme="light"):
    """Return the HTML of a page with this widget alone."""
    names = [
        name for name in widget.trait_names(sync=True) if name not in anywidget.AnyWidget().trait_names()
    ]
    values = {name: getattr(widget, name) for name in names}
    script = str(widget._esm).replace("export default { render };", "")
    return PAGE % (*THEMES[theme], script, json.dumps(values))
