"""Whether a clip's movements are possible, and worth showing: nothing collides, and things get hidden and come back."""

from dataclasses import dataclass

import numpy as np
from layout import Item
from motion import Journey, Slide, carried

CELL, CELLS = 0.035, 400  # of the table: 14 x 14 units
HIDDEN, SHOWN = 0.28, 0.7  # visible shares
LONG = 2  # frames that an event lasts at least


@dataclass
class Body:
    """An object as the tests see it."""

    cloud: np.ndarray  # (P, 3) points all over it
    flat: np.ndarray  # (Q, 3) points all over what it covers of the table
    reach: float  # of the flat points, from the middle
    clear: bool  # of glass: it hides nothing


def body(item: Item) -> Body:
    """The object with no more points than the tests need."""
    flat = thinned(item.points * [1, 1, 0], 0.02)
    clear = any(part.material == "glass" for part in item.parts)
    return Body(thinned(item.points, 0.04), flat, float(np.linalg.norm(flat[:, :2], axis=1).max()), clear)


def thinned(points: np.ndarray, step: float) -> np.ndarray:
    """One point of each small cube with sides `step`."""
    cubes = np.round(points / step).astype(np.int64)
    first = np.unique(cubes @ [1, 1 << 20, 1 << 40], return_index=True)[1]
    return cubes[first] * step


def apart(first: Body, way: Slide, second: Body, other: Slide, times: np.ndarray) -> bool:
    """Whether two objects never share or touch a cell of the table at these times."""
    for time in times:
        distance = np.linalg.norm(way.at(time)[0] - other.at(time)[0])
        if distance > first.reach + second.reach + 2 * CELL:
            continue
        cells, taken = cells_of(carried(first.flat, way, time)), np.zeros(CELLS * CELLS, bool)
        for neighbour in (0, 1, -1, CELLS, -CELLS):
            taken[cells + neighbour] = True
        if taken[cells_of(carried(second.flat, other, time))].any():
            return False
    return True


def cells_of(points: np.ndarray) -> np.ndarray:
    """The number of the table's cell below each point."""
    return (points[:, :2] / CELL + CELLS / 2).astype(int) @ np.array([CELLS, 1])


def seen(bodies: list[Body], ways: list[Slide], journey: Journey, times: np.ndarray, size: int = 40):
    """The visible share of every object's outline and the share of its points in the picture, both (times, objects)."""
    shares, inside = np.zeros((2, len(times), len(bodies)))
    clear = np.array([body.clear for body in bodies])
    for step, time in enumerate(times):
        camera, depths = journey.at(time), np.full((len(bodies), size, size), np.inf)
        for k, (body, way) in enumerate(zip(bodies, ways, strict=True)):
            x, y, depth = camera.project(carried(body.cloud, way, time), size).T
            within = (x >= 0) & (x < size) & (y >= 0) & (y < size)
            inside[step, k] = within.mean()
            np.minimum.at(depths[k], (y[within].astype(int), x[within].astype(int)), depth[within])
        hiding = np.where(clear[:, None, None], np.inf, depths)
        for k in range(len(bodies)):
            others = np.delete(hiding, k, 0).min(0, initial=np.inf)
            outline = np.isfinite(depths[k])
            shares[step, k] = (depths[k] < others)[outline].mean() if outline.any() else 0
    return shares, inside


def eventful(shares: np.ndarray, inside: np.ndarray, returns: bool) -> bool:
    """Whether the clip shows what it should: (frames, objects) visible shares and shares inside the picture."""
    there = (shares > SHOWN) & (inside > 0.5)
    gone = inside == 0
    hidden = (shares < HIDDEN) & (inside > 0.75)
    if (there.mean(0) < 0.33).any() or ((shares > 0.3) & (inside > 0.3)).sum(1).min() < 2:
        return False
    objects = range(shares.shape[1])
    occluded = any(between(there[:, k], hidden[:, k]) for k in objects)
    back = any(between(there[:, k], gone[:, k]) for k in objects)
    return occluded and (back or not returns)


def between(before: np.ndarray, event: np.ndarray) -> bool:
    """Whether an event lasts LONG frames or more after one and before another frame of `before`."""
    when = np.flatnonzero(before)
    return len(when) > 0 and int(event[when[0] : when[-1]].sum()) >= LONG
