"""Choosing scenes by their number of objects, and the order in which these are listed."""

import torch

from coursekit.data.objects import LeftToRight, relisted, with_at_most
from coursekit.data.still_life import still_life


def scene(*lefts):
    boxes = torch.tensor([[left, 0.0, left + 10, 10] for left in lefts]).reshape(-1, 4)
    return {
        "boxes": boxes,
        "labels": torch.arange(1, len(lefts) + 1),
        "masks": torch.arange(len(lefts))[:, None, None].expand(-1, 4, 6) > 0,
        "image_id": torch.tensor(7),
    }


SCENES = [
    (f"picture {i}", scene(*lefts)) for i, lefts in enumerate([(5, 1), (), (3,), (9, 2, 7), (1, 2, 3, 4)])
]


def test_scenes_with_few_objects_keep_their_order():
    few = with_at_most(SCENES, 2)
    assert [few[i][0] for i in range(len(few))] == ["picture 0", "picture 1", "picture 2"]
    assert few.places == [0, 1, 2] and few.target(2) is SCENES[2][1]
    assert len(with_at_most(SCENES, 0)) == 1 and len(with_at_most(SCENES, 9)) == 5


def test_the_targets_of_the_still_lifes_need_no_picture():
    preview = still_life("preview")
    few = with_at_most(preview, 3)
    counts = [len(few.target(i)["boxes"]) for i in range(len(few))]
    assert 0 < len(few) < len(preview) and max(counts) == 3
    assert few[0][0].shape[0] == 3 and torch.equal(few[0][1]["boxes"], few.target(0)["boxes"])


def test_left_to_right_moves_rows_together_and_leaves_the_dataset_alone():
    listed = LeftToRight(SCENES)
    image, target = listed[3]
    assert (len(listed), image) == (5, "picture 3")
    assert target["boxes"][:, 0].tolist() == [2, 7, 9] and target["labels"].tolist() == [2, 3, 1]
    assert target["masks"][:, 0, 0].tolist() == [True, True, False] and target["image_id"] == 7
    assert SCENES[3][1]["labels"].tolist() == [1, 2, 3]
    assert listed[1][1]["boxes"].shape == (0, 4)


def test_relisting_back_gives_the_same_target():
    target, order = scene(5, 1, 8), torch.tensor([2, 0, 1])
    back = relisted(relisted(target, order), order.argsort())
    assert all(torch.equal(back[name], target[name]) for name in target)
