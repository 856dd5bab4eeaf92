"""Clips for multi-object tracking: sliding objects before a moving camera, a picture and a record of each clip.

A clip's picture holds all its frames in rows of COLUMNS; its record all that is annotated.
"""

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from layout import Item, posed
from motion import ROLE_CHANCES, ROLES, Journey, Slide, apart, journey, moved, seen, slide, thinned
from scene import Scene, light, room_panels, surroundings
from shapes import CLASSES, TRAINING, UNSEEN, VALIDATION
from splits import ATTEMPTS, Split

OUTPUT = Path(__file__).resolve().parents[1] / "clips"
CLIPS = {
    split.name: split
    for split in (
        Split("val", 8, VALIDATION, False, 9_200_000),
        Split("test", 16, UNSEEN, False, 9_300_000, unseen=True),
        Split("train", 4, TRAINING, False, 9_100_000),
    )
}
FRAMES = 24
SAMPLES = 4  # light paths a pixel: a quarter of a still life's
COLUMNS = 4
COUNTS = (0.15, 0.3, 0.35, 0.2)  # of 3, 4, 5, 6 objects
TWINS = 0.6  # of the clips have two objects of a class
RETURNS = 0.7  # of the clips have an object that leaves the picture and comes back
MOVEMENTS = 60  # tried with the same objects
LANES = 0.8  # of their widths, the distances of the lanes
HIDDEN, SHOWN = 0.28, 0.7  # visible shares
QUALITY = 90


@dataclass
class Plan:
    """A clip before it is rendered."""

    seed: int
    items: list[Item]  # in the middle of the table, at rest
    ways: list[Slide]
    journey: Journey
    room: Scene  # without objects

    def scene(self, time: float) -> Scene:
        """What is photographed at a time in [0, 1]."""
        objects = [moved(item, way, time) for item, way in zip(self.items, self.ways, strict=True)]
        return replace(self.room, objects=objects, camera=self.journey.at(time))


def plan(split: Split, number: int) -> tuple[Plan, int]:
    """The clip of that number, and its number of frames: the first attempt in which everything happens."""
    for attempt in range(ATTEMPTS):
        seed = split.seed(number, attempt)
        random = np.random.default_rng(seed)
        returns = random.random() < RETURNS
        items = chosen(random, split.identities)
        moves = movements(random, items, FRAMES, returns)
        if moves is not None:
            ways, camera = moves
            return Plan(seed, items, ways, camera, room(random, seed, items, ways, camera, split.unseen)), frames
    raise RuntimeError(f"clip {number} of {split.name} failed {ATTEMPTS} times: the rules of motion are too strict")


def chosen(random: np.random.Generator, identities) -> list[Item]:
    """Three to six objects, perhaps two of the same class."""
    count = 3 + int(random.choice(len(COUNTS), p=COUNTS))
    names = [str(name) for name in random.choice(CLASSES, count, replace=False)]
    if random.random() < TWINS:
        names[1] = names[0]
    return [posed(random, name, int(random.choice(identities))) for name in names]


def movements(random, items: list[Item], frames: int, returns: bool) -> tuple[list[Slide], Journey] | None:
    """Ways of the objects and of the camera in which nothing collides and something is hidden for a while."""
    clouds = [thinned(item.points, 0.04) for item in items]
    clear = [any(part.material == "glass" for part in item.parts) for item in items]
    flats = [thinned(item.points * [1, 1, 0], 0.02) for item in items]
    times = np.linspace(0, 1, 2 * frames - 1)
    reach = np.array([np.linalg.norm(flat[:, :2], axis=1).max() for flat in flats])
    for _ in range(MOVEMENTS):
        camera, half = journey(random)
        right = np.cross(camera.camera.target - camera.camera.position, [0, 0, 1])[:2]
        order, lanes = random.permutation(len(items)), np.zeros(len(items))
        depth = np.cumsum(reach[order]) - reach[order] / 2
        lanes[order] = LANES * 2 * (depth - depth.mean())
        roles = random.choice(ROLES, len(items), p=ROLE_CHANCES)
        front = int(random.integers(len(items) - 1))
        roles[order[front]], roles[order[front + 1]] = "crosses", random.choice(["stays", "wanders", "crosses"])
        if returns:
            roles[random.choice(np.delete(order, [front, front + 1]))] = "leaves"
        ways: list[Slide] = []
        for _ in range(10 * len(items)):
            if (k := len(ways)) == len(items):
                break
            way = slide(random, right / np.linalg.norm(right), half, lanes[k], str(roles[k]))
            if all(apart(flats[k], way, flats[j], ways[j], times) for j in range(k)):
                ways.append(way)
        if len(ways) < len(items):
            continue
        shares, inside = seen(clouds, clear, ways, camera, np.linspace(0, 1, frames))
        if eventful(shares, inside, returns):
            return ways, camera
    return None


def eventful(shares: np.ndarray, inside: np.ndarray, returns: bool) -> bool:
    """Whether the clip shows what it should: (frames, objects) visible shares and shares inside the picture."""
    there = (shares > SHOWN) & (inside > 0.5)
    gone = inside == 0
    hidden = (shares < HIDDEN) & (inside > 0.75)
    if (there.mean(0) < 0.33).any() or ((shares > 0.3) & (inside > 0.3)).sum(1).min() < 2:
        return False
    objects = range(shares.shape[1])
    occluded = any(between(there[:, k], hidden[:, k], 2) for k in objects)
    back = any(between(there[:, k], gone[:, k], 2) for k in objects)
    return occluded and (back or not returns)


def between(before: np.ndarray, event: np.ndarray, least: int) -> bool:
    """Whether an event lasts `least` frames after one and before another frame of `before`."""
    when = np.flatnonzero(before)
    return len(when) > 0 and int(event[when[0] : when[-1]].sum()) >= least


def room(random, seed: int, items, ways, camera: Journey, unseen: bool) -> Scene:
    """The table, the wall and the light, far enough for everything that moves."""
    reach = max(
        np.linalg.norm(way.at(time)[0]) + np.abs(item.points[:, :2]).max()
        for item, way in zip(items, ways, strict=True)
        for time in np.linspace(0, 1, 9)
    )
    centre = camera.camera.target
    behind = np.arctan2(*(centre - camera.camera.position)[[1, 0]])
    panels = room_panels(random, centre, reach, behind, unseen)
    return Scene(seed, [], camera.camera, panels, light(random, centre, behind, unseen), surroundings(random))


def film(split: Split, number: int) -> tuple[np.ndarray, dict]:
    """The frames (T, N, N, 3) uint8 of a clip and its record."""
    from annotate import SMALLEST, MOST_HIDDEN, record
    from camera import silhouette
    from render import develop, first_hits, shapes_of, trace

    clip, frames = plan(split, number)
    radiances, annotations = [], []
    for frame, when in enumerate(np.linspace(0, 1, frames)):
        scene = clip.scene(when)
        shapes = shapes_of(scene)
        hits = first_hits(scene, shapes, split.size)
        radiances.append(trace(scene, shapes, hits, split.size, SAMPLES))
        for index, item in enumerate(scene.objects):
            visible = hits.instances == index
            whole = silhouette(scene.camera, item.parts, split.size) | visible
            if visible.sum() < max(SMALLEST * split.size**2, (1 - MOST_HIDDEN) * whole.sum()):
                continue
            entry = record(item, visible, whole)
            kept = {key: entry[key] for key in ("category_id", "bbox", "area", "segmentation")}
            annotations.append({"frame": frame, "track": index + 1, **kept, "visibility": round(1 - entry["occlusion"], 4)})
    metered = np.stack(radiances)
    pictures = [develop(x, np.random.default_rng(clip.seed), metered, np.random.default_rng([clip.seed, k])) for k, x in enumerate(radiances)]
    about = {"name": f"{split.name}_{number:02d}", "seed": clip.seed, "frames": frames, "size": split.size, "columns": COLUMNS}
    tracks = [
        {"track": k, "category_id": CLASSES.index(item.class_name) + 1, "identity": item.identity}
        for k, item in enumerate(clip.items, start=1)
    ]
    return np.stack(pictures), about | {"license": "CC BY 4.0", "tracks": tracks, "annotations": annotations}


def make_clips(split: Split, folder: Path = OUTPUT) -> None:
    """Render the clips of a split that are not there yet, one after the other."""
    from PIL import Image

    (folder / split.name).mkdir(parents=True, exist_ok=True)
    for number in range(1, split.scenes + 1):
        record = folder / split.name / f"{number:02d}.json"
        if record.exists():
            continue
        start = time.process_time()
        frames, entry = film(split, number)
        Image.fromarray(sheet(frames)).save(record.with_suffix(".jpg"), quality=QUALITY)
        unfinished = record.with_suffix(".part")
        unfinished.write_text(json.dumps(entry, separators=(",", ":")) + "\n")
        unfinished.replace(record)
        print(f"{entry['name']}: {len(frames)} frames, {time.process_time() - start:.0f} seconds", flush=True)


def sheet(frames: np.ndarray) -> np.ndarray:
    """The frames (T, N, N, 3), T a multiple of COLUMNS, as one picture (T / COLUMNS * N, COLUMNS * N, 3)."""
    count, size = frames.shape[:2]
    rows = frames.reshape(count // COLUMNS, COLUMNS, size, size, 3)
    return rows.transpose(0, 2, 1, 3, 4).reshape(count // COLUMNS * size, COLUMNS * size, 3)
