"""Path tracing with Mitsuba, denoising with OIDN, and the camera's development to 8 bits."""

from dataclasses import dataclass

import drjit as dr
import mitsuba as mi
import numpy as np
import pyoidn
from materials import bitmap, coated, colour, mesh
from scene import Panel, Scene

SAMPLES = 16  # light paths a pixel
CHUNKS = 4  # independent renderings, to clamp the samples that outshine the other ones
MAX_DEPTH = 6
AUXILIARY = 2  # first-hit rays a pixel side
MIDDLE_GREY = 0.155
FAR = 12.0


@dataclass
class FirstHits:
    """What each pixel sees first: the object's index (N, N), -1 for none; albedo and normal (N, N, 3)."""

    instances: np.ndarray
    albedo: np.ndarray
    normal: np.ndarray


def trace(scene: Scene, shapes: dict, hits: FirstHits, size: int, samples: int = SAMPLES) -> np.ndarray:
    """Linear radiance (N, N, 3), denoised; the same bits for the same scene on the same machine."""
    world = {"type": "scene", "integrator": {"type": "path", "max_depth": MAX_DEPTH, "rr_depth": 5}}
    world |= shapes | _lights(scene) | {"sensor": _sensor(scene.camera, size, samples // CHUNKS)}
    world = mi.load_dict(world, optimize=False)
    chunks = [np.array(mi.render(world, seed=CHUNKS * scene.seed + k))[..., :3] for k in range(CHUNKS)]
    radiance = without_fireflies(np.nan_to_num(np.stack(chunks)).astype(np.float32))
    return np.asarray(pyoidn.denoise(radiance, albedo=hits.albedo, normal=hits.normal, hdr=True))


def without_fireflies(chunks: np.ndarray) -> np.ndarray:
    """The mean of four renderings, each clamped to about twice the median of them."""
    median = np.sort(chunks, 0)[1:3].mean(0)
    return np.ascontiguousarray(np.minimum(chunks, 2 * median + 0.08).mean(0))


def develop(
    radiance: np.ndarray,
    random: np.random.Generator,
    metered: np.ndarray | None = None,
    grain: np.random.Generator | None = None,
) -> np.ndarray:
    """Exposure, white balance, vignette, filmic curve, sharpening and sensor grain: (N, N, 3) uint8.

    A frame of a clip is exposed for all of them, `metered` (T, N, N, 3), and has a generator of its own for the `grain`.
    """
    luminance = (radiance if metered is None else metered).mean(-1)
    typical = np.exp(np.log(np.clip(luminance, 1e-3, 8)).mean())
    glare = np.percentile(luminance, 98.5)
    exposure = min(MIDDLE_GREY * random.uniform(0.85, 1.25) / typical, 1.9 / max(glare, 1e-3))
    x = radiance * exposure * random.normal(1, 0.02, 3)
    ramp = np.linspace(-1, 1, len(x))
    x = x * (1 - random.uniform(0.03, 0.12) * (ramp[:, None] ** 2 + ramp**2))[..., None]
    y = np.clip((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14), 0, 1) ** (1 / 2.2)  # Narkowicz 2015
    y = y + 0.1 * random.uniform(0.3, 1.3) * np.sin(2 * np.pi * (y - 0.5)) / np.pi
    y = y + random.uniform(0.35, 0.7) * (y - _blurred(y))
    grey = y.mean(-1, keepdims=True)
    y = grey + (y - grey) * random.uniform(0.95, 1.12)
    noise = _grain(y, random, grain or random)
    return (np.clip(y + noise, 0, 1) * 255 + 0.5).astype(np.uint8)


def _blurred(y: np.ndarray) -> np.ndarray:
    padded = np.pad(y, ((1, 1), (1, 1), (0, 0)), mode="edge")
    rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4


def _grain(y: np.ndarray, random: np.random.Generator, grain: np.random.Generator) -> np.ndarray:
    shot = grain.normal(0, 1, y.shape[:2] + (1,)) * 0.8 + grain.normal(0, 0.5, y.shape)
    return shot * random.uniform(0.004, 0.011) * (0.6 + 0.8 * np.sqrt(np.clip(1 - y, 0, 1)))


def shapes_of(scene: Scene) -> dict:
    """The panels and the objects as Mitsuba shapes, for first_hits and trace."""
    shapes = {f"panel{i}": _rectangle(panel) for i, panel in enumerate(scene.panels)}
    for i, item in enumerate(scene.objects):
        for j, part in enumerate(item.parts):
            shapes[f"object{i}_{j}"] = mesh(f"object{i}_{j}", part)
    return shapes


def _rectangle(panel: Panel) -> dict:
    picture = bitmap(panel.picture, wrap="mirror", scale=panel.repeats)
    matte = {"type": "diffuse", "reflectance": picture}
    inside = matte if panel.roughness is None else coated(picture, panel.roughness)
    twosided = {"type": "twosided", "inside": inside}
    return {"type": "rectangle", "to_world": mi.ScalarTransform4f(panel.to_world), "bsdf": twosided}


def _lights(scene: Scene) -> dict:
    # the environment is stored with its pole along z, Mitsuba's points along y
    upright = mi.ScalarTransform4f().rotate([1, 0, 0], 90)
    sky = mi.Bitmap(np.ascontiguousarray(scene.environment, np.float32))
    lights = {"environment": {"type": "envmap", "bitmap": sky, "to_world": upright}}
    for i, lamp in enumerate(scene.lamps):
        emitter = {"type": "area", "radiance": colour(lamp.radiance)}
        to_world = mi.ScalarTransform4f(lamp.to_world)
        lights[f"lamp{i}"] = {"type": "rectangle", "to_world": to_world, "emitter": emitter}
    return lights


def _view(camera) -> dict:
    axes = {"origin": camera.position.tolist(), "target": camera.target.tolist(), "up": camera.up.tolist()}
    to_world = mi.ScalarTransform4f().look_at(**axes)
    return {"fov": float(camera.field_of_view), "near_clip": 0.05, "to_world": to_world}


def _film(size: int) -> dict:
    # any wider filter smears noise over pixels, and the denoiser then keeps the speckle
    box = {"type": "box"}
    return {"type": "hdrfilm", "width": size, "height": size, "rfilter": box, "pixel_format": "rgb"}


def _sensor(camera, size: int, samples: int) -> dict:
    lens = {"aperture_radius": float(camera.aperture)}
    lens["focus_distance"] = float(np.linalg.norm(camera.target - camera.position))
    sampler = {"type": "independent", "sample_count": samples}
    return {"type": "thinlens", "film": _film(size), "sampler": sampler, **lens, **_view(camera)}


def first_hits(scene: Scene, shapes: dict, size: int) -> FirstHits:
    """The visible object of every pixel, by majority of AUXILIARY x AUXILIARY rays."""
    fine = size * AUXILIARY
    once = {"type": "independent", "sample_count": 1}
    sensor = {"type": "perspective", "film": _film(fine), "sampler": once, **_view(scene.camera)}
    aov = {"type": "aov", "aovs": "i:shape_index,a:albedo,n:sh_normal"}
    world = mi.load_dict({"type": "scene", "integrator": aov, "sensor": sensor, **shapes}, optimize=False)
    layers = np.nan_to_num(np.array(mi.render(world))[..., -7:])
    owner = np.full(int(layers[..., 0].max().round()) + 1, -1)
    for shape, number in zip(world.shapes(), _numbers(world), strict=True):
        if number < len(owner):
            owner[number] = _owner(shape.id())
    votes = owner[layers[..., 0].round().astype(int)]
    blocks = layers.reshape(size, AUXILIARY, size, AUXILIARY, -1).mean((1, 3))
    albedo, normal = np.clip(blocks[..., 1:4], 0, 1), blocks[..., 4:7]
    return FirstHits(_majority(votes, size), np.ascontiguousarray(albedo), np.ascontiguousarray(normal))


def _numbers(world) -> np.ndarray:
    """The shape_index of every shape: its place from 1, but its place in the registry for compiled variants."""
    if mi.variant().startswith("scalar"):
        return np.arange(len(world.shapes())) + 1
    return np.array(dr.reinterpret_array(mi.UInt32, world.shapes_dr()))


def _owner(shape_id: str) -> int:
    return int(shape_id.removeprefix("object").split("_")[0]) if shape_id.startswith("object") else -1


def _majority(votes: np.ndarray, size: int) -> np.ndarray:
    blocks = votes.reshape(size, AUXILIARY, size, AUXILIARY).transpose(0, 2, 1, 3).reshape(size, size, -1)
    counts = np.stack([(blocks == value).sum(-1) for value in range(-1, votes.max() + 1)])
    return counts.argmax(0) - 1
