"""Thrown vessels and the painting of them, texel by texel."""

import lettering
import numpy as np
from geometry import Surface, curve, lathe, mix, noise3, texel_points, texel_rows
from scipy.interpolate import PchipInterpolator


def printable(colour) -> np.ndarray:
    """The colours as a texture, no darker than soot and no lighter than snow."""
    return np.clip(colour, 0.01, 0.95).astype(np.float32)


def thrown(wall, radius: float, height: float, thickness: float) -> tuple[Surface, int]:
    """The closed vessel of a wall's control points, and the row of its rim: outside below, inside above."""
    outside = curve(np.array(wall) * [radius, height], 56, PchipInterpolator)
    slope = np.gradient(outside, axis=0)
    normal = np.stack([-slope[:, 1], slope[:, 0]], 1) / np.linalg.norm(slope, axis=1, keepdims=True)
    inside = (outside + thickness * normal)[::-1]
    inside = inside[(inside[:, 1] > 0.09 * height + thickness)]
    centre, lip = (outside[-1] + inside[0]) / 2, thickness / 2
    angle = np.linspace(0.3, np.pi - 0.3, 7)[:, None]
    rim = centre + (outside[-1] - centre) * np.cos(angle) + np.array([0, lip]) * np.sin(angle)
    foot = outside[0]
    base = [(0, 0.04 * height), (foot[0] - 0.06, 0.04 * height), (foot[0] - 0.045, 0), (foot[0] - 0.008, 0)]
    floor = curve(
        [inside[-1], inside[-1] * [0.75, 1] - [0, 0.02], (0, inside[-1, 1] - 0.03)], 12, PchipInterpolator
    )
    profile = np.concatenate(
        [base, outside + [[0, 0.006]] * np.linspace(1, 0, 56)[:, None], rim, inside, floor[1:]]
    )
    return lathe(profile, 96), len(base) + 56 + 3


class Canvas:
    """A vessel's texture being painted: per texel its position, angle, height and side of the rim."""

    def __init__(self, surface: Surface, rim_row: int, colour, shape: tuple[int, int] = (448, 512)):
        self.points = texel_points(surface, *shape).reshape(*shape, 3)
        self.theta = np.arctan2(self.points[..., 1], self.points[..., 0])
        self.z = self.points[..., 2] / self.points[..., 2].max()
        self.row = texel_rows(surface, shape[0])
        self.inside = np.repeat((self.row > rim_row)[:, None], shape[1], 1)
        self.rim = np.repeat((np.abs(self.row - rim_row) < 3.5)[:, None], shape[1], 1)
        self.colour = np.broadcast_to(colour, (*shape, 3)).astype(float).copy()

    def paint(self, colour, amount) -> None:
        """Blend a colour in where amount (texel grid, 0 to 1) says so."""
        self.colour = mix(self.colour, colour, np.asarray(amount, float))

    def noise(self, frequency: float, seed: int, octaves: int = 3) -> np.ndarray:
        """Noise at every texel."""
        return noise3(self.points.reshape(-1, 3), frequency, seed, octaves).reshape(self.z.shape)

    def paste(self, image, low: float, high: float) -> None:
        """Wrap an upright picture once around the outside, between two heights."""
        picture = lettering.linear(image)[::-1]
        v, u = np.clip((self.z - low) / (high - low), 0, 1), (self.theta / (2 * np.pi)) % 1
        rows = np.minimum((v * picture.shape[0]).astype(int), picture.shape[0] - 1)
        columns = np.minimum((u * picture.shape[1]).astype(int), picture.shape[1] - 1)
        where = (self.z > low) & (self.z < high) & ~self.inside
        self.colour[where] = picture[rows, columns][where]

    def texture(self) -> np.ndarray:
        """The finished texture."""
        return printable(self.colour)
