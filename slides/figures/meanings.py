"""One colour per meaning in the whole deck; classes have those of `coursekit.draw.PALETTE`."""

from coursekit.draw import ACCENT, PALETTE

CLASS, BOX = PALETTE[4], ACCENT  # what, and where: heads, losses, outputs
RIGHT, WRONG = PALETTE[1], ACCENT  # also: kept and removed, positive and hard negative
BASELINE, SECOND, OURS = "0.45", "0.58", ACCENT  # the variants that a slide compares, the last is its point
NETWORK, QUIET = "#44546a", "0.72"
ON_TESTS = {"new scenes": "#4e342e", "unseen objects": "#a1765a"}  # known objects dark, others light
OF_DETECTORS = {
    "yolo": BASELINE,
    "yolo_modern": PALETTE[0],
    "ssd": PALETTE[4],
    "retinanet": PALETTE[5],
    "faster_rcnn": PALETTE[1],
    "fcos": PALETTE[6],
    "centernet": PALETTE[7],
    "cornernet": PALETTE[3],
}
