"""What grows on fruit and mushrooms: soft lumps in the shape, noise, blush and spots on the skin, stalks."""

from dataclasses import replace

import numpy as np
from geometry import Part, Surface, curve, mix, noise3, smoothstep, texel_points, tube
from scipy.spatial import cKDTree


def texels(surface: Surface, height: int = 256, width: int = 384) -> np.ndarray:
    """The 3-D position of every texel, (height, width, 3)."""
    return texel_points(surface, height, width).reshape(height, width, 3)


def noise(points: np.ndarray, frequency: float, seed: int, octaves: int = 3) -> np.ndarray:
    """Noise about -1 to 1 at points of shape (..., 3), as (...)."""
    return noise3(points.reshape(-1, 3), frequency, seed, octaves).reshape(points.shape[:-1])


def lumps(points: np.ndarray, frequency: float, random: np.random.Generator, waves: int = 7) -> np.ndarray:
    """A sum of random plane waves, about -1 to 1, without the creases of `noise` that a highlight shows."""
    direction = random.normal(0, frequency, (waves, 3))
    return np.sin(points @ direction.T + random.uniform(0, 2 * np.pi, waves)).sum(-1) / np.sqrt(waves)


def azimuth(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The angle about the z axis and the distance from it."""
    return np.arctan2(points[..., 1], points[..., 0]), np.hypot(points[..., 0], points[..., 1])


def along_meridians(points: np.ndarray, fine: float, long: float) -> np.ndarray:
    """Coordinates in which isotropic noise becomes streaks that run from pole to pole."""
    angle, _ = azimuth(points)
    return np.stack([fine * np.cos(angle), fine * np.sin(angle), points[..., 2] / long], -1)


def with_vertices(surface: Surface, vertices: np.ndarray) -> Surface:
    """The same mesh with its vertices moved."""
    return replace(surface, vertices=vertices.astype(np.float32))


def lumpy(surface: Surface, amount: float, frequency: float, random: np.random.Generator) -> Surface:
    """The surface swollen and dented about its middle by the fraction `amount`."""
    centre = surface.vertices.mean(0)
    swelling = 1 + amount * lumps(surface.vertices, frequency, random)
    return with_vertices(surface, centre + (surface.vertices - centre) * swelling[:, None])


def scatter(surface: Surface, count: int, random: np.random.Generator) -> np.ndarray:
    """`count` points uniformly on the surface, (count, 3)."""
    a, b, c = surface.vertices[surface.faces].astype(float).transpose(1, 0, 2)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    face = random.choice(len(area), count, p=area / area.sum())
    s, t = random.random((2, count, 1))
    s, t = np.where(s + t > 1, 1 - s, s), np.where(s + t > 1, 1 - t, t)
    return a[face] + s * (b - a)[face] + t * (c - a)[face]


def spots(points: np.ndarray, centres: np.ndarray, radius, soft: float = 0.5) -> np.ndarray:
    """How much of a spot lies on each point, 0 to 1; one radius or one a centre; `soft` blurs the edge."""
    radius = np.broadcast_to(radius, len(centres))
    reach = radius.max() * (1 + soft)
    distance, nearest = cKDTree(centres).query(points.reshape(-1, 3), distance_upper_bound=reach)
    relative = np.minimum(distance, 9.0) / np.append(radius, 1.0)[nearest]
    return smoothstep(1 + soft, 1 - soft, relative).reshape(points.shape[:-1])


def painted(
    surface: Surface, colour, material: str = "waxy", roughness: float = 0.4, smooth: bool = True
) -> Part:
    """The part with this (h, w, 3) picture, or this one colour, on it."""
    texture = np.broadcast_to(colour, (4, 4, 3)) if np.ndim(colour) == 1 else colour
    return Part(surface, np.clip(texture, 0.01, 0.95).astype(np.float32), material, roughness, smooth)


def stalk(random: np.random.Generator, seed: int, base, height: float, radius: float, lean=None) -> Part:
    """A woody fruit stalk that curves away from `base` and thickens towards its torn end."""
    t = np.linspace(0, 1, 14)[:, None]
    angle = random.uniform(0, 2 * np.pi)
    lean = random.uniform(0.15, 0.55) if lean is None else lean
    bend = np.array([np.cos(angle), np.sin(angle), 0]) * lean * height * t**2
    path = np.asarray(base) + bend + [0, 0, 1] * (height * t)
    shape = tube(path, radius * (1 + 0.35 * (1 - t[:, 0]) ** 4 + 0.45 * t[:, 0] ** 6), 12, up=(1, 0.3, 0))
    points = texels(shape, 48, 24)
    bark = mix((0.21, 0.13, 0.05), (0.09, 0.05, 0.02), 0.5 + noise(points * [1, 1, 0.3], 40, seed))
    fresh = random.uniform(0, 0.5) * smoothstep(0.7, 0.1, np.linspace(0, 1, 48))[:, None]
    return painted(shape, mix(bark, (0.22, 0.25, 0.06), fresh), "matte")


def profile(
    text: str, radius: float, height: float, random: np.random.Generator, samples: int = 84
) -> np.ndarray:
    """The curve through the points of a table, each shifted a little: no two fruits have one outline."""
    points = np.array(text.split(), float).reshape(-1, 2)
    points[2:-3, 0] *= random.normal(1, 0.018, len(points) - 5)
    return curve(points * [radius, height], samples)


def leaning(surface: Surface, height: float, random: np.random.Generator, amount: float) -> Surface:
    """The surface bent away from its axis by about `amount` at the top."""
    shift = random.normal(0, amount, 2) * np.maximum(surface.vertices[:, 2:] / height, 0) ** 2
    vertices = surface.vertices.copy()
    vertices[:, :2] += shift
    return with_vertices(surface, vertices)
