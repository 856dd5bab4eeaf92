"""Bananas: one finger, or a hand of them that grew from one crown."""

import numpy as np
from geometry import Part, Surface, mix, smoothstep, texel_rows, tube
from scipy.interpolate import PchipInterpolator
from skin import lumps, lumpy, noise, painted, scatter, spots, texels, with_vertices

# the radius along the finger, as fractions of its length and of the largest radius
STATIONS = [
    0,
    0.03,
    0.09,
    0.13,
    0.18,
    0.26,
    0.36,
    0.5,
    0.66,
    0.8,
    0.88,
    0.93,
    0.96,
    0.98,
    1.0,
]
GIRTH = [
    0.34,
    0.33,
    0.31,
    0.35,
    0.52,
    0.80,
    0.96,
    1.0,
    0.99,
    0.88,
    0.70,
    0.48,
    0.30,
    0.25,
    0.23,
]
COUNT = {"single": (1, 1), "pair": (2, 2), "hand": (3, 4), "stubby": (1, 3)}
GREEN, YELLOW, GOLD = (0.36, 0.46, 0.07), (0.82, 0.60, 0.07), (0.84, 0.52, 0.05)
BROWN, BLACK = (0.17, 0.09, 0.03), (0.045, 0.028, 0.016)


def spine(length: float, span: float, samples: int = 84) -> np.ndarray:
    """The middle line in the x-z plane: straight at both ends, bent by `span` radians in all."""
    t = np.linspace(0, 1, samples)
    bend = smoothstep(0.02, 0.98, t) * 0.6 + 0.4 * t
    heading = span * (0.5 - bend)
    step = length / (samples - 1)
    path = np.stack([np.cos(heading), 0 * t, np.sin(heading)], -1) * step
    return np.cumsum(path, 0) - path[0]


def finger_skin(seed: int, body: Surface, ripeness: float, random: np.random.Generator) -> np.ndarray:
    height, width = 240, 120
    points = texels(body, height, width)
    t = np.clip((texel_rows(body, height) - 1) / (body.grid[0] - 3), 0, 1)[:, None]
    angle = (np.arange(width) + 0.5) / width * 2 * np.pi
    streaky = np.stack(np.broadcast_arrays(2 * np.cos(angle), 2 * np.sin(angle), 1.5 * t), -1)
    streak = noise(streaky, 3, seed)
    colour = mix(YELLOW, GOLD, 0.5 + 0.4 * lumps(points, 3, random) + 0.4 * streak)
    ends = smoothstep(0.34, 0.1, t) + smoothstep(0.84, 0.97, t)
    unripe = np.clip(1 - 1.5 * ripeness, 0, 1) * 0.75 + np.clip(1.2 - ripeness, 0, 1) * 0.8 * ends
    colour = mix(colour, GREEN, unripe + 0.12 * streak)
    ridge = smoothstep(0.80, 1.0, np.cos(5 * angle))
    colour = mix(colour, (0.46, 0.38, 0.06), (0.3 + 0.25 * streak) * ridge * smoothstep(0.1, 0.25, t))
    rub = smoothstep(0.35, 0.8, streak + 0.5 * noise(points, 9, seed + 1)) * (0.25 + 0.75 * ridge)
    colour = mix(colour, (0.34, 0.20, 0.05), random.uniform(0.2, 0.8) * rub)
    centres = scatter(body, int(20 + 300 * ripeness**3), random)
    sugar = spots(points, centres, random.uniform(0.004, 0.006 + 0.016 * ripeness, len(centres)), 0.6)
    colour = mix(colour, BROWN, 0.85 * sugar * smoothstep(0.12, 0.22, t))
    colour *= 1 + 0.05 * noise(points, 30, seed + 2)[..., None]
    ragged = t + 0.012 * noise(points, 12, seed + 3)
    colour = mix(colour, BROWN, 0.9 * smoothstep(0.925, 0.965, ragged))
    colour = mix(colour, (0.22, 0.15, 0.05), smoothstep(0.012, 0.0, ragged))
    return mix(colour, BLACK, smoothstep(0.955, 0.985, ragged))


def finger(random, seed: int, length: float, radius: float, span: float, ripeness: float) -> Part:
    """One banana from its stalk at the origin along +x, arched upwards."""
    path = spine(length, span)
    girth = radius * PchipInterpolator(STATIONS, GIRTH)(np.linspace(0, 1, len(path)))
    body = tube(path, girth, 40, 1.0, random.uniform(0.035, 0.06), up=(0, 1, 0))
    body = lumpy(body, 0.006, 5, random)
    return painted(body, finger_skin(seed, body, ripeness, random), "waxy", random.uniform(0.36, 0.5))


def spread(part: Part, place: float, radius: float, lift: float) -> Part:
    """The finger moved aside, its stalk less than the rest; `place` counts fingers from the middle."""
    vertices = part.surface.vertices.copy()
    along = vertices[:, 0] / vertices[:, 0].max()
    aside = place * radius * (0.75 + 1.2 * smoothstep(0.02, 0.38, along) + 0.25 * along)
    vertices[:, 1] += aside
    vertices[:, 2] += lift * along
    part.surface = with_vertices(part.surface, vertices)
    return part


def crown(random, seed: int, fingers: int, radius: float, span: float, ripeness: float) -> Part:
    """The piece of stem the fingers hang from, cut on the far side."""
    t = np.linspace(0, 1, 16)
    path = np.stack([-0.16 + 0.26 * t, 0 * t, -0.06 + 0.1 * t], -1)
    girth = radius * 0.36 * PchipInterpolator([0, 0.15, 0.6, 1], [0.75, 1.1, 1.05, 0.7])(t)
    aspect = 1 + 0.72 * (fingers - 1)
    body = lumpy(tube(path, girth, 28, aspect), 0.03, 9, random)
    points = texels(body, 64, 64)
    cut = smoothstep(-0.10, -0.14, points[..., 0] + 0.02 * noise(points, 14, seed))
    fresh = mix(
        mix(YELLOW, GREEN, np.full((64, 64), 0.85 - 0.6 * ripeness)), BROWN, 0.6 * noise(points, 12, seed + 1)
    )
    return painted(body, mix(fresh, (0.10, 0.06, 0.03), cut), "waxy", 0.5)


def rolled(part: Part, angle: float) -> Part:
    """The part turned about the x axis, to lie on its side."""
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    part.surface = with_vertices(part.surface, part.surface.vertices @ turn.T)
    return part


def banana(random: np.random.Generator, seed: int, family: str) -> list[Part]:
    """A banana, or several joined at a crown; a single one lies on its side, a hand palm down."""
    low, high = COUNT[family]
    fingers = int(random.integers(low, high + 1))
    short = family == "stubby"
    length = random.uniform(1.0, 1.25) if short else random.uniform(1.5, 1.95)
    radius = random.uniform(0.17, 0.2) if short else random.uniform(0.15, 0.19)
    span = random.uniform(0.6, 1.0) if short else random.uniform(0.95, 1.6)
    ripeness = random.uniform(0.2, 1.0)
    parts = []
    for index in range(fingers):
        place = index - (fingers - 1) / 2
        own = [
            length * random.uniform(0.94, 1.04),
            radius * random.uniform(0.95, 1.03),
            span * random.uniform(0.92, 1.08),
        ]
        part = finger(random, 31 * seed + 7 * index, *own, ripeness)
        parts.append(spread(part, place, radius, random.uniform(-0.03, 0.05)) if fingers > 1 else part)
    if fingers > 1:
        parts.append(crown(random, seed, fingers, radius, span, ripeness))
    roll = np.pi / 2 * random.uniform(0.85, 1.0) if fingers == 1 else random.choice([0.0, 0.12, np.pi])
    return [rolled(part, roll) for part in parts]
