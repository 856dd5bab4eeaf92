"""The last stages of a backbone, to be trained on from maps of a lower level that are computed only once."""

import copy

import torch
from torch import Tensor, nn

from coursekit.nets.backbone import EfficientNetLite0


class UpperStages(nn.Module):
    """The last stages of a backbone, copied so that they can learn: they make their maps anew from the one below.

    Their batch normalisation keeps its ImageNet statistics: the batches of fine-tuning are too small for better ones.

    Shapes: {"C4": (N, 112, h, w), ...} -> the same with another "C5", for the levels ("C5",).
    Args:
        levels: the stages to copy, in their order, up to the last: ("C5",) or ("C4", "C5").

    >>> stages = UpperStages(EfficientNetLite0(), ("C4", "C5"))
    >>> stages.below, tuple(stages({"C3": torch.rand(1, 40, 8, 12)})["C5"].shape)
    ('C3', (1, 320, 2, 3))
    """

    def __init__(self, backbone: EfficientNetLite0, levels: tuple[str, ...] = ("C5",)) -> None:
        super().__init__()
        stages = {level: copy.deepcopy(backbone.stages[level]) for level in levels}
        self.stages = nn.ModuleDict(stages).requires_grad_(True).to(memory_format=torch.channels_last)
        self.below = f"C{int(levels[0][1]) - 1}"
        self.eval()

    def train(self, mode: bool = True) -> "UpperStages":
        return super().train(False)

    def forward(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        x = features[self.below].contiguous(memory_format=torch.channels_last)
        made = {}
        for level, stage in self.stages.items():
            x = made[level] = stage(x)  # (N, channels, h / 2, w / 2) each
        return features | made
