"""A class's identities side by side on a plain table, for the modeller's eye."""

import numpy as np
from camera import Camera
from layout import Item, points_of
from render import develop, first_hits, shapes_of, trace
from scene import Lamp, Panel, Scene, facing
from shapes import make


def preview(class_name: str, identities, size: int = 160, samples: int = 16) -> np.ndarray:
    """The pictures of the identities, in rows of four: (H, W, 3) uint8."""
    pictures = [photograph(studio(class_name, i), size, samples) for i in identities]
    pictures += [np.zeros_like(pictures[0])] * (-len(pictures) % 4)
    rows = [np.concatenate(pictures[i : i + 4], 1) for i in range(0, len(pictures), 4)]
    return np.concatenate(rows)


def photograph(scene: Scene, size: int, samples: int) -> np.ndarray:
    """The developed picture of a scene."""
    shapes = shapes_of(scene)
    radiance = trace(scene, shapes, first_hits(scene, shapes, size), size, samples)
    return develop(radiance, np.random.default_rng(0))


def studio(class_name: str, identity: int) -> Scene:
    """One object on a grey table before a white wall."""
    parts = make(class_name, identity)
    points = points_of(parts)
    item = Item(class_name, identity, parts, points)
    centre = (points.min(0) + points.max(0)) / 2
    radius = np.linalg.norm(points - centre, axis=1).max()
    azimuth = 0.6 + identity
    eye = np.array([np.cos(azimuth) * 0.87, np.sin(azimuth) * 0.87, 0.5])
    camera = Camera(centre + 3.6 * radius * eye, centre, np.array([0, 0, 1.0]), 32.0)
    table = Panel(np.full((2, 2, 3), 0.35, np.float32), 1, 0.5, np.diag([9.0, 9, 1, 1]))
    lamp_angle = azimuth + 1.1
    lamp = centre + [3 * np.cos(lamp_angle), 3 * np.sin(lamp_angle), 4.0]
    lamps = [Lamp(np.full(3, 14.0), facing(lamp, centre) @ np.diag([0.8, 0.8, 1, 1]))]
    sky = np.full((16, 32, 3), 0.25, np.float32)
    sky[5:7, 4:9] = 3
    return Scene(identity, [item], camera, [table], lamps, sky)
