"""Many scenes in several processes, one file pair each, so that the work can stop and go on; then the split."""

import hashlib
import json
import os
import signal
import time
from multiprocessing import get_context
from pathlib import Path

from PIL import Image
from platformdirs import user_cache_dir
from shapes import CLASSES
from splits import SPLITS, Split
from tqdm import tqdm

OUTPUT = Path(__file__).resolve().parents[1] / "still_life"
SECONDS_A_SCENE = 3.0  # of one core, for the forecast
QUALITY = 92


def build_folder() -> Path:
    """Where unfinished splits are kept."""
    return Path(user_cache_dir("coursekit")) / "still_life_build"


def produce(split: Split, folder: Path, workers: int) -> None:
    """Render the scenes of a split that are not there yet."""
    (folder / split.name).mkdir(parents=True, exist_ok=True)
    restore(split, folder)
    missing = [n for n in range(1, split.scenes + 1) if not _record_file(folder, split, n).exists()]
    minutes = len(missing) * SECONDS_A_SCENE / workers / 60
    print(f"{split.name}: {len(missing)} of {split.scenes} scenes to render, about {minutes:.0f} minutes")
    jobs = [(split, number, folder) for number in missing]
    with get_context("spawn").Pool(workers, initializer=_be_nice, maxtasksperchild=200) as pool:
        try:
            for _ in tqdm(pool.imap_unordered(_finish, jobs), total=len(jobs), unit="scene", smoothing=0.02):
                pass
        except KeyboardInterrupt:
            pool.terminate()
            raise SystemExit("stopped: the finished scenes are kept, the same command goes on") from None


def restore(split: Split, folder: Path) -> None:
    """Take up the scenes that are in data/still_life already, so that a partly finished split can go on anywhere."""
    written = OUTPUT / f"{split.name}.json"
    if not written.exists():
        return
    dataset = json.loads(written.read_text())
    for image in dataset["images"]:
        if not (record := _record_file(folder, split, image["id"])).exists():
            (folder / split.name / image["file_name"]).write_bytes(
                (OUTPUT / split.name / image["file_name"]).read_bytes()
            )
            annotations = [row for row in dataset["annotations"] if row["image_id"] == image["id"]]
            record.write_text(json.dumps({"image": image, "annotations": annotations}))


def collect(split: Split, folder: Path) -> int:
    """Write data/still_life/SPLIT from the first scenes without a gap; the number of them."""
    done = write_split(split, folder, OUTPUT)
    write_checksums()
    return done


def write_split(split: Split, folder: Path, output: Path) -> int:
    """Write the pictures to output/SPLIT and the annotations beside it; the number of scenes."""
    done = 0
    while done < split.scenes and _record_file(folder, split, done + 1).exists():
        done += 1
    records = [json.loads(_record_file(folder, split, number).read_text()) for number in range(1, done + 1)]
    target = output / split.name
    target.mkdir(parents=True, exist_ok=True)
    for stale in target.glob("*.jpg"):
        stale.unlink()
    for entry in records:
        name = entry["image"]["file_name"]
        (target / name).write_bytes((folder / split.name / name).read_bytes())
    categories = [{"id": k, "name": name} for k, name in enumerate(CLASSES, 1)]
    licence = {"description": f"still lifes, {split.name}", "license": "CC BY 4.0"}
    dataset = {"info": licence, "images": [entry["image"] for entry in records], "categories": categories}
    dataset["annotations"] = [annotation for entry in records for annotation in entry["annotations"]]
    (output / f"{split.name}.json").write_text(json.dumps(dataset, separators=(",", ":")) + "\n")
    return done


def write_checksums() -> None:
    """data/still_life/checksums.sha256, in the format of sha256sum."""
    patterns = ("{}.json", "{}/*.jpg", "keypoints/{}.json")
    files = sorted(
        path for name in SPLITS for pattern in patterns for path in OUTPUT.glob(pattern.format(name))
    )
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(OUTPUT)}\n" for path in files
    ]
    (OUTPUT / "checksums.sha256").write_text("".join(lines))


def _be_nice() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops the pool
    os.nice(10)


def _finish(job: tuple[Split, int, Path]) -> None:
    from annotate import shoot  # only the workers need the renderer

    split, number, folder = job
    start = time.process_time()
    shot = shoot(split, number)
    picture = folder / split.name / f"{number:06d}.jpg"
    Image.fromarray(shot.picture).save(picture, quality=QUALITY)
    height, width = shot.picture.shape[:2]
    image = {"id": number, "file_name": picture.name, "width": width, "height": height, "seed": shot.seed}
    entry = {
        "image": image,
        "annotations": shot.annotations,
        "seconds": round(time.process_time() - start, 2),
    }
    unfinished = picture.with_suffix(".part")
    unfinished.write_text(json.dumps(entry))
    unfinished.replace(_record_file(folder, split, number))  # a record means that its picture is complete


def _record_file(folder: Path, split: Split, number: int) -> Path:
    return folder / split.name / f"{number:06d}.json"
