"""A still life before it is photographed: what lies on which table, before which wall, in what light."""

from dataclasses import dataclass

import numpy as np
from camera import Camera, silhouette
from layout import Item, arrange
from scipy.ndimage import gaussian_filter
from surfaces import TABLES, UNSEEN_TABLES, WALLS

OBJECT_COUNTS = (0.12, 0.2, 0.22, 0.2, 0.15, 0.11)  # of 1, 2 ... 6 objects
SINGLE_COVERAGE = (0.035, 0.42)  # of the picture by the object of a single_ scene
WHITES = ((1.0, 0.93, 0.83), (1.0, 0.97, 0.92), (0.92, 0.97, 1.05), (1.05, 0.86, 0.66))


@dataclass
class Panel:
    """A painted rectangle: the square [-1, 1] x [-1, 1] at z = 0, taken to the world by a 4 x 4 matrix."""

    picture: np.ndarray
    repeats: float
    roughness: float | None  # None: matte
    to_world: np.ndarray


@dataclass
class Lamp:
    """A bright rectangle, placed like a Panel, shining along its +z."""

    radiance: np.ndarray
    to_world: np.ndarray


@dataclass
class Scene:
    """Everything that is rendered, and the seed that it came from."""

    seed: int
    objects: list[Item]
    camera: Camera
    panels: list[Panel]
    lamps: list[Lamp]
    environment: np.ndarray  # (rows, cols, 3) linear RGB, latitude x longitude, pole along z


def compose(seed: int, random: np.random.Generator, identities, single: bool, unseen: bool) -> Scene:
    """A random scene; with `single` one object, with `unseen` also the tables and lamps kept for those splits."""
    objects, camera, centre, radius = staged(random, identities, single)
    behind = np.arctan2(*(centre - camera.position)[[1, 0]])
    panels = room_panels(random, centre, radius, behind, unseen)
    lamps = light(random, centre, behind, unseen)
    return Scene(seed, objects, camera, panels, lamps, surroundings(random))


def staged(
    random: np.random.Generator, identities, single: bool
) -> tuple[list[Item], Camera, np.ndarray, float]:
    """The first things that a scene draws: its objects and the camera, and the objects' centre and radius."""
    count = 1 if single else int(random.choice(len(OBJECT_COUNTS), p=OBJECT_COUNTS)) + 1
    objects = arrange(random, identities, count)
    points = np.concatenate([item.points[::9] for item in objects])
    low, high = np.percentile(points, 2, 0), np.percentile(points, 98, 0)
    centre, radius = (low + high) / 2, max(np.linalg.norm(high - low) / 2, 0.55)
    camera = portrait(random, objects[0], centre) if single else overview(random, centre, radius)
    return objects, camera, centre, radius


def viewpoint(random: np.random.Generator) -> np.ndarray:
    """The direction from the table to a person's eye."""
    azimuth, elevation = random.uniform(0, 2 * np.pi), np.radians(random.uniform(16, 58))
    flat = np.cos(elevation)
    return np.array([np.cos(azimuth) * flat, np.sin(azimuth) * flat, np.sin(elevation)])


def upwards(random: np.random.Generator) -> np.ndarray:
    """Up, held not quite level."""
    return np.array([*random.normal(0, 0.03, 2), 1.0])


def overview(random: np.random.Generator, centre: np.ndarray, radius: float) -> Camera:
    """A camera that takes in most of the objects."""
    field = random.uniform(24, 42)
    distance = radius / np.tan(np.radians(field / 2)) * random.uniform(0.62, 0.98)
    target = centre + random.normal(0, 0.1 * radius, 3) * [1, 1, 0.4]
    position = target + distance * viewpoint(random)
    return Camera(position, target, upwards(random), field, distance * random.uniform(0.003, 0.013))


def portrait(random: np.random.Generator, item: Item, centre: np.ndarray) -> Camera:
    """A camera that sees one object at a random size and place in the picture."""
    field, direction, up = random.uniform(24, 42), viewpoint(random), upwards(random)
    coverage = np.exp(random.uniform(*np.log(SINGLE_COVERAGE)))
    far = Camera(centre + 6 * direction, centre, up, field)
    share = max(silhouette(far, item.parts, 64).mean(), 1e-3)
    distance = 6 * np.sqrt(share / coverage)
    camera = Camera(centre + distance * direction, centre, up, field, distance * random.uniform(0.003, 0.013))
    seen = camera.project(item.points, 1)[:, :2]
    low, high = seen.min(0), seen.max(0)
    free = np.maximum([low, 1 - high], -0.02 + 0 * np.stack([low, high]))
    shift = random.uniform(-free[0] - 0.02, free[1] + 0.02)
    width = 2 * distance * np.tan(np.radians(field / 2))
    right = np.cross(-direction, up) / np.linalg.norm(np.cross(-direction, up))
    move = width * (shift[1] * np.cross(right, -direction) - shift[0] * right)
    camera.position, camera.target = camera.position + move, camera.target + move
    return camera


def room_panels(random, centre, radius: float, behind: float, unseen: bool) -> list[Panel]:
    """The table top and the wall behind it, seen in the direction `behind`."""
    kinds = UNSEEN_TABLES if unseen and random.random() < 0.5 else TABLES
    picture, roughness = kinds[random.integers(len(kinds))](random, int(random.integers(1e6)))
    wall = WALLS[random.integers(len(WALLS))](random, int(random.integers(1e6)))
    ahead = np.array([np.cos(behind), np.sin(behind), 0])
    distance, quarter, shift = radius + random.uniform(1.2, 4), random.integers(4) * np.pi / 2, 0
    if random.random() < 0.4:  # the table ends before the wall
        shift = radius + random.uniform(0.3, 1.5) - 9
        distance += random.uniform(1.5, 5)
        turn = behind + random.normal(0, 0.1)
    else:
        turn = random.uniform(0, 2 * np.pi)
    table = _turned(turn + quarter) @ np.diag([9.0, 9, 1, 1])
    table[:3, 3] = centre * [1, 1, 0] + shift * np.array([np.cos(turn), np.sin(turn), 0])
    foot = centre * [1, 1, 0] + distance * ahead + [0, 0, 2.5]
    upright = facing(foot, foot - ahead - 0.25 * random.normal() * np.array([-ahead[1], ahead[0], 0]))
    return [
        Panel(as_picture(picture), 3, roughness, table),
        Panel(as_picture(wall), 2, None, upright @ np.diag([10.0, 6, 1, 1])),
    ]


def light(random, centre, behind: float, unseen: bool) -> list[Lamp]:
    """The key light: a window, a softbox or a ceiling lamp; for unseen scenes also a bulb or two lamps."""
    kind = random.choice(["bulb", "pair"]) if unseen and random.random() < 0.5 else None
    kind = kind or random.choice(["window", "window", "softbox", "ceiling"])
    side = random.choice([-1, 1])
    angle = behind + np.pi + side * random.uniform(0.5, 2.1)
    distance, height = random.uniform(3, 5), random.uniform(2.2, 5.5)
    if kind == "ceiling":
        distance, height = random.uniform(0, 1.5), random.uniform(4, 6)
    size = random.uniform(0.45, 1.0) if kind != "bulb" else random.uniform(0.07, 0.15)
    power = random.uniform(34, 60) * np.array(WHITES[random.integers(4)])
    places = [(angle, power)] if kind != "pair" else [(angle, 0.6 * power), (angle - 2 * side, 0.35 * power)]
    lamps = []
    for where, strength in places:
        position = centre + [np.cos(where) * distance, np.sin(where) * distance, height]
        panes = [(-0.56, -0.56), (0.56, -0.56), (-0.56, 0.56), (0.56, 0.56)] if kind == "window" else [(0, 0)]
        extent = size / 2 if kind == "window" else size
        for x, y in panes:
            to_world = facing(position, centre) @ _moved(x * size, y * size) @ np.diag([extent, extent, 1, 1])
            lamps.append(Lamp(strength / (4 * size**2), to_world))
    return lamps


def surroundings(random: np.random.Generator) -> np.ndarray:
    """The dim rest of the room, lighter above, uneven, so that glass and glaze have something to reflect."""
    sky = np.ones((32, 64, 3)) * 0.5 * np.array([1, 1.02, 1.06])
    sky[:14] *= 1.5
    sky[18:] *= 0.45
    uneven = 1 + 2 * gaussian_filter(random.normal(0, 1, (32, 64)), 2.5, mode="wrap")
    return (sky * uneven.clip(0.25, 3)[..., None] * random.uniform(0.18, 0.55)).astype(np.float32)


def as_picture(values: np.ndarray) -> np.ndarray:
    """Reflectances kept within what real paints reach."""
    return np.clip(values, 0.01, 0.9).astype(np.float32)


def facing(position: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The 4 x 4 matrix that puts the origin at the position and turns +z to the target, +y upwards."""
    z = (target - position) / np.linalg.norm(target - position)
    side = np.cross([0, 0, 1], z)
    x = side / np.linalg.norm(side) if np.linalg.norm(side) > 1e-6 else np.array([1.0, 0, 0])
    matrix = np.eye(4)
    matrix[:3] = np.stack([x, np.cross(z, x), z, position], 1)
    return matrix


def _turned(angle: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return matrix


def _moved(x: float, y: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:2, 3] = x, y
    return matrix
