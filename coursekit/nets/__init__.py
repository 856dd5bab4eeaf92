"""Networks that know nothing of detection: they turn images into feature maps; in one flat namespace.

`coursekit.nets.torchvision_backbone` makes a backbone of any classifier of torchvision; it is not imported from here,
because torchvision takes longer to import than all of this package.
"""

from coursekit.nets.backbone import Backbone
from coursekit.nets.convolution import TransposedConv2d
from coursekit.nets.csp_darknet import CSPDarknet, Darknet, PathAggregation, csp_darknet
from coursekit.nets.efficientnet import (
    EfficientNetLite0,
    EfficientNetLite1,
    EfficientNetLite2,
    efficientnet_lite0,
    efficientnet_lite1,
    efficientnet_lite2,
    imagenet_classes,
)
from coursekit.nets.fpn import FeaturePyramid
from coursekit.nets.hourglass import Hourglass, MergedLevels, StackedHourglass
from coursekit.nets.transformer import Attention, DecoderLayer, Encoder, EncoderLayer, sine_encoding
from coursekit.nets.upper_stages import UpperStages

__all__ = [
    "Attention", "Backbone", "CSPDarknet", "Darknet", "DecoderLayer", "EfficientNetLite0", "EfficientNetLite1", "EfficientNetLite2", "Encoder", "EncoderLayer",
    "FeaturePyramid", "Hourglass", "MergedLevels", "PathAggregation", "StackedHourglass",
    "TransposedConv2d", "UpperStages", "csp_darknet", "efficientnet_lite0", "efficientnet_lite1",
    "efficientnet_lite2", "imagenet_classes", "sine_encoding",
]  # fmt: skip
