"""Pictures and targets at the model's size, stretched or in a letterbox, their label maps and changed copies."""

import pytest
import torch
from shapes_folder import write_folder

from coursekit import ops
from coursekit.commands.datasets import open_data, size_of
from coursekit.commands.fitting import covered, fitted, in_picture, object_target
from coursekit.commands.items import Seen, training_items
from coursekit.nets.efficientnet import efficientnet_lite0
from coursekit.schema import VOID, validate

SIZE = (96, 64)


@pytest.fixture
def dataset(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "features"))
    return open_data(str(write_folder(tmp_path / "shapes")), "train")


@pytest.mark.parametrize("letterbox", [False, True])
def test_objects_come_back_to_their_pictures(dataset, letterbox):
    for i in range(len(dataset)):
        old, expected = size_of(dataset, i), dataset.target(i)
        image, _ = fitted(dataset[i][0], {}, SIZE, letterbox)
        target = object_target(dataset, i, old, SIZE, letterbox, masks=True)
        assert image.shape[1:] == SIZE == target["masks"].shape[1:]
        validate([target], [image])
        found = target | {
            "scores": torch.ones(len(target["labels"])),
            "masks": target["masks"][:, None].float(),
        }
        back = in_picture(found, old, SIZE, letterbox)
        torch.testing.assert_close(back["boxes"], expected["boxes"])
        for k, code in enumerate(back["masks"]):
            assert ops.mask_iou(ops.rle_decode(code)[None], expected["masks"][k : k + 1]) > 0.8
        if letterbox:  # a square stays one
            sides = (
                target["boxes"][target["labels"] == 2][:, 2:] - target["boxes"][target["labels"] == 2][:, :2]
            )
            torch.testing.assert_close(sides[:, 0], sides[:, 1], rtol=0.05, atol=0)


def test_a_letterbox_is_void_and_so_are_crowds(dataset):
    dataset.annotations["annotations"][0]["iscrowd"] = 1
    seen = Seen(SIZE, True, None, (), "semantic")
    labels = seen.learned(seen.target(dataset, 0, "semantic"))["semantic"]
    height, width = covered(size_of(dataset, 0), SIZE, True)
    assert (labels[height:] == VOID).all() and (labels[:, width:] == VOID).all()
    inside = labels[:height, :width]
    assert set(inside.unique().tolist()) == {0, 1, VOID}  # the square is a crowd
    back = in_picture({"semantic": labels}, size_of(dataset, 0), SIZE, True)["semantic"]
    bar = dataset.target(0)["masks"][1]
    assert ((back == 1) & bar).sum() / ((back == 1) | bar).sum() > 0.8


@pytest.mark.parametrize("kind", ["boxes", "semantic"])
def test_each_change_adds_a_copy_of_every_picture(dataset, kind):
    levels = ("C3", "C4", "C5")
    backbone = efficientnet_lite0(pretrained=False)
    items = training_items(
        dataset, Seen((64, 64), True, backbone, levels, kind, False), ("flip", "colour", "scale")
    )
    assert len(items) == 24
    plain, mirrored, coloured, scaled = (items[i][1] for i in (0, 6, 12, 18))
    if kind == "boxes":
        assert torch.equal(plain["boxes"], coloured["boxes"]) and not torch.equal(
            plain["boxes"], scaled["boxes"]
        )
    else:
        assert torch.equal(mirrored["semantic"].flip(1), plain["semantic"])
        assert torch.equal(coloured["semantic"], plain["semantic"])
        assert not torch.equal(scaled["semantic"], plain["semantic"])
    assert torch.equal(items[18][0], items[18][0]) and not torch.equal(items[12][0], items[0][0])
    validate([items[i][1] for i in range(24)], [items[i][0] for i in range(24)])
