"""Key points of the still lifes: the center, the top and the base of every object, in pixels.

They come from the program that modelled the scenes (data/generator/keypoints.py); data/README.md says what they are.
"""

import json

import torch
from torch import Tensor
from torch.utils.data import Dataset

from coursekit.data.still_life import still_life
from coursekit.folders import RESTORE, data_folder
from coursekit.schema import Target

NAMES = ("center", "top", "base")
HIDDEN, VISIBLE = 1, 2  # as in COCO; 0 is outside of the image


class KeypointTargets(Dataset):
    """The targets of a split with `keypoints` (G, 3, 3): x, y and visibility of each point; without masks.

    Made for the `dataset` of a `FeatureDataset`. The targets are read at once.

    Args:
        split: as `still_life`.
        count: only this many scenes, the first ones; all without it.
    Raises:
        FileNotFoundError: the split has no key points.
        ValueError: there are no key points for an object of a scene that is asked for.
    """

    def __init__(self, split: str, count: int | None = None) -> None:
        scenes, points = still_life(split), read_keypoints(split)
        self.targets: list[Target] = []
        for i in range(len(scenes) if count is None else count):
            rows = scenes.annotations_of(i)
            missing = [row["id"] for row in rows if row["id"] not in points]
            if missing:
                raise ValueError(
                    f"{split} has no key points of annotation {missing[0]}, in scene {i}: "
                    f"make them with `python data/generator keypoints {split}`."
                )
            target = scenes.target(i).copy()
            target.pop("masks", None)
            none = torch.zeros(0, len(NAMES), 3)
            keypoints = torch.cat([none, *(points[row["id"]][None] for row in rows)])  # (G, 3, 3)
            target["keypoints"] = keypoints
            self.targets.append(target)

    def __len__(self) -> int:
        return len(self.targets)

    def target(self, i: int) -> Target:
        return self.targets[i]


def read_keypoints(split: str) -> dict[int, Tensor]:
    """The key points (3, 3) of each object of a split, by its annotation id: x, y and visibility of each of NAMES.

    Raises:
        FileNotFoundError: the split has none.
    """
    path = data_folder() / "still_life" / "keypoints" / f"{split}.json"
    if not path.is_file():
        raise FileNotFoundError(f"there are no key points {path}: {RESTORE}")
    content = json.loads(path.read_text(encoding="utf-8"))
    return {int(name): torch.tensor(rows) for name, rows in content["keypoints"].items()}
