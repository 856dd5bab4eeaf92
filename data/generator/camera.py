"""A pinhole (or thin-lens) camera: where it stands, what it sees, the outline of a mesh in its picture."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

NEAR = 0.05
SUPERSAMPLING = 3


@dataclass
class Camera:
    """Position, target and up direction in scene units, full horizontal field of view in degrees, lens radius."""

    position: np.ndarray
    target: np.ndarray
    up: np.ndarray
    field_of_view: float
    aperture: float = 0.0

    def project(self, points: np.ndarray, size: int) -> np.ndarray:
        """The (x, y, depth) of (N, 3) points in a picture of size x size pixels, y down, pixel centres at .5."""
        forward = _unit(self.target - self.position)
        right = _unit(np.cross(forward, self.up))
        frame = np.stack([right, -np.cross(right, forward), forward])
        x, y, depth = frame @ (points - self.position).T
        focal = size / 2 / np.tan(np.radians(self.field_of_view / 2))
        ahead = np.maximum(depth, NEAR)
        return np.stack([size / 2 + focal * x / ahead, size / 2 + focal * y / ahead, depth], 1)


def silhouette(camera: Camera, parts, size: int) -> np.ndarray:
    """The (size, size) bool mask that the parts would show with nothing in front of them."""
    fine = size * SUPERSAMPLING
    picture = Image.new("1", (fine, fine))
    pencil = ImageDraw.Draw(picture)
    for part in parts:
        corners = camera.project(part.surface.vertices, fine)[:, :2] - 0.5
        polygons = corners[_polygons(part.surface)]  # (F, 3 or 4, 2)
        for polygon in polygons.reshape(len(polygons), -1).tolist():
            pencil.polygon(polygon, fill=1)
    blocks = np.asarray(picture).reshape(size, SUPERSAMPLING, size, SUPERSAMPLING)
    return blocks.mean((1, 3)) > 0.5


def _polygons(surface) -> np.ndarray:
    if surface.grid is None:
        return surface.faces
    corner = np.arange(len(surface.vertices)).reshape(surface.grid)
    around = (corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1])
    return np.stack(around, -1).reshape(-1, 4)


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)
