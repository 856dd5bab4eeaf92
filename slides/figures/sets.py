"""Part 2d: DETR, from tokens and queries to a set of boxes; matching and attention by hand; what a query does."""

from functools import cache

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from recorded import recorded
from several_objects import numbers
from torch import Tensor
from trained import FIVE, NETWORK, detector, features, said, scenes

from classroom.figures import arrow, block, canvas, enlarge, picture, words
from classroom.figures.two_stage import thin_boxes
from coursekit import ops
from coursekit.data.still_life import CLASSES, still_life
from coursekit.draw import ACCENT, PALETTE, colour_of, draw_boxes
from coursekit.models.set_prediction import in_pixels
from coursekit.nets.transformer import attention_weights

TOKENS, QUERIES, OUTPUT = PALETTE[5], PALETTE[4], ACCENT  # the colours of this part
SIZE = (192, 192)
COST = ((1.0, 2.0), (1.5, 10.0))  # of two objects (rows) and two queries, made up
QUERY, KEYS = (2.0, 0.0, 0.0, 2.0), ((1.0, 1.0, 0.0, 1.0), (0.0, 2.0, 1.0, 0.0), (2.0, 0.0, 1.0, -1.0))
VALUES = ((10.0, 0.0), (0.0, 10.0), (20.0, 10.0))  # all made up
SURE = 0.5


@cache
def _of_queries(scene: int) -> tuple[Tensor, Tensor, Tensor]:
    """Scores (Q,), labels (Q,) and boxes (Q, 4) of all queries of DETR for a scene of val."""
    outputs = said("detr", scene)
    scores, labels = outputs.logits[-1, 0].softmax(-1)[:, 1:].max(-1)
    return scores, labels + 1, in_pixels(outputs.boxes[-1, 0], SIZE)


def a_set_of_boxes() -> Figure:
    """A scene, the boxes of all queries of DETR, and those that are not "no object"."""
    image = enlarge(still_life("val")[FIVE][0])
    scores, labels, boxes = _of_queries(FIVE)
    sure = scores >= SURE
    figure, ax = canvas(1150, 370)
    for i, name in enumerate(
        ("one image", f"{len(boxes)} queries, {len(boxes)} boxes", f"{int(sure.sum())} objects")
    ):
        place = picture(ax, (415 * i, 0), (320, 320), image)
        words(ax, 415 * i + 160, 350, name, 30, "black")
        if i == 1:
            thin_boxes(place, 4 * boxes[~sure], "white", 1.5, 0.7)
        if i > 0:
            draw_boxes(place, None, 4 * boxes[sure], labels[sure], classes=[""] * len(CLASSES))
    return figure


def detr_as_a_whole() -> Figure:
    """A scene, the backbone, 144 tokens, the encoder, 20 queries, the decoder, and the size of every tensor."""
    figure, ax = canvas(1140, 440)
    picture(ax, (0, 40), (150, 150), enlarge(still_life("val")[FIVE][0]))
    words(ax, 75, 214, "3 × 192 × 192", 25)
    arrow(ax, (156, 115), (184, 115))
    block(ax, (190, 20), (150, 190), "backbone", NETWORK, "funnel")
    arrow(ax, (346, 115), (374, 115))
    _cells(ax, (380, 45), 140)
    words(ax, 450, 18, "C4 + C5", 26, "black")
    words(ax, 450, 214, "128 × 12 × 12", 25)
    arrow(ax, (526, 115), (554, 115), TOKENS)
    block(ax, (560, 60), (170, 110), "encoder,\n2 layers", TOKENS)
    words(ax, 645, 32, "+ where each is", 25)
    arrow(ax, (736, 115), (764, 115), TOKENS)
    words(ax, 850, 100, "144 tokens", 26, TOKENS)
    words(ax, 850, 134, "144 × 128", 25)
    arrow(ax, (645, 176), (645, 268), TOKENS)
    words(ax, 655, 222, "keys and values", 25, ha="left")
    words(ax, 400, 312, "20 queries", 26, QUERIES)
    words(ax, 400, 346, "20 × 128", 25)
    arrow(ax, (480, 330), (554, 330), QUERIES)
    block(ax, (560, 274), (170, 110), "decoder,\n3 layers", QUERIES)
    arrow(ax, (736, 330), (764, 330), QUERIES)
    words(ax, 820, 330, "20 × 128", 25)
    for y, name, size in ((274, "class", "20 × 11"), (344, "box", "20 × 4")):
        arrow(ax, (876, 330), (904, y + 28), OUTPUT)
        block(ax, (910, y), (120, 56), name, OUTPUT)
        words(ax, 1042, y + 28, size, 25, ha="left")
    words(ax, 645, 414, "queries look at each other, then at all tokens", 25)
    return figure


def _cells(ax: Axes, corner: tuple, side: float, count: int = 12) -> None:
    x, y = corner
    step = side / count
    for i in range(count**2):
        place = (x + step * (i % count), y + step * (i // count))
        ax.add_patch(
            Rectangle(
                place,
                step - 2,
                step - 2,
                facecolor=TOKENS,
                alpha=0.35 + 0.5 * ((i * 7) % 11) / 11,
                linewidth=0,
            )
        )


def attention_by_hand() -> list[Figure]:
    """A query and three tokens; their products; the softmax of those; the weighted sum of the values."""
    return [_attending(step) for step in range(4)]


def _attending(step: int) -> Figure:
    query, keys, values = (torch.tensor(rows) for rows in (QUERY, KEYS, VALUES))
    products = keys @ query
    weights = attention_weights(query[None], keys)[0]
    gathered = weights @ values
    figure, ax = canvas(1150, 400)
    words(ax, 0, 50, "query", 30, QUERIES, ha="left")
    numbers(ax, (130, 26), (56, 48), [f"{x:g}" for x in query], [QUERIES] * 4)
    for x, name in ((240, "key"), (460, "product / 2"), (640, "softmax"), (950, "value")):
        if x == 240 or x == 950 or step >= {460: 1, 640: 2}[x]:
            words(ax, x, 120, name, 28, "black")
    for i, key in enumerate(keys):
        y = 150 + 66 * i
        words(ax, 0, y + 25, f"token {i + 1}", 28, ha="left")
        numbers(ax, (130, y), (56, 48), [f"{x:g}".replace("-", "−") for x in key], [TOKENS] * 4)
        if step > 0:
            words(ax, 460, y + 25, f"{products[i]:g} / 2 = {products[i] / 2:g}", 30, "black")
        if step > 1:
            ax.add_patch(Rectangle((600, y), 150 * weights[i].item(), 48, color=QUERIES, linewidth=0))
            words(ax, 766, y + 25, f"{weights[i]:.2f}", 30, QUERIES, ha="left")
        words(ax, 868, y + 25, "×" if step > 2 else "", 32)
        numbers(ax, (900, y), (56, 48), [f"{x:g}" for x in values[i]], [TOKENS] * 2)
    if step > 2:
        ax.plot([880, 1030], [352, 352], color="black", linewidth=3)
        numbers(ax, (880, 356), (80, 44), [f"{x:.1f}" for x in gathered], [OUTPUT] * 2)
        words(ax, 860, 378, "what the query gathers", 28, OUTPUT, ha="right")
    return figure


def matching_by_hand() -> list[Figure]:
    """A table of costs; greedy takes the cheapest pair first; the smallest sum."""
    cost = torch.tensor(COST)
    first = int(cost.argmin())
    greedy = torch.zeros_like(cost)
    greedy[first // 2, first % 2] = greedy[1 - first // 2, 1 - first % 2] = 1
    best = torch.nn.functional.one_hot(ops.match_by_cost(cost).target, 2).T.float()
    steps = (
        (torch.zeros_like(cost), "two objects, two queries: which pairs?", None),
        (greedy, f"the cheapest first: {_sum(cost, greedy)}", PALETTE[2]),
        (best, f"the smallest sum: {_sum(cost, best)}", PALETTE[1]),
    )
    return [_table(cost, *step) for step in steps]


def _sum(cost: Tensor, chosen: Tensor) -> str:
    picked = cost[chosen > 0]
    return f"{' + '.join(f'{x:g}' for x in picked)} = {picked.sum():g}"


def _table(cost: Tensor, chosen: Tensor, line: str, colour: str | None) -> Figure:
    figure, ax = canvas(1150, 330)
    for j in range(cost.shape[1]):
        words(ax, 520 + 220 * j, 26, f"query {j + 1}", 32, QUERIES)
    for i, row in enumerate(cost):
        words(ax, 370, 98 + 96 * i, f"object {i + 1}", 32, "black", ha="right")
        colours = [colour if pair else "0.5" for pair in chosen[i]]
        numbers(ax, (412, 56 + 96 * i), (220, 84), [f"{x:g}" for x in row], colours)
    words(ax, 630, 292, line, 36, colour or "black")
    return figure


def probability_or_logarithm() -> Figure:
    """What the class adds to the cost and what it adds to the loss, against the probability of the right class."""
    p = torch.linspace(0.01, 1, 200)
    figure, ax = plt.subplots(figsize=(4.0, 3.7))
    ax.plot(p, -p, color=QUERIES, label="cost: −p")
    ax.plot(p, -p.log(), color=ACCENT, label="loss: −log p")
    ax.axhline(0, color="0.6", linewidth=1)
    ax.set(xlabel="p of the right class", ylim=(-1.2, 4.6), xticks=[0, 0.5, 1], yticks=[-1, 0, 2, 4])
    ax.legend(loc="upper right")
    return figure


def where_queries_look() -> Figure:
    """What the query of each of four objects looks at in the last layer of the decoder."""
    image, (scores, labels, boxes) = still_life("val")[FIVE][0], _of_queries(FIVE)
    with torch.no_grad():
        attention = detector("detr").attention([features(FIVE)])[0]  # (Q, h, w)
    figure, ax = canvas(1150, 330)
    for i, query in enumerate(scores.argsort(descending=True)[:4].tolist()):
        place = picture(ax, (292 * i, 0), (274, 274), 0.35 * enlarge(image))
        share = attention[query] / attention[query].max()
        look = {
            "extent": (0, 768, 768, 0),
            "cmap": "plasma",
            "vmin": 0,
            "vmax": 1,
            "interpolation": "bilinear",
        }
        place.imshow(share.numpy(), alpha=share.sqrt().numpy(), **look)
        draw_boxes(place, None, 4 * boxes[query][None], labels[query][None], classes=[""] * len(CLASSES))
        name = CLASSES[int(labels[query]) - 1]
        words(ax, 292 * i + 137, 304, f"query {query + 1}: {name}", 28, colour_of(labels[query]))
    return figure


@recorded
def _centres_of_queries() -> dict[str, list[list[float]]]:
    """The centres of the confident boxes of the four busiest queries in all scenes of val, as shares of the image."""
    with torch.no_grad():
        batches = [
            detector("detr").outputs([scenes("val")[i][0] for i in range(start, start + 25)])
            for start in range(0, 200, 25)
        ]
    boxes = torch.cat([outputs.boxes[-1] for outputs in batches])  # (scenes, Q, 4)
    sure = (
        torch.cat([outputs.logits[-1].softmax(-1)[..., 0] for outputs in batches]) < 1 - SURE
    )  # (scenes, Q)
    busiest = sure.sum(0).argsort(descending=True)[:4].tolist()
    return {f"query {query + 1}": boxes[sure[:, query], query, :2].T.tolist() for query in busiest}


def queries_have_habits() -> Figure:
    """Where four queries place the centres of their confident boxes in all validation scenes."""
    figure, ax = canvas(1150, 330)
    for i, (name, (x, y)) in enumerate(_centres_of_queries().items()):
        place = picture(ax, (292 * i, 0), (274, 274))
        place.plot(x, y, "o", color=QUERIES, alpha=0.6, markersize=9, markeredgewidth=0)
        place.set(xlim=(0, 1), ylim=(1, 0), xticks=[], yticks=[])
        place.spines[:].set_visible(True)
        words(ax, 292 * i + 137, 304, f"{name}: {len(x)} objects", 28, QUERIES)
    return figure
