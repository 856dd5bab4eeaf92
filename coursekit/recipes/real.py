"""A detector for photographs that has never seen an annotated one: the training and the scores of `retinanet_real`."""

from torch import nn

from coursekit import training
from coursekit.data.features import cached_features
from coursekit.data.real_mix import RealMix
from coursekit.data.still_life import still_life
from coursekit.metrics.coco_interval import coco_intervals
from coursekit.metrics.interval import Interval
from coursekit.metrics.model_scores import Scores, rounded, targets_in
from coursekit.models.retinanet import RetinaNet
from coursekit.models.several_scales import SeveralScales
from coursekit.nets.backbone import Backbone
from coursekit.nets.efficientnet import efficientnet_lite2
from coursekit.recipes.recipe import Task
from coursekit.schema import Items

IMAGES = 6144  # of the mix; each is seen about three times
CHUNK = 16  # images that go through several scales together


def real_retinanet(num_classes: int, backbone: Backbone | None = None) -> RetinaNet:
    """Return a RetinaNet on an EfficientNet-Lite2, if no other backbone is given."""
    return RetinaNet(num_classes, backbone=backbone or efficientnet_lite2())


def mixed_features(model: RetinaNet) -> Items:
    """Return the features of scenes and collages that look like anything but renderings."""
    assert model.backbone is not None
    return cached_features(RealMix(IMAGES), model.backbone)


def scenes_of(model: nn.Module, split: str) -> Items:
    """Return the images of a split: features have one scale."""
    return still_life(split)


def scale_intervals(model: RetinaNet, dataset: Items) -> Scores:
    """Return AP, AP50 and AP75 as shipped, averaged over several scales, and those of one scale as "one_scale_AP" ...."""
    targets, scores = targets_in(dataset), dict[str, Interval]()
    for prefix, detector in {"": SeveralScales(model), "one_scale_": model}.items():
        intervals = coco_intervals(training.predict(detector, dataset, CHUNK), targets)
        scores |= {f"{prefix}{name}": value for name, value in intervals.items()}
    return rounded(scores)


REAL = Task(mixed_features, scenes_of, scale_intervals)
