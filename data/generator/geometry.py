"""Surfaces of revolution, tubes and quads, with continuous texture coordinates; noise and colours to paint them with."""

import colorsys
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import map_coordinates

SMALLEST_RADIUS = 2e-3  # poles that shrink to a point have no normal and render black
LATTICE = 24


@dataclass
class Surface:
    """A triangle mesh; with `grid`, its vertices are that many rows x columns, row-major, the seam column twice."""

    vertices: np.ndarray  # (V, 3) float32
    faces: np.ndarray  # (F, 3) uint32
    uv: np.ndarray  # (V, 2) float32 in [0, 1]: u along a row, v along a column
    grid: tuple[int, int] | None = None


@dataclass
class Part:
    """A surface, the picture painted on it (linear RGB, row 0 at v = 0, column 0 at u = 0) and what it is made of.

    Materials: "matte", "waxy", "glossy", "metal:Al", "metal:Cu", "metal:Cr", "glass" (coloured by the texture's mean).
    """

    surface: Surface
    texture: np.ndarray  # (h, w, 3) float32 in [.01, .95]
    material: str
    roughness: float = 0.4
    smooth: bool = True


def noise3(points: np.ndarray, frequency: float, seed: int, octaves: int = 3) -> np.ndarray:
    """Smooth value noise of (N, 3) points, about -1 to 1; `frequency` cells to a unit of length."""
    lattice = np.random.default_rng(seed).uniform(-1, 1, (LATTICE,) * 3).astype(np.float32)
    total = np.zeros(len(points), np.float32)
    for octave in range(octaves):
        where = (points * frequency * 2**octave + 7.3 * octave).T % LATTICE
        total += 0.55**octave * map_coordinates(lattice, where, order=1, mode="grid-wrap")
    return 0.75 * total


def hsv(hue: float, saturation: float, value: float) -> np.ndarray:
    """The linear RGB triple of a hue (in turns), saturation and value."""
    return np.array(colorsys.hsv_to_rgb(hue % 1, saturation, value))


def mix(a, b, t: np.ndarray) -> np.ndarray:
    """Colours `a` where t <= 0, `b` where t >= 1, blends between; t of any shape, the colours broadcast to t x 3."""
    t = np.clip(t, 0, 1)[..., None]
    return np.asarray(a) * (1 - t) + np.asarray(b) * t


def smoothstep(a: float, b: float, x: np.ndarray) -> np.ndarray:
    """0 before a, 1 after b, a smooth ramp between (a > b gives the falling ramp)."""
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def glaze(random: np.random.Generator) -> np.ndarray:
    """A pottery or paint colour that people really buy."""
    kind = random.random()
    if kind < 0.3:
        return np.array([0.86, 0.84, 0.78]) * random.uniform(0.85, 1.05)
    if kind < 0.4:
        return np.ones(3) * random.uniform(0.03, 0.12)
    hue = random.choice([0.02, 0.06, 0.10, 0.13, 0.28, 0.38, 0.48, 0.55, 0.58, 0.62, 0.95])
    return hsv(hue + random.normal(0, 0.015), random.uniform(0.25, 0.8), random.uniform(0.3, 0.85))


def curve(points, samples: int = 80, kind: Callable = CubicSpline) -> np.ndarray:
    """A smooth curve through the points (any dimension), as (samples, D) points evenly spread by chord length."""
    points = np.asarray(points, float)
    length = _arc_length(points)
    return kind(length, points)(np.linspace(0, length[-1], samples))


def lathe(profile, sides: int = 96, lobes: Callable | None = None) -> Surface:
    """The profile of (radius, z) points revolved about z: v runs along the profile (by length), u once around.

    `lobes(theta, z)` (broadcastable arrays) scales the radius.
    """
    profile = np.array(profile, float)
    profile[:, 0] = np.maximum(profile[:, 0], SMALLEST_RADIUS)
    theta = np.linspace(0, 2 * np.pi, sides + 1)
    theta[-1] = 0  # the seam's two columns coincide to the last bit
    radius, z = np.broadcast_arrays(profile[:, :1], profile[:, 1:]) + np.zeros((2, 1, sides + 1))
    radius = radius * (1.0 if lobes is None else lobes(theta[None], profile[:, 1:]))
    vertices = np.stack([radius * np.cos(theta), radius * np.sin(theta), z], -1)  # (P, sides + 1, 3)
    return _grid_surface(vertices, _arc_length(profile))


def tube(path, radius, sides: int = 20, aspect: float = 1.0, pentagon: float = 0.0, up=(0, 0, 1)) -> Surface:
    """A round (or five-edged) section swept along the path, ends closed: v along the path, u around.

    `radius` is a number or one a path point; `aspect` widens the section across `up`.
    """
    path = np.asarray(path, float)
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    across = np.cross(tangent, up)
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-9
    above = np.cross(across, tangent)
    theta = np.linspace(0, 2 * np.pi, sides + 1)
    theta[-1] = 0
    section = (1 + pentagon * np.cos(5 * theta)) * np.broadcast_to(radius, len(path))[
        :, None
    ]  # (P, sides + 1)
    offset = (section * np.cos(theta) * aspect)[..., None] * across[:, None]
    offset = offset + (section * np.sin(theta))[..., None] * above[:, None]
    offset = np.concatenate([0.03 * offset[:1], offset, 0.03 * offset[-1:]])  # closing caps
    path = np.concatenate([path[:1], path, path[-1:]])
    return _grid_surface(path[:, None] + offset, _arc_length(path))


def panel(corners, rows: int = 2, cols: int = 2) -> Surface:
    """The flat or bilinear quad of four corners in turn: (u, v) = (0, 0), (1, 0), (1, 1), (0, 1)."""
    a, b, c, d = np.asarray(corners, float)
    v, u = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, cols), indexing="ij")
    u, v = u[..., None], v[..., None]
    vertices = (a * (1 - u) + b * u) * (1 - v) + (d * (1 - u) + c * u) * v
    return _grid_surface(vertices, np.linspace(0, 1, rows))


def texel_rows(surface: Surface, height: int) -> np.ndarray:
    """The (fractional) row of the grid under each of the texture's `height` rows, to tell a rim from a wall."""
    rows, cols = surface.grid
    v = surface.uv[::cols, 1]
    return np.interp((np.arange(height) + 0.5) / height, v, np.arange(rows))


def texel_points(surface: Surface, height: int, width: int) -> np.ndarray:
    """The 3-D positions (height * width, 3) of a texture's texels: noise of these has no seams."""
    rows, cols = surface.grid
    row, col = np.meshgrid(
        texel_rows(surface, height), (np.arange(width) + 0.5) / width * (cols - 1), indexing="ij"
    )
    axes = surface.vertices.reshape(rows, cols, 3).transpose(2, 0, 1)
    where = [row.ravel(), col.ravel()]
    return np.stack([map_coordinates(axis, where, order=1, mode="nearest") for axis in axes], -1)


def transformed(part: Part, matrix, scale: float, shift) -> Part:
    """The part after p -> scale * matrix p + shift."""
    vertices = part.surface.vertices @ np.asarray(matrix).T * scale + np.asarray(shift)
    return replace(part, surface=replace(part.surface, vertices=vertices.astype(np.float32)))


def vertex_normals(surface: Surface) -> np.ndarray:
    """Area-weighted unit normals (V, 3), smooth across the seam, finite at poles."""
    corners = surface.vertices[surface.faces].astype(float)
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros((len(surface.vertices), 3))
    for corner in range(3):
        np.add.at(normals, surface.faces[:, corner], weighted)
    if surface.grid is not None:
        seam = surface.vertices.reshape(*surface.grid, 3)[:, [0, -1]]
        if np.allclose(seam[:, 0], seam[:, 1], atol=1e-6):
            table = normals.reshape(*surface.grid, 3)
            table[:, 0] = table[:, -1] = table[:, 0] + table[:, -1]
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 1e-12, normals / np.maximum(length, 1e-12), [0, 0, 1]).astype(np.float32)


def _grid_surface(vertices: np.ndarray, length: np.ndarray) -> Surface:
    rows, cols = vertices.shape[:2]
    corner = np.arange(rows * cols).reshape(rows, cols)
    a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)]).reshape(-1, 3)
    v, u = np.meshgrid(length / length[-1], np.linspace(0, 1, cols), indexing="ij")
    uv = np.stack([u, v], -1).reshape(-1, 2).astype(np.float32)
    return Surface(vertices.reshape(-1, 3).astype(np.float32), faces.astype(np.uint32), uv, (rows, cols))


def _arc_length(points: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
