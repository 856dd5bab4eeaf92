"""How the objects of a clip slide over the table and how its camera moves, from the first frame (0) to the last (1)."""

from dataclasses import dataclass, replace

import numpy as np
from camera import Camera
from geometry import transformed
from layout import Item

ROLES = ("stays", "crosses", "leaves", "wanders")
ROLE_CHANCES = (0.25, 0.4, 0.1, 0.25)


@dataclass
class Slide:
    """A path over the table, bent or straight, run once from `begin` to `finish` or, with `back`, there and back."""

    start: np.ndarray  # (2,) scene units
    bend: np.ndarray  # (2,) the middle control point of a quadratic Bezier curve
    end: np.ndarray  # (2,)
    begin: float = 0.0
    finish: float = 1.0
    back: bool = False
    turn: float = 0.0  # radians about the vertical, over the whole way

    def at(self, time: float) -> tuple[np.ndarray, float]:
        """The place (2,) on the table and the turn at a time in [0, 1]."""
        progress = eased((time - self.begin) / (self.finish - self.begin), self.back)
        a, b, c = (1 - progress) ** 2, 2 * progress * (1 - progress), progress**2
        return a * self.start + b * self.bend + c * self.end, self.turn * progress


@dataclass
class Journey:
    """A camera's way around, past and towards its target; each of the three may be there and back."""

    camera: Camera  # at time 0
    orbit: float  # radians around the vertical through the target
    pan: float  # scene units that the target moves to the right
    dolly: float  # share of the distance that is covered
    begin: float = 0.0
    finish: float = 1.0
    back: bool = False
    sway: tuple[float, float, float, float] = (
        0.0,
        0.0,
        0.0,
        0.0,
    )  # amplitude, phases: a hand that is not still

    def at(self, time: float) -> Camera:
        """The camera at a time in [0, 1]."""
        progress = eased((time - self.begin) / (self.finish - self.begin), self.back)
        amplitude, *phases = self.sway
        shake = amplitude * np.sin(2 * np.pi * np.array([1.3, 1.9, 1.6]) * time + phases)
        arm = turned(self.orbit * progress) @ (self.camera.position - self.camera.target)
        right = np.cross(-arm, [0, 0, 1])
        aim = self.camera.target + self.pan * progress * right / np.linalg.norm(right) + shake
        position = self.camera.target + (1 - self.dolly * progress) * arm
        return replace(self.camera, position=position, target=aim)


def eased(progress: float, back: bool = False) -> float:
    """0 before 0, 1 after 1, smooth between; with `back` 1 in the middle and 0 again at the end."""
    if back:
        return eased(progress / 0.42) * eased((1 - progress) / 0.42)
    progress = min(max(progress, 0.0), 1.0)
    return progress * progress * (3 - 2 * progress)


def turned(angle: float) -> np.ndarray:
    """The 3 x 3 rotation about the vertical."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])


def slide(random: np.random.Generator, right: np.ndarray, half: float, lane: float, role: str) -> Slide:
    """A random path near a lane at a depth; `right` is the camera's on the table, `half` the half width of its view."""
    away = np.array([-right[1], right[0]])  # from the camera
    side, begin = random.choice([-1, 1]), random.uniform(0, 0.25)
    turn = random.normal(0, 0.7) if random.random() < 0.6 else 0.0
    depths = lane + random.normal(0, 0.12, 2) * half
    start = random.uniform(-0.65, 0.65) * half * right + depths[0] * away
    if role == "stays":
        return Slide(start, start, start)
    if role == "crosses":
        reach = random.uniform(0.45, 1.3, 2) * half
        start, end = depths[0] * away - side * reach[0] * right, depths[1] * away + side * reach[1] * right
        return Slide(start, bent(random, start, end), end, begin, random.uniform(0.75, 1), False, turn)
    if role == "leaves":
        end = side * random.uniform(1.4, 1.8) * half * right + depths[1] * away
        return Slide(start, bent(random, start, end), end, begin, random.uniform(0.8, 1), True, turn)
    angle = random.uniform(0, 2 * np.pi)
    end = start + random.uniform(0.3, 0.9) * half * (np.cos(angle) * right + 0.6 * np.sin(angle) * away)
    return Slide(
        start, bent(random, start, end), end, begin, random.uniform(0.7, 1), random.random() < 0.3, turn
    )


def bent(random: np.random.Generator, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The control point of a way between two places: the middle, or beside it."""
    across = np.array([-(end - start)[1], (end - start)[0]])
    bend = random.normal(0, 0.2) if random.random() < 0.6 else 0.0
    return (start + end) / 2 + bend * across


def journey(random: np.random.Generator) -> tuple[Journey, float]:
    """A random camera movement, and the half width of what it sees around its target."""
    half, field = random.uniform(1.15, 1.6), random.uniform(20, 34)
    distance = half / np.tan(np.radians(field / 2))
    azimuth, elevation = random.uniform(0, 2 * np.pi), np.radians(random.uniform(8, 25))
    eye = np.array(
        [np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)]
    )
    target = np.array([0, 0, random.uniform(0.15, 0.35)])
    up = np.array([*random.normal(0, 0.02, 2), 1.0])
    camera = Camera(target + distance * eye, target, up, field, distance * random.uniform(0.002, 0.007))
    kind = random.choice(["orbit", "pan", "quick", "dolly"])
    orbit = random.choice([-1, 1]) * np.radians(random.uniform(8, 32)) * (kind in ("orbit", "dolly"))
    pan = random.choice([-1, 1]) * random.uniform(0.3, 0.75) * half * (kind in ("pan", "quick"))
    dolly = random.uniform(-0.2, 0.2) * (kind in ("dolly", "pan"))
    begin = random.uniform(0.1, 0.5) if kind == "quick" else 0.0
    finish = begin + random.uniform(0.25, 0.45) if kind == "quick" else 1.0
    sway = (0.012 * half, *random.uniform(0, 2 * np.pi, 3))
    return Journey(camera, orbit, pan, dolly, begin, finish, kind in ("pan", "quick"), sway), half


def moved(item: Item, way: Slide, time: float) -> Item:
    """The object where its way has brought it: its parts, not its points, of which there are very many."""
    place, turn = way.at(time)
    return replace(item, parts=[transformed(part, turned(turn), 1.0, (*place, 0)) for part in item.parts])


def carried(points: np.ndarray, way: Slide, time: float) -> np.ndarray:
    """The points (P, 3) of an object where its way has brought it."""
    place, turn = way.at(time)
    return points @ turned(turn).T + [*place, 0]
