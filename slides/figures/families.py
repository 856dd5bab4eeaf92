"""Part 2: what detection outputs, and three kinds of candidates."""

import torch
from matplotlib.figure import Figure
from trained import BLUE, FIVE, confident, found_in, said

from classroom.figures import canvas, enlarge, picture, words
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, PALETTE, draw_boxes
from coursekit.proposals import selective_search

STRIP = (FIVE, 20, 22, 23, 74)  # scenes of val


def many_boxes_at_once() -> Figure:
    """Five scenes, and all that RetinaNet detects in them with a score of at least 0.4."""
    figure, ax = canvas(1150, 218)
    for i, scene in enumerate(STRIP):
        place = picture(ax, (233 * i, 0), (218, 218), enlarge(still_life("val")[scene][0]))
        shown = confident(found_in("retinanet", scene), 0.4)
        draw_boxes(place, None, 4 * shown["boxes"], shown["labels"], classes=[""] * len(CLASSES))
    return figure


def three_kinds_of_candidates() -> Figure:
    """A scene with the cells of a grid, with some of RetinaNet's anchors, and with the first regions of pixels."""
    image, _ = still_life("val")[FIVE]
    anchors, regions = said("retinanet", FIVE).anchors, selective_search(image)
    cells = (torch.arange(12) + 0.5) * 64
    figure, ax = canvas(1150, 416)
    panels = (
        (f"{len(cells) ** 2} cells", PALETTE[4], None),
        (f"{len(anchors)} anchors", ACCENT, anchors[5::190]),
        (f"{len(regions)} regions", BLUE, regions[:12]),
    )
    for i, (name, colour, boxes) in enumerate(panels):
        place = picture(ax, (400 * i, 0), (330, 330), enlarge(image))
        if boxes is None:
            dots = {"color": colour, "markeredgecolor": "white", "markersize": 11}
            place.plot(cells.repeat(12), cells.repeat_interleave(12), "o", **dots)
        else:
            place.set(xlim=(0, 768), ylim=(768, 0))
            draw_boxes(place, None, 4 * boxes, colour=colour)
        words(ax, 400 * i + 165, 360, name, 34, colour)
    for i, name in enumerate(("YOLO", "SSD, RetinaNet", "R-CNN")):
        words(ax, 400 * i + 165, 398, name, 28)
    return figure
