"""`coursekit train` as the tests call it, in little, and what they compare."""

import json
import signal

import torch

from coursekit.cli import main
from coursekit.commands.items import Seen, training_items
from coursekit.data.mirrored import COMMON
from coursekit.models.retinanet import RetinaNet
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.weights import read_tensors

TWELVE = "AP AP50 AP75 APs APm APl AR1 AR10 AR100 ARs ARm ARl".split()


def train(folder, *options, model="retinanet", steps=6, out="w.safetensors"):
    small = ["--data", str(folder), "--size", "64", "--batch-size", "2", "--steps", str(steps)]
    return main(["train", model, *small, "--weights", out, *options])


def assert_same(file, other):
    (ours, our_header), (theirs, their_header) = read_tensors(file), read_tensors(other)
    assert our_header == their_header and ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def write_without_segmentations(folder, here, left=None):
    """The same pictures; `left` stands in the place of each outline, if at all."""
    coco = json.loads((folder / "annotations.json").read_text())
    for row in coco["annotations"]:
        row["segmentation"] = left
        if left is None:
            del row["segmentation"]
    (here / "boxes").mkdir()
    (here / "boxes" / "a.json").write_text(json.dumps(coco), encoding="utf-8")
    (here / "boxes" / "images").symlink_to(folder / "images")
    return here / "boxes"


def stretched_items(dataset, size, on_features=True, masks=False):
    """What a detector learns from: pictures stretched to a size and their mirror images, or the features of both."""
    kind = "masks" if masks else "boxes"
    return training_items(dataset, Seen(size, False, efficientnet_lite0(), COMMON, kind, on_features))


class Disturbed:
    """The losses of RetinaNet, and something that happens in a call of them, after the two trial steps."""

    def __init__(self, monkeypatch, step, happens):
        original, self.calls = RetinaNet.losses, 0

        def losses(model, batch, targets):
            self.calls += 1
            found = original(model, batch, targets)
            return happens(found) if self.calls == step + 2 else found

        monkeypatch.setattr(RetinaNet, "losses", losses)


def press_ctrl_c(losses):
    signal.raise_signal(signal.SIGINT)
    return losses
