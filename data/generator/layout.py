"""Objects set down on the table, on books and in bowls: each touches what it rests on and enters nothing."""

from dataclasses import dataclass

import numpy as np
from geometry import Part, transformed
from scipy.ndimage import binary_dilation, binary_fill_holes
from shapes import CLASSES, family_of, make

CELL, CELLS = 0.03, 200  # the table's height map: 6 x 6 units
EMPTY = 9.0
STACKABLE = ("apple", "lemon", "pear", "mushroom", "mug")
# (class, chance of lying, tilts in radians between which it may come to rest)
LYING = {
    "bottle": (0.15, 1.35, 1.75),
    "mushroom": (0.4, 1.5, 2.3),
    "pear": (0.3, 1.1, 1.9),
    "apple": (0.25, 0.5, 2.0),
}
TRIES = 40
TOLERANCE = 0.015


@dataclass(eq=False)
class Item:
    """An object in its place; `support` is None for the table or the index of the object below."""

    class_name: str
    identity: int
    parts: list[Part]
    points: np.ndarray  # (P, 3), all over the parts
    support: int | None = None
    gap: float = 0.0  # between it and its support, in scene units


def points_of(parts: list[Part]) -> np.ndarray:
    """Points all over the parts, dense enough for the height maps."""
    return np.concatenate([_sampled(part.surface) for part in parts])


def _sampled(surface) -> np.ndarray:
    corners = surface.vertices[surface.faces]
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(1)
    points = [surface.vertices]
    for steps in range(2, 64):  # triangles longer than a cell get inner points
        large = corners[np.ceil(edges / (0.7 * CELL)).clip(max=63).astype(int) == steps]
        a, b = np.meshgrid(*[np.arange(steps + 1) / steps] * 2)
        a, b = a[a + b <= 1 + 1e-9], b[a + b <= 1 + 1e-9]
        weights = np.stack([a, b, 1 - a - b], 1)
        points.append((weights @ large).reshape(-1, 3))
    return np.concatenate(points)


def arrange(random: np.random.Generator, identities, count: int) -> list[Item]:
    """Up to `count` objects, at least one."""
    items: list[Item] = []
    ground = np.zeros((CELLS, CELLS))
    taken = np.zeros((CELLS, CELLS), bool)
    weights = np.ones(len(CLASSES))
    while len(items) < count or not items:
        class_name = str(random.choice(CLASSES, p=weights / weights.sum()))
        weights[CLASSES.index(class_name)] *= 0.6
        item = posed(random, class_name, int(random.choice(identities)))
        place(random, item, items, ground, taken, count)
        count -= 1 if item not in items else 0  # no room left for it: one fewer
    return items


def physical(items: list[Item]) -> bool:
    """Whether every object rests on its support and enters no other one; also notes the gaps."""
    maps = [height_maps(item.points, CELL / 2) for item in items]
    for index, item in enumerate(items):
        heights = [_clearance(maps[index][0], top) for _, top in maps[:index]]
        table = float(item.points[:, 2].min())
        item.gap = table if item.support is None else min(heights)
        if min([table, *heights]) < -TOLERANCE or item.gap > 2 * CELL:
            return False
    return True


def _clearance(bottom: np.ndarray, top: np.ndarray) -> float:
    shared = (bottom < EMPTY) & (top > -EMPTY)
    return float((bottom - top)[shared].min()) if shared.any() else np.inf


def posed(random: np.random.Generator, class_name: str, identity: int) -> Item:
    """The object turned, upright or lying on its side, with its lowest point at z = 0."""
    turn = _rotation(2, random.uniform(0, 2 * np.pi))
    parts = make(class_name, identity)
    chance, least, most = LYING.get(class_name, (0, 0, 0))
    if random.random() < chance:
        roll = _rotation(2, random.uniform(0, 2 * np.pi))
        turn = turn @ _rotation(1, _resting_tilt(parts, roll, least, most)) @ roll
    if (
        class_name == "book"
        and random.random() < 0.15
        and family_of(class_name, identity) in ("hardcover", "paperback")
    ):
        turn = turn @ _rotation(0, np.pi)
    scale = random.uniform(0.92, 1.08)
    low = min((part.surface.vertices @ turn.T)[:, 2].min() for part in parts) * scale
    parts = [transformed(part, turn, scale, (0, 0, -low)) for part in parts]
    return Item(class_name, identity, parts, points_of(parts))


def _resting_tilt(parts, roll: np.ndarray, least: float, most: float) -> float:
    points = np.concatenate([part.surface.vertices for part in parts]) @ roll.T
    tilts = np.linspace(least, most, 25)
    heights = points @ np.stack([_rotation(1, tilt)[2] for tilt in tilts], 1)
    return float(tilts[np.argmin(heights.mean(0) - heights.min(0))])  # the centre of mass is lowest


def place(random, item: Item, items: list[Item], ground, taken, count: int) -> None:
    """Append the object to the items and to the maps, where there is room for it."""
    maps = height_maps(item.points)
    reach = np.abs(item.points[:, :2]).max()
    for attempt in range(TRIES):
        support = _support_for(random, item, items) if attempt < 8 else None
        spread = 0.2 + 0.2 * count**0.5 + 0.03 * attempt
        shift = random.normal(0, spread, 2) if support is None else _above(random, items[support])
        cells = np.round(shift / CELL).astype(int)  # whole cells, so that the maps move with the object
        shift = cells * CELL
        if reach + np.abs(shift).max() > CELL * CELLS / 2 - 0.1:
            continue
        bottom, top = (np.roll(map_, cells, (0, 1)) for map_ in maps)
        covered = binary_dilation(binary_fill_holes(bottom < EMPTY))
        height = 0.0 if support is None else _resting_height(item, items[support], ground, bottom)
        if height is None or (support is None and (covered & taken).any()):
            continue
        item.parts = [transformed(part, np.eye(3), 1.0, (*shift, height)) for part in item.parts]
        item.points = item.points + [*shift, height]
        item.support = support
        items.append(item)
        np.maximum(ground, np.where(top > -EMPTY, top + height, 0), out=ground)
        taken |= covered
        return


def height_maps(points: np.ndarray, cell: float = CELL) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest point above every cell of the table (EMPTY and -EMPTY where there is none)."""
    cells = round(CELLS * CELL / cell)
    row, col = ((points[:, :2] / cell) + cells / 2).astype(int).clip(0, cells - 1).T
    bottom, top = np.full((cells, cells), EMPTY), np.full((cells, cells), -EMPTY)
    np.minimum.at(bottom, (row, col), points[:, 2])
    np.maximum.at(top, (row, col), points[:, 2])
    return bottom, top


def _support_for(random, item: Item, items: list[Item]) -> int | None:
    used = {other.support for other in items if items[other.support or 0].class_name == "book"}
    fits = [
        index
        for index, other in enumerate(items)
        if other.support is None
        and index not in used
        and (other.class_name == "bowl" and item.class_name != "mug" or _lies_flat(other))
    ]
    if not fits or item.class_name not in STACKABLE or random.random() < 0.3:
        return None
    return int(random.choice(fits))


def _lies_flat(item: Item) -> bool:
    return item.class_name == "book" and family_of("book", item.identity) in ("hardcover", "paperback")


def _above(random, support: Item) -> np.ndarray:
    points = support.points[:, :2]
    reach = random.uniform(0, 0.22) if support.class_name == "book" else random.uniform(0.05, 0.34)
    angle = random.uniform(0, 2 * np.pi)
    return (points.min(0) + points.max(0)) / 2 + reach * np.array([np.cos(angle), np.sin(angle)])


def _resting_height(item: Item, support: Item, ground, bottom) -> float | None:
    """How high the object must be lifted to touch what lies below it; None where it could not stay."""
    below = bottom < EMPTY
    height = float((ground[below] - bottom[below]).max())
    rim = support.points[:, 2].max()
    if support.class_name == "book":
        steady = (ground[bottom < 0.1] > rim - 0.05).all()
        return height if steady else None
    return height if height <= 0.62 * rim - 0.1 else None


def _rotation(axis: int, angle: float) -> np.ndarray:
    i, j = ((1, 2), (2, 0), (0, 1))[axis]
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
    return matrix
