"""Clips rendered: a picture of all frames and a record of all that is annotated, two files each."""

import json
import signal
import time
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from clips import FRAMES, Plan, plan
from PIL import Image
from shapes import CLASSES
from splits import Split

OUTPUT = Path(__file__).resolve().parents[1] / "clips"
COLUMNS = 4  # of the picture, which holds the frames in rows from the top left
SAMPLES = 4  # light paths a pixel: a quarter of a still life's, twice as fast
QUALITY = 90


def produce_clips(split: Split, workers: int, folder: Path = OUTPUT) -> None:
    """Render the clips of a split that are not there yet."""
    (folder / split.name).mkdir(parents=True, exist_ok=True)
    missing = [n for n in range(1, split.scenes + 1) if not record_file(split, folder, n).exists()]
    print(f"{split.name}: {len(missing)} of {split.scenes} clips to render, about a minute each")
    ignored = (signal.SIGINT, signal.SIG_IGN)  # by the workers: the parent stops the pool
    with get_context("spawn").Pool(workers, signal.signal, ignored) as pool:
        try:
            for line in pool.imap_unordered(partial(finish, split, folder), missing):
                print(line, flush=True)
        except KeyboardInterrupt:
            pool.terminate()
            raise SystemExit("stopped: the finished clips are kept, the same command goes on") from None


def record_file(split: Split, folder: Path, number: int) -> Path:
    """Where the record of a clip is, beside its picture."""
    return folder / split.name / f"{number:02d}.json"


def finish(split: Split, folder: Path, number: int) -> str:
    """Render a clip and write its two files; a sentence about it."""
    start = time.process_time()
    frames, entry = film(plan(split, number), split.size)
    entry = {"name": f"{split.name}_{number:02d}"} | entry
    record = record_file(split, folder, number)
    Image.fromarray(sheet(frames)).save(record.with_suffix(".jpg"), quality=QUALITY)
    unfinished = record.with_suffix(".part")
    unfinished.write_text(json.dumps(entry, separators=(",", ":")) + "\n")
    unfinished.replace(record)  # a record means that its picture is complete
    return f"{entry['name']}: {len(frames)} frames, {time.process_time() - start:.0f} CPU seconds"


def film(clip: Plan, size: int) -> tuple[np.ndarray, dict]:
    """The frames (T, N, N, 3) uint8 of a clip and its record; light, skins and exposure are those of the clip."""
    from render import develop, first_hits, shapes_of, trace  # only the workers need the renderer

    radiances, annotations = [], []
    for frame, moment in enumerate(np.linspace(0, 1, FRAMES)):
        scene = clip.scene(moment)
        shapes = shapes_of(scene)
        hits = first_hits(scene, shapes, size)
        radiances.append(trace(scene, shapes, hits, size, SAMPLES))
        annotations += [{"frame": frame, **row} for row in rows_of(scene, hits.instances)]
    grains = [np.random.default_rng([clip.seed, frame]) for frame in range(FRAMES)]
    metered = np.stack(radiances)
    frames = [
        develop(radiance, np.random.default_rng(clip.seed), metered, grain)
        for radiance, grain in zip(radiances, grains, strict=True)
    ]
    record = {"seed": clip.seed, "frames": FRAMES, "size": size, "columns": COLUMNS, "license": "CC BY 4.0"}
    tracks = [
        {"track": k, "category_id": CLASSES.index(item.class_name) + 1, "identity": item.identity}
        for k, item in enumerate(clip.items, start=1)
    ]
    return np.stack(frames), record | {"tracks": tracks, "annotations": annotations}


def rows_of(scene, instances: np.ndarray) -> list[dict]:
    """What is annotated in a frame: the objects of which as much can be seen as in a still life."""
    from annotate import MOST_HIDDEN, SMALLEST, record
    from camera import silhouette

    rows = []
    for index, item in enumerate(scene.objects):
        visible = instances == index
        whole = silhouette(scene.camera, item.parts, len(instances)) | visible
        if visible.sum() >= max(SMALLEST * instances.size, (1 - MOST_HIDDEN) * whole.sum()):
            entry = record(item, visible, whole)
            kept = {key: entry[key] for key in ("category_id", "bbox", "area", "segmentation")}
            rows.append({"track": index + 1, **kept, "visibility": round(1 - entry["occlusion"], 4)})
    return rows


def sheet(frames: np.ndarray) -> np.ndarray:
    """The frames (T, N, N, 3), T a multiple of COLUMNS, as one picture (T / COLUMNS * N, COLUMNS * N, 3)."""
    count, size = frames.shape[:2]
    rows = frames.reshape(count // COLUMNS, COLUMNS, size, size, 3)
    return rows.transpose(0, 2, 1, 3, 4).reshape(count // COLUMNS * size, COLUMNS * size, 3)
