"""The last stages of a backbone, to be trained on from maps of a lower level that are computed only once."""

import copy

import torch
from torch import Tensor, nn

from coursekit.nets.backbone import Backbone


class UpperStages(nn.Module):
    """The last stages of a backbone, copied so that they can learn: they recompute their maps from the level below.

    Their batch normalisation keeps its ImageNet statistics: the batches of fine-tuning are too small for better ones.

    Shapes: {"C4": (N, 112, h, w), ...} -> the same with another "C5", for the levels ("C5",).
    Args:
        levels: the stages to copy, in their order, up to the last: ("C5",) or ("C4", "C5").
    Raises:
        ValueError: these are not the last stages of the backbone, or all of them.

    >>> from coursekit.nets.efficientnet import EfficientNetLite0
    >>> stages = UpperStages(EfficientNetLite0(), ("C4", "C5"))
    >>> stages.below, tuple(stages({"C3": torch.rand(1, 40, 8, 12)})["C5"].shape)
    ('C3', (1, 320, 2, 3))
    """

    def __init__(self, backbone: Backbone, levels: tuple[str, ...] = ("C5",)) -> None:
        super().__init__()
        *lower, self.below = [level for level in backbone.stages if level not in levels] or [""]
        if not levels or not self.below or [*lower, self.below, *levels] != list(backbone.stages):
            raise ValueError(
                f"The stages {', '.join(levels)} cannot be trained on cached maps: name the last ones out of "
                f"{', '.join(backbone.stages)}, in their order, but not all."
            )
        stages = {level: copy.deepcopy(backbone.stages[level]) for level in levels}
        self.stages = nn.ModuleDict(stages).requires_grad_(True).to(memory_format=torch.channels_last)
        self.eval()

    def train(self, mode: bool = True) -> "UpperStages":
        return super().train(False)

    def forward(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        x = features[self.below].contiguous(memory_format=torch.channels_last)
        made = {}
        for level, stage in self.stages.items():
            x = made[level] = stage(x)  # (N, channels, h / 2, w / 2) each
        return features | made
