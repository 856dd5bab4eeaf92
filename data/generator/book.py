"""Books: bound, paper-backed, lying open, or standing ajar; with jackets and the edges of their leaves."""

from dataclasses import replace

import lettering
import numpy as np
from geometry import Part, Surface, panel
from jackets import RESOLUTION, binding, jacket, page

FAMILIES = {"book": ("hardcover", "open", "standing", "paperback")}
PAPERS = ((0.84, 0.8, 0.7), (0.8, 0.74, 0.6), (0.86, 0.84, 0.79), (0.72, 0.62, 0.44))


def ruled(first, second) -> Surface:
    """The strip between two polylines (N, 3): v runs along them by length, u from the first to the second."""
    first, second = np.asarray(first, float), np.asarray(second, float)
    surface = panel([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], len(first), 2)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(first, axis=0), axis=1))])
    uv = np.stack([np.tile([0, 1], len(first)), np.repeat(length / length[-1], 2)], 1)
    vertices = np.stack([first, second], 1).reshape(-1, 3)  # (2N, 3)
    return replace(surface, vertices=vertices.astype(np.float32), uv=uv.astype(np.float32))


def extruded(path, low: float, high: float, upright: bool = False) -> Surface:
    """A path in the (x, z) plane swept along y; or, upright, a path in the (x, y) plane swept along z."""
    path = np.asarray(path, float)
    axis = 2 if upright else 1
    return ruled(np.insert(path, axis, low, axis=1), np.insert(path, axis, high, axis=1))


def flat(colour) -> np.ndarray:
    """A texture of one colour."""
    return np.broadcast_to(np.clip(colour, 0.01, 0.95), (4, 4, 3)).astype(np.float32)


def along(image) -> np.ndarray:
    """The texture of an upright picture on a surface whose v runs to the picture's right and u upwards."""
    return np.ascontiguousarray(lettering.linear(image)[::-1].transpose(1, 0, 2))


def book(random, seed: int, family: str) -> list[Part]:
    """A book of 13 to 18 cm."""
    make = {"hardcover": hardcover, "paperback": paperback, "open": open_book, "standing": standing}[family]
    width = random.uniform(0.95, 1.25)
    return make(random, width, width * random.uniform(1.3, 1.48))


def hardcover(random, width: float, length: float) -> list[Part]:
    """Boards with an overhang, a rounded spine between grooves."""
    thick, board = random.uniform(0.12, 0.32), random.uniform(0.022, 0.032)
    angle = np.linspace(-np.pi / 2, np.pi / 2, 9)
    bulge = random.uniform(0.0, 0.06)
    spine = np.stack([-bulge * np.cos(angle), thick / 2 * (1 + np.sin(angle))], 1)
    groove = np.array([(width, 0), (0.12, 0), (0.09, 0.018), (0.065, 0.018), (0.035, 0)])
    outer = np.concatenate([groove, spine, (groove * [1, -1] + [0, thick])[::-1]])
    return bound(random, outer, length, board, 0.035, 0.05)


def paperback(random, width: float, length: float) -> list[Part]:
    """A thick paperback: flush pages, a square spine with creases, a cover that lifts a little."""
    thick, lift = random.uniform(0.1, 0.3), random.uniform(0, 0.035)
    outer = [(width, 0), (0.5 * width, 0), (0.05, 0), (0, 0.006), (0, thick - 0.006), (0.05, thick)]
    outer += [(x * width, thick + lift * max(0, x - 0.4) ** 2 / 0.36) for x in (0.4, 0.6, 0.75, 0.88, 1)]
    return bound(random, np.array(outer), length, 0.008, 0.004, 0.0)


def bound(random, outer, length: float, board: float, overhang: float, hollow: float) -> list[Part]:
    """Pages in a cover whose outline (x, z) runs from the back's edge over the spine to the front's."""
    thick = outer[-3, 1] if overhang < 0.01 else outer[-1, 1]
    tangent = np.gradient(outer, axis=0)
    inner = (
        outer
        + board * np.stack([tangent[:, 1], -tangent[:, 0]], 1) / np.linalg.norm(tangent, axis=1)[:, None]
    )
    image, cloth = jacket(random, outer, length, outer[:, 0].max() - 0.03)
    ends = [ruled(np.insert(outer, 1, y, axis=1), np.insert(inner, 1, y, axis=1)) for y in (0, length)]
    edges = [extruded([outer[i], inner[i]], 0, length) for i in (0, -1)]
    roughness = random.choice([0.25, 0.4, 0.6])
    cover = [Part(extruded(outer, 0, length), along(image), "glossy", roughness, smooth=False)]
    cover += [Part(surface, flat(cloth), "glossy", 0.6, smooth=False) for surface in (*ends, *edges)]
    cover.append(Part(extruded(inner, 0, length), flat((0.7, 0.66, 0.58)), "matte", smooth=False))
    spine = outer[:, 0].min() + board
    return cover + pages(random, (spine, outer[:, 0].max() - overhang), (overhang, length - overhang),
                         (board, thick - board), hollow)  # fmt: skip


def pages(random, x, y, z, hollow: float) -> list[Part]:
    """The block of leaves between two x, two y, two z: its three cut edges, the front one hollow."""
    level = np.linspace(*z, 12)
    front = x[1] - hollow * np.sin(np.pi * np.linspace(0, 1, 12))
    edge = np.stack([front, level], 1)
    texture = leaves(random)
    heads = [
        ruled(np.stack([0 * front + x[0], 0 * front + end, level], 1), np.insert(edge, 1, end, axis=1))
        for end in y
    ]
    return [Part(surface, texture, "matte", smooth=False) for surface in (extruded(edge, *y), *heads)]


def leaves(random, paper=None) -> np.ndarray:
    """The cut edges of leaves seen end on: rows of fine lines, a few wide enough to be seen from afar."""
    paper = np.array(PAPERS[random.integers(len(PAPERS))] if paper is None else paper)
    fine, coarse = random.standard_normal((160, 1)), np.repeat(random.standard_normal((32, 1)), 5, 0)
    shade = np.clip(0.84 + 0.13 * fine + 0.13 * coarse, 0.35, 1.05) * (
        1 + 0.03 * random.standard_normal((160, 48))
    )
    return np.clip(shade[..., None] * paper, 0.01, 0.95).astype(np.float32)


def open_book(random, width: float, length: float) -> list[Part]:
    """Two pages of an open book that swell beside the gutter, on their blocks of leaves, on the boards."""
    board, over, paper = 0.022, 0.03, PAPERS[random.integers(len(PAPERS))]
    x = width * np.linspace(0, 1, 40) ** 1.6
    halves = [swell(x / width, random.uniform(0.05, 0.17), random.uniform(0.02, 0.07)) for _ in range(2)]
    top = np.concatenate([np.stack([-x, board + halves[0]], 1)[:0:-1], np.stack([x, board + halves[1]], 1)])
    bottom = np.stack([top[:, 0] * random.uniform(0.97, 1.03), np.full(len(top), board)], 1)
    spread = lettering.sheet(2 * int(width * RESOLUTION), int(length * RESOLUTION), paper)
    for side in range(2):
        spread.paste(page(random, spread.width // 2, spread.height, paper), (side * spread.width // 2, 0))
    edge = leaves(random, paper)
    ends = [ruled(np.insert(bottom, 1, y, axis=1), np.insert(top, 1, y, axis=1)) for y in (0, length)]
    sides = [extruded([bottom[i], top[i]], 0, length) for i in (0, -1)]
    parts = [Part(extruded(top, 0, length), along(spread), "matte")]
    parts += [Part(surface, edge.transpose(1, 0, 2).copy(), "matte", smooth=False) for surface in ends]
    parts += [Part(surface, edge, "matte", smooth=False) for surface in sides]
    return parts + slab((-width - over, -over, 0), (width + over, length + over, board), binding(random))


def swell(x, thick: float, bulge: float) -> np.ndarray:
    """The height of a page at x (0 in the gutter, 1 at its edge)."""
    return 0.012 + (thick + bulge * np.exp(-(((x - 0.25) / 0.28) ** 2))) * (1 - np.exp(-x / 0.06)) ** 0.7


def slab(low, high, colour) -> list[Part]:
    """A flat board: its top and its four sides."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    ring = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    surfaces = [panel([(x, y, z1) for x, y in ring[:4]]), extruded(ring, z0, z1, upright=True)]
    return [Part(surface, flat(colour), "glossy", 0.5, smooth=False) for surface in surfaces]


def standing(random, width: float, length: float) -> list[Part]:
    """A book stood on its tail, ajar: boards at an angle, leaves fanned out between them."""
    half, paper, board, spine = random.uniform(0.35, 0.7), PAPERS[random.integers(len(PAPERS))], 0.03, 0.06
    back = np.array([np.cos(half), np.sin(half)])
    outer = np.array(
        [width * back + [0, spine], [0, spine], [-0.02, 0], [0, -spine], width * back * [1, -1] - [0, spine]]
    )
    inner = outer * [1, 1 - board / spine * 0.6] + [board * 0.6, 0]
    image, cloth = jacket(random, outer, length, width)
    tops = [ruled(np.insert(outer, 2, z, axis=1), np.insert(inner, 2, z, axis=1)) for z in (0, length)]
    edges = [extruded([outer[i], inner[i]], 0, length, upright=True) for i in (0, -1)]
    parts = [Part(extruded(outer, 0, length, upright=True), along(image), "glossy", 0.4, smooth=False)]
    parts += [Part(surface, flat(cloth), "glossy", 0.6, smooth=False) for surface in (*tops, *edges)]
    parts.append(
        Part(extruded(inner, 0, length, upright=True), flat((0.7, 0.66, 0.58)), "matte", smooth=False)
    )
    printed = along(page(random, int(width * RESOLUTION), int(length * RESOLUTION), paper))
    return parts + [leaf(turn, width - 0.05, length - 0.04, spine, printed) for turn in fan(random, half)]


def fan(random, half: float) -> np.ndarray:
    """The angles of leaves between two boards: close together near the boards, a few between."""
    near = half - 0.012 * np.arange(2, 9)
    return np.concatenate([near, -near, random.uniform(-0.7, 0.7, 7) * half])


def leaf(turn: float, width: float, length: float, spine: float, printed) -> Part:
    """One leaf standing at an angle, a little curved."""
    t = np.linspace(0, 1, 10)
    bend = turn * (1.25 - 0.25 * t)
    path = np.stack(
        [0.02 + width * t * np.cos(bend), 0.7 * spine * np.sin(2 * turn) + width * t * np.sin(bend)], 1
    )
    return Part(extruded(path, 0.02, 0.02 + length, upright=True), printed, "matte")
