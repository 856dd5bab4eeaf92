"""Table tops and walls, painted as square pictures of linear RGB values."""

import numpy as np
from geometry import hsv, mix, noise3, smoothstep
from scipy.ndimage import zoom

TEXELS = 512
U, V = np.meshgrid(*[(np.arange(TEXELS) + 0.5) / TEXELS] * 2)


def clouds(seed: int, along_u: float, along_v: float, octaves: int = 4) -> np.ndarray:
    """Smooth noise over the square, that many cells along each side."""
    finest = max(along_u, along_v) * 2 ** (octaves - 1)
    step = 2 if finest <= TEXELS / 8 else 1  # smooth enough to be interpolated
    u, v = U[::step, ::step], V[::step, ::step]
    points = np.stack([u.ravel() * along_u, v.ravel() * along_v, 0 * u.ravel()], 1).astype(np.float32)
    values = noise3(points, 1.0, seed, octaves).reshape(u.shape)
    return zoom(values, step, order=1) if step > 1 else values


def one_of(random: np.random.Generator, colours):
    """One of the colours or pairs of colours."""
    return colours[random.integers(len(colours))]


WOODS = (
    ((0.46, 0.27, 0.13), (0.25, 0.125, 0.05)),
    ((0.17, 0.085, 0.04), (0.07, 0.033, 0.016)),
    ((0.62, 0.44, 0.26), (0.42, 0.26, 0.13)),
    ((0.62, 0.57, 0.5), (0.42, 0.37, 0.31)),
    ((0.33, 0.13, 0.06), (0.17, 0.05, 0.025)),
)


def wood(random, seed):
    """Boards with grain and rings, varnished."""
    boards = int(random.integers(4, 9))
    board = np.floor(U * boards).astype(int)
    luck = random.uniform(-1, 1, (boards, 2))
    u, v = U * 30, V * 3 + 9 * luck[board, 0]
    points = np.stack([u, v, 3.3 * board], -1).reshape(-1, 3)
    grain = noise3(points, 0.9, seed, 4).reshape(U.shape)
    waves = noise3(points * [0.12, 0.6, 1], 1.0, seed + 1, 2).reshape(U.shape)
    rings = np.sin(9 * (U * boards * 3 + 2.4 * waves))
    picture = mix(*one_of(random, WOODS), 0.45 + 0.5 * grain + 0.14 * rings)
    picture *= (1 + 0.13 * luck[board, 1])[..., None]
    picture[np.abs(U * boards % 1) < 0.012] *= 0.35
    return picture, random.uniform(0.3, 0.6)


def marble(random, seed):
    """Polished stone with two sizes of veins."""
    pairs = (
        ((0.8, 0.79, 0.77), (0.33, 0.33, 0.35)),
        ((0.07, 0.075, 0.08), (0.6, 0.58, 0.52)),
        ((0.72, 0.64, 0.54), (0.42, 0.3, 0.2)),
        ((0.2, 0.28, 0.24), (0.55, 0.58, 0.53)),
    )
    warp = clouds(seed, 4, 4, 5)
    broad = np.abs(clouds(seed + 1, 5, 3, 5) + 0.5 * warp)
    fine = np.abs(clouds(seed + 2, 11, 8))
    veins = 0.7 * np.exp(-14 * broad) + 0.25 * np.exp(-22 * fine) + 0.08 * warp + 0.05
    return mix(*one_of(random, pairs), veins), random.uniform(0.22, 0.35)


def weave(seed):
    """The light and dark of woven threads, 0 to 1."""
    threads = 0.25 * np.sin(180 * np.pi * U) + 0.25 * np.sin(180 * np.pi * V)
    return 0.5 + threads + 0.3 * clouds(seed, 160, 12, 2) + 0.3 * clouds(seed + 1, 12, 160, 2)


def linen(random, seed):
    """A plain table-cloth."""
    hues = (hsv(0.1, 0.16, 0.78), hsv(0.58, 0.3, 0.42), hsv(0.25, 0.18, 0.5), hsv(0.02, 0.45, 0.45))
    ground = one_of(random, hues)
    return mix(ground * 0.62, ground, weave(seed)), None


def gingham(random, seed):
    """A checked table-cloth."""
    checks = random.integers(6, 11)
    share = 0.5 * (U * checks % 1 < 0.5) + 0.5 * (V * checks % 1 < 0.5)
    hues = (hsv(0.99, 0.75, 0.5), hsv(0.6, 0.6, 0.36), hsv(0.33, 0.5, 0.26), hsv(0.1, 0.6, 0.6))
    return mix((0.8, 0.78, 0.73), one_of(random, hues), share) * (0.75 + 0.3 * weave(seed))[..., None], None


def stone(random, seed):
    """Honed granite or concrete."""
    greys = ((0.42, 0.4, 0.37), (0.2, 0.2, 0.21), (0.6, 0.55, 0.47), (0.34, 0.25, 0.2))
    speckle = 0.3 * clouds(seed, 6, 6, 5) + 0.25 * clouds(seed + 1, 90, 90, 2)
    return np.array(one_of(random, greys)) * (1 + speckle)[..., None], random.uniform(0.45, 0.65)


def paint(random, seed):
    """A lacquered board."""
    cool, warm = (hsv(0.56, 0.3, 0.45), hsv(0.3, 0.2, 0.5)), (hsv(0.08, 0.35, 0.7), hsv(0, 0, 0.75))
    hues = (*cool, *warm, hsv(0.95, 0.18, 0.65))
    strokes = 0.07 * clouds(seed, 10, 10, 5) + 0.05 * clouds(seed + 1, 4, 90, 2)
    return one_of(random, hues) * (1 + strokes)[..., None], random.uniform(0.35, 0.55)


def tiles(random, seed):
    """Glazed tiles with joints."""
    count = int(random.integers(6, 11))
    u, v = U * count % 1, V * count % 1
    edge = np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v))
    shade = random.uniform(0.85, 1.12, (count, count))[(V * count).astype(int), (U * count).astype(int)]
    hues = ((0.75, 0.73, 0.68), hsv(0.5, 0.35, 0.4), hsv(0.6, 0.4, 0.35), hsv(0.05, 0.5, 0.45))
    glazed = mix((0.5, 0.48, 0.44), one_of(random, hues), smoothstep(0.012, 0.03, edge))
    return glazed * (shade * (1 + 0.08 * clouds(seed, 20, 20, 3)))[..., None], random.uniform(0.25, 0.4)


def stripes(random, seed):
    """A striped cloth: only in scenes of unseen objects."""
    bands = random.integers(5, 12)
    hues = (hsv(0.58, 0.5, 0.3), hsv(0.02, 0.6, 0.45), hsv(0.12, 0.6, 0.6), hsv(0.4, 0.4, 0.3))
    band = smoothstep(0.2, 0.24, np.abs(U * bands % 1 - 0.5)) - smoothstep(
        0.44, 0.48, np.abs(U * bands % 1 - 0.5)
    )
    return mix((0.78, 0.75, 0.68), one_of(random, hues), band) * (0.75 + 0.3 * weave(seed))[..., None], None


def terrazzo(random, seed):
    """Chips of stone in cement: only in scenes of unseen objects."""
    ground = np.array(one_of(random, ((0.7, 0.68, 0.64), (0.3, 0.3, 0.32), (0.62, 0.5, 0.42))))
    picture = np.broadcast_to(ground, U.shape + (3,)) * (1 + 0.08 * clouds(seed, 40, 40, 2))[..., None]
    for k, frequency in enumerate((26, 34, 46)):
        chip = smoothstep(0.36, 0.42, clouds(seed + 3 + k, frequency, frequency, 1))
        picture = mix(
            picture, hsv(random.uniform(0, 0.15), random.uniform(0.1, 0.6), random.uniform(0.1, 0.7)), chip
        )
    return picture, random.uniform(0.3, 0.5)


TABLES = (wood, wood, wood, wood, marble, linen, gingham, stone, paint, tiles)
UNSEEN_TABLES = (stripes, terrazzo)


def plaster(random, seed):
    """A painted wall."""
    hues = (
        hsv(0.1, 0.1, 0.75),
        hsv(0.58, 0.2, 0.5),
        hsv(0.3, 0.15, 0.5),
        hsv(0.05, 0.4, 0.5),
        hsv(0.6, 0.3, 0.2),
    )
    hues += (hsv(0, 0, 0.7), hsv(0.12, 0.3, 0.65))
    return one_of(random, hues) * (1 + 0.06 * clouds(seed, 6, 6, 5))[..., None]


def wallpaper(random, seed):
    """Soft vertical stripes."""
    ground = hsv(random.uniform(0, 1), random.uniform(0.05, 0.3), random.uniform(0.4, 0.75))
    wave = smoothstep(-0.3, 0.3, np.sin(2 * np.pi * U * random.integers(10, 40)))
    return mix(ground, ground * random.uniform(0.7, 0.9), wave) * (1 + 0.04 * clouds(seed, 9, 9))[..., None]


def bricks(random, seed):
    """Brick or white tile, staggered."""
    rows, ground = (
        int(random.integers(12, 26)),
        one_of(random, ((0.45, 0.18, 0.1), (0.75, 0.73, 0.7), (0.4, 0.3, 0.24))),
    )
    row = np.floor(V * rows)
    u, v = (U * rows / 2 + 0.5 * (row % 2)) % 1, V * rows % 1
    edge = np.minimum(np.minimum(u, 1 - u) * 2, np.minimum(v, 1 - v))
    shade = 1 + 0.2 * clouds(seed, rows / 2, rows, 1) + 0.12 * clouds(seed + 1, 60, 60, 3)
    return mix((0.55, 0.53, 0.5), np.array(ground), smoothstep(0.03, 0.07, edge)) * shade[..., None]


def room(random, seed):
    """A room out of focus: furniture, shelves, a window, as soft rectangles."""
    picture = plaster(random, seed)
    for _ in range(random.integers(10, 28)):
        u, v, half_width, half_height = (
            random.uniform(0, 1),
            random.uniform(0.1, 0.8),
            *random.uniform(0.01, 0.12, 2),
        )
        inside = smoothstep(half_width + 0.025, half_width - 0.025, np.abs(U - u))
        inside = inside * smoothstep(half_height + 0.025, half_height - 0.025, np.abs(V - v))
        hue = hsv(
            random.choice([0.06, 0.08, 0.1, 0.3, 0.58, 0.0]),
            random.uniform(0, 0.6),
            random.uniform(0.05, 0.85),
        )
        picture = mix(picture, hue, 0.9 * inside)
    return picture


WALLS = (plaster, plaster, wallpaper, bricks, room, room)
