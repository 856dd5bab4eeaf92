"""One paper, one file: the systems of the course, each read from top to bottom; all of them from one address."""

from coursekit.models.centernet import CenterNet
from coursekit.models.cornernet import CornerNet
from coursekit.models.deconvnet import DeconvNet
from coursekit.models.detector import Detector
from coursekit.models.detr import DETR
from coursekit.models.detr_modern import ModernDETR
from coursekit.models.fast_rcnn import FastRCNN
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.fcn import FCN, FCN8s, FCN16s, FCN32s
from coursekit.models.fcos import FCOS
from coursekit.models.hourglass import HourglassKeypoints, HourglassSegmenter
from coursekit.models.image_model import ImageModel
from coursekit.models.localiser import Localiser
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.models.promptable import PromptableSegmenter
from coursekit.models.retinanet import RetinaNet
from coursekit.models.rpn import RegionProposalNetwork
from coursekit.models.segmenter import Segmenter
from coursekit.models.several_scales import SeveralScales
from coursekit.models.slot_localiser import SlotLocaliser
from coursekit.models.ssd import SSD
from coursekit.models.unet import UNet
from coursekit.models.yolo import Yolo
from coursekit.models.yolo_modern import YoloModern
from coursekit.models.yolox_nano import COCO_CLASSES, YoloxNano, yolox_nano

__all__ = [
    "COCO_CLASSES", "DETR", "FCN", "FCOS", "SSD", "CenterNet", "CornerNet", "DeconvNet", "Detector", "FCN8s", "FCN16s",
    "FCN32s", "FastRCNN", "FasterRCNN", "HourglassKeypoints", "HourglassSegmenter", "ImageModel", "Localiser", "MaskRCNN", "ModernDETR",
    "PromptableSegmenter",
    "RegionProposalNetwork", "RetinaNet", "Segmenter", "SeveralScales", "SlotLocaliser", "UNet", "Yolo", "YoloModern",
    "YoloxNano", "yolox_nano",
]  # fmt: skip
