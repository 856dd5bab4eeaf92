"""Corners, centres and the cells that own an object: lab 09 and part 2c of the slides."""

from collections.abc import Callable, Mapping, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from classroom.step_by_step.corners import CORNERS, SIDES, pooled_corner
from coursekit.draw import ACCENT, PALETTE, draw_boxes, draw_image
from coursekit.ops import Match, corner_pool, penalty_reduced_focal_loss

COLOURS = "magma"
FIRST, LAST = PALETTE[5], PALETTE[1]  # top-left and bottom-right corners
ROUND = (3.0, 2.0, 10.0, 7.0)  # the box of a round object on a map of 9 x 12 cells
MAP = (9, 12)


def draw_cells(
    ax: Axes, values: Tensor, title: str = "", most: float | None = None, write: bool = True
) -> None:
    """Draw a map (h, w) cell by cell, with its numbers; cell (x, y) is the square around (x, y).

    Args:
        most: the value that is brightest; the largest one by default.
        write: whether the numbers other than 0 stand in their cells.
    """
    most = float(values.max()) if most is None else most
    ax.imshow(values.detach().numpy(), cmap=COLOURS, vmin=0, vmax=max(most, 1e-3))
    ax.set(xticks=[], yticks=[], title=title)
    ax.spines[:].set_visible(False)
    for y, x in values.nonzero().tolist() if write else ():
        ink = "black" if values[y, x] > most / 2 else "white"
        ax.text(x, y, f"{values[y, x]:.1f}", ha="center", va="center", fontsize="x-small", color=ink)


def frame_box(ax: Axes, box: Sequence[float], **style) -> None:
    """Draw a box in cells on a map of `draw_cells`."""
    x1, y1, x2, y2 = (float(side) - 0.5 for side in box)
    look = {"fill": False, "edgecolor": "white", "linewidth": 2} | style
    ax.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, **look))


def draw_pooling(
    axes: Sequence[Axes],
    pool: Callable[[Tensor, str], Tensor] = corner_pool,
    corner: str = "top-left",
    box: Sequence[float] = ROUND,
    size: tuple[int, int] = MAP,
) -> Tensor:
    """Draw on five axes the evidence for two sides, both pooled, and the sum, which peaks at the corner; return the sum.

    Args:
        pool: as `ops.corner_pool`.
        corner: "top-left" or "bottom-right".
        box: of the object, xyxy in cells of a map of `size` (h, w).
    """
    evidence, pooled, total = pooled_corner(torch.tensor(box), size, corner, pool)
    sides = [SIDES[direction][0] for direction in CORNERS[corner]]
    titles = [f"{side} side" for side in sides] + [f'pooled "{d}"' for d in CORNERS[corner]] + ["the sum"]
    for ax, values, title in zip(axes, (*evidence, *pooled, total), titles, strict=True):
        draw_cells(ax, values, title, most=2.0 if values is total else 1.0, write=False)
        frame_box(ax, box, linestyle=":")
    y, x = divmod(int(total.argmax()), size[1])
    axes[-1].plot(x, y, "o", color="white", markeredgecolor="black", markersize=9)
    return total


def draw_corner_clues(ax: Axes, image: Tensor, box: Tensor, mask: Tensor) -> None:
    """Draw an object's top-left corner, and the parts of the object that are evidence for it: its topmost and its leftmost point.

    Shapes: image (3, H, W), box (4,) xyxy pixels, mask (H, W) bool.
    """
    draw_image(ax, image)
    draw_boxes(ax, None, box[None], colour=ACCENT)
    x1, y1 = box[:2].tolist()
    rows, columns = mask.nonzero(as_tuple=True)
    top, left = (
        columns[rows == rows.min()].float().mean() + 0.5,
        rows[columns == columns.min()].float().mean() + 0.5,
    )
    arrow = {
        "arrowstyle": "-|>",
        "color": "white",
        "linewidth": 2,
        "mutation_scale": 16,
        "shrinkA": 0,
        "shrinkB": 5,
    }
    for x, y in ((float(top), y1), (x1, float(left))):
        ax.annotate("", (x1, y1), (x, y), arrowprops=arrow)
        ax.plot(x, y, "o", color=PALETTE[2], markeredgecolor="white", markersize=8)
    ax.plot(x1, y1, "o", color=ACCENT, markeredgecolor="white", markersize=10)


def draw_radii(ax: Axes, box: Tensor, radii: Mapping[str, float]) -> None:
    """Draw a box in cells, and boxes whose corners are moved inwards by each radius, with the overlap that is left."""
    draw_boxes(ax, None, box[None], colour="0.5")
    area = (box[2:] - box[:2]).prod()
    for (name, radius), colour in zip(radii.items(), (PALETTE[1], ACCENT), strict=False):
        moved = box + radius * torch.tensor([1.0, 1, -1, -1])
        left = ((moved[2:] - moved[:2]).clamp(min=0).prod() / area).item()
        draw_boxes(ax, None, moved[None], colour=colour)
        ax.plot([], [], color=colour, label=f"{name}: r = {radius:.2f}, IoU {left:.2f}")
        for x, y in (box[:2].tolist(), box[2:].tolist()):
            square = (x - radius, y - radius), 2 * radius, 2 * radius
            ax.add_patch(Rectangle(*square, facecolor=colour, alpha=0.18, edgecolor="none"))
    margin = 1.3 * max(radii.values()) + 0.5
    x1, y1, x2, y2 = box.tolist()
    ax.set(
        xlim=(x1 - margin, x2 + margin), ylim=(y2 + margin, y1 - margin), aspect="equal", xticks=[], yticks=[]
    )
    ax.spines[:].set_visible(False)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.02), fontsize="small")


def draw_heat(ax: Axes, image: Tensor, heat: Tensor, points: Tensor | None = None, title: str = "") -> None:
    """Draw a heat map over an image, the hottest of all classes in each cell, and points (P, 2) in pixels as white rings.

    Shapes: (3, H, W), (K, h, w) in [0, 1].
    """
    height, width = image.shape[-2:]
    heat = heat.detach().amax(0).numpy()
    draw_image(ax, 0.25 + 0.5 * image.mean(0, keepdim=True).expand(3, -1, -1), title)
    glow = (1.2 * heat).clip(0, 1)
    ax.imshow(heat, cmap="autumn", vmin=0, vmax=1, alpha=glow, extent=(0, width, height, 0))
    ax.set(xlim=(0, width), ylim=(height, 0))
    if points is not None and len(points):
        ax.plot(
            *points.T.numpy(), "o", color="none", markeredgecolor="white", markersize=11, markeredgewidth=1.6
        )


def draw_forgiveness(
    ax: Axes,
    draw: Callable[..., Tensor],
    loss: Callable[..., Tensor] = penalty_reduced_focal_loss,
    radius: float = 4.0,
) -> None:
    """Draw the loss of a corner predicted beside the true one against the distance in cells, for β = 0 and β = 4.

    Args:
        draw: as `ops.draw_gaussians`.
        loss: as `ops.penalty_reduced_focal_loss`.
    """
    far = int(radius) + 3
    heat = draw(torch.tensor([[0, 0]]), torch.tensor([radius]), torch.tensor([0]), (1, 1, far))
    places = torch.arange(1, far)
    for beta, words in ((0.0, "β = 0: nothing is forgiven"), (4.0, "β = 4")):
        costs = []
        for x in places.tolist():
            logits = torch.full((1, 1, far), -30.0)
            logits[..., 0], logits[..., x] = 30.0, 1.4  # sure of the corner, and 0.8 for the cell at x
            costs.append(float(loss(logits, heat, 2.0, beta)))
        ax.plot(places, costs, "o-", label=words)
    ax.plot(range(far), heat[0, 0], color="0.6", linestyle="--", label="the target")
    ax.set(xlabel="cells beside the corner", ylabel="loss of a cell with p = 0.8", ylim=(0, None))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def draw_embeddings_in_training(ax: Axes, history: Tensor) -> None:
    """Draw the embeddings of both corners of each object after each step: (steps, 2, G); a colour for each object."""
    for g in range(history.shape[2]):
        for kind, style in enumerate(("-", "--")):
            words = f"object {g + 1}" if kind == 0 else None
            ax.plot(history[:, kind, g], style, color=PALETTE[g % len(PALETTE)], label=words)
    ax.set(xlabel="step", ylabel="embedding")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def draw_pairs(
    ax: Axes, image: Tensor, first: Tensor, last: Tensor, pairs: Sequence[tuple[int, int]], title: str = ""
) -> None:
    """Draw both kinds of corners, numbered, and the box of each pair (place in `first`, place in `last`).

    Shapes: image (3, H, W), first (P, 2), last (Q, 2) in pixels.
    """
    draw_image(ax, image, title)
    for i, j in pairs:
        draw_boxes(ax, None, torch.cat([first[i], last[j]])[None], colour=PALETTE[i % len(PALETTE)])
    for points, mark, colour in ((first, "^", FIRST), (last, "v", LAST)):
        ax.plot(*points.T.numpy(), mark, color=colour, markeredgecolor="white", markersize=10)


def draw_embedding_line(ax: Axes, first: Tensor, last: Tensor, pairs: Sequence[tuple[int, int]]) -> None:
    """Draw the embeddings (P,) and (Q,) of both kinds of corners on two lines, and join those of a pair."""
    for i, j in pairs:
        ax.plot([first[i], last[j]], [1, 0], color=PALETTE[i % len(PALETTE)], linewidth=2)
    ax.plot(first, torch.ones(len(first)), "^", color=FIRST, markersize=11)
    ax.plot(last, torch.zeros(len(last)), "v", color=LAST, markersize=11)
    ax.set(ylim=(-0.5, 1.5), xlabel="embedding")
    ax.set_yticks([0, 1], ["bottom-right", "top-left"])


def draw_owners(
    ax: Axes, image: Tensor, boxes: Tensor, centers: Tensor, match: Match, title: str = ""
) -> None:
    """Draw the centres of cells, large and in the colour of its object where a cell owns one.

    Shapes: image (3, H, W), boxes (G, 4), centers (A, 2) in pixels, match of A cells.
    """
    draw_image(ax, image, title)
    ax.plot(*centers[~match.positive].T.numpy(), ".", color="white", markersize=3, alpha=0.6)
    for g, box in enumerate(boxes):
        colour = PALETTE[g % len(PALETTE)]
        draw_boxes(ax, None, box[None], colour=colour)
        owned = centers[match.positive & (match.target == g)]
        ax.plot(*owned.T.numpy(), "o", color=colour, markeredgecolor="white", markersize=8)
