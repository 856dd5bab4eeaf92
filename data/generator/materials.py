"""Parts and paintings as Mitsuba objects."""

import os
import re
from glob import glob

import drjit as dr
import mitsuba as mi
import numpy as np
from geometry import Part, vertex_normals

OLDEST_LLVM = 17  # older ones lack an instruction that Dr.Jit asks for, and abort


def variant() -> str:
    """Mitsuba's compiled variant where a recent libLLVM is installed (a third faster), else the plain one."""
    versions = {
        path: re.search(r"\.so\.(\d+)|-(\d+)[.\d]*\.so", path) for path in glob("/usr/lib/*/libLLVM*")
    }
    versions = {path: int(found[1] or found[2]) for path, found in versions.items() if found}
    best = max(versions, key=versions.get, default=None)
    if best and versions[best] >= OLDEST_LLVM:
        os.environ.setdefault("DRJIT_LIBLLVM_PATH", best)
    return "llvm_ad_rgb" if "DRJIT_LIBLLVM_PATH" in os.environ else "scalar_rgb"


mi.set_variant(os.environ.get("STILL_LIFE_VARIANT") or variant())
mi.set_log_level(mi.LogLevel.Error)
dr.set_thread_count(1)  # the workers are the parallelism

GLASS_INDEX = 1.75  # a thin sheet reflects more than one face of n = 1.5 does
SMALLEST_REPEATED = 32  # texels; smaller pictures are clamped, larger ones continue around the seam


def bitmap(picture: np.ndarray, wrap: str | None = None, scale: float = 1.0) -> dict:
    """A texture of linear RGB values, row 0 at v = 0."""
    picture = np.ascontiguousarray(picture, np.float32)
    if min(picture.shape[:2]) < 2:
        picture = picture.repeat(2, 0).repeat(2, 1)
    wrap = wrap or ("repeat" if min(picture.shape[:2]) >= SMALLEST_REPEATED else "clamp")
    to_uv = mi.ScalarTransform3f().scale([scale, scale])
    return {"type": "bitmap", "bitmap": mi.Bitmap(picture), "raw": True, "wrap_mode": wrap, "to_uv": to_uv}


def colour(rgb) -> dict:
    """A constant linear RGB value."""
    return {"type": "rgb", "value": [float(x) for x in rgb]}


def surface_of(part: Part) -> dict:
    """The BSDF of a part."""
    if part.material == "glass":
        tint = np.clip(part.texture.mean((0, 1)), 0.01, 0.99)
        return {"type": "thindielectric", "int_ior": GLASS_INDEX, "specular_transmittance": colour(tint)}
    if part.material.startswith("metal:"):
        metal = part.material.split(":")[1]
        inside = {"type": "roughconductor", "material": metal, "alpha": float(part.roughness) ** 2}
    elif part.material == "matte":
        inside = {"type": "diffuse", "reflectance": bitmap(part.texture)}
    else:
        inside = coated(bitmap(part.texture), part.roughness, {"waxy": 0.5, "glossy": 0.6}[part.material])
    return {"type": "twosided", "inside": inside}


def coated(picture: dict, roughness: float, specular: float = 0.5) -> dict:
    """A painted surface under a clear layer: fruit skin, glaze, varnish, polished stone."""
    gloss = {"roughness": float(roughness), "specular": float(specular)}
    return {"type": "principled", "base_color": picture, **gloss}


def mesh(name: str, part: Part):
    """The part as a Mitsuba shape."""
    surface = part.surface
    properties = mi.Properties()
    properties["mesh_bsdf"] = mi.load_dict(surface_of(part))
    counts = {"vertex_count": len(surface.vertices), "face_count": len(surface.faces)}
    shape = mi.Mesh(
        name, **counts, has_vertex_normals=part.smooth, has_vertex_texcoords=True, props=properties
    )
    values = mi.traverse(shape)
    values["vertex_positions"] = np.ascontiguousarray(surface.vertices, np.float32).ravel()
    values["vertex_texcoords"] = np.ascontiguousarray(surface.uv, np.float32).ravel()
    values["faces"] = np.ascontiguousarray(surface.faces, np.uint32).ravel()
    if part.smooth:
        values["vertex_normals"] = vertex_normals(surface).ravel()
    values.update()
    return shape
