"""Metrics, against pycocotools, faster-coco-eval, TrackEval, SciPy and scikit-image."""

import contextlib
import io
from collections.abc import Iterator
from functools import partial

import numpy as np
import scipy.ndimage
import skimage.metrics
import torch
from compare import Case, row
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torch import Tensor

from coursekit import metrics, ops
from coursekit.metrics.average_precision import average_precision as average_precision_of
from coursekit.metrics.track_frames import read_frames
from rows.coco_inputs import data_set
from rows.inputs import chance

GROUP = "Metrics"
CLASSES, DETECTIONS = 80, 100
IOU_TYPES = {"boxes": "bbox", "masks": "segm"}
INPUTS = f"{CLASSES} classes, {DETECTIONS} detections an image, 7 objects; the peers' loading is not counted"


@row(
    GROUP,
    INPUTS,
    (50, 500, 5000),
    name="coco_metrics, boxes",
    pycocotools=(1, 1, 0.04),
    faster_coco_eval=(1, 1, 0.4),
)
def coco_boxes(images: int) -> Case:
    return coco(images, "boxes")


@row(
    GROUP,
    INPUTS + ", masks of 120 x 160 as codes",
    (50, 500, 3000),
    name="coco_metrics, masks",
    pycocotools=(1, 1, 0.2),
    faster_coco_eval=(1, 1, 1),
)
def coco_masks(images: int) -> Case:
    return coco(images, "masks")


def coco(images: int, kind: str) -> Case:
    predictions, targets = data_set(images, CLASSES, DETECTIONS, kind)
    peers = {"pycocotools": evaluation(COCO, COCOeval, predictions, targets, kind)}
    with contextlib.suppress(ImportError):  # there only with the extra `bench`
        from faster_coco_eval import COCO as FasterCOCO
        from faster_coco_eval import COCOeval_faster

        peers["faster-coco-eval"] = evaluation(FasterCOCO, COCOeval_faster, predictions, targets, kind)
    ours = lambda: np.array(list(metrics.coco_metrics(predictions, targets, kind).values()))  # noqa: E731
    return Case(f"{images} images", images, ours, peers)


def evaluation(index: type, evaluator: type, predictions: list[dict], targets: list[dict], kind: str):
    """COCO's evaluation of what is loaded now, as a function without arguments: the twelve numbers."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = index()
        rows = [
            {**annotation, "id": number} for number, annotation in enumerate(annotations(targets, kind), 1)
        ]
        images = [{"id": i, "height": 120, "width": 160} for i in range(len(targets))]
        categories = [{"id": label} for label in range(1, CLASSES + 1)]
        truth.dataset = {"images": images, "annotations": rows, "categories": categories, "info": {}}
        truth.createIndex()
        found = truth.loadRes(list(annotations(predictions, kind)))

    def run() -> np.ndarray:
        with contextlib.redirect_stdout(io.StringIO()):
            evaluator_of = evaluator(truth, found, IOU_TYPES[kind])
            evaluator_of.evaluate()
            evaluator_of.accumulate()
            evaluator_of.summarize()
        return np.array(evaluator_of.stats[:12], dtype=float)

    return run


def annotations(images: list[dict], kind: str) -> Iterator[dict]:
    for image, objects in enumerate(images):
        for k, (label, box) in enumerate(
            zip(objects["labels"].tolist(), objects["boxes"].double(), strict=True)
        ):
            x, y, width, height = ops.box_convert(box, "xyxy", "xywh").tolist()
            annotation = {"image_id": image, "category_id": label}
            if kind == "boxes":
                annotation["bbox"] = [x, y, width, height]
            else:
                annotation["segmentation"] = objects["masks"][k]
            if "scores" in objects:
                annotation["score"] = objects["scores"][k].item()
            else:
                annotation |= {"iscrowd": 0, "area": objects["area"][k].item()}
            yield annotation


@row(GROUP, "a list of which half is right; the peer is a plain loop", (100, 1000, 10000))
def average_precision(n: int) -> Case:
    right = (torch.rand(n, generator=chance(0)) < 0.5).tolist()

    def loop() -> float:
        found, best, curve = 0, 0.0, []
        for place, hit in enumerate(right, 1):
            found += hit
            curve.append((found / n, found / place))
        precisions, at = [], len(curve)
        for recall in np.linspace(0, 1, 101)[::-1]:
            while at and curve[at - 1][0] >= recall:
                at -= 1
                best = max(best, curve[at][1])
            precisions.append(best)
        return sum(precisions) / 101

    return Case(f"{n}", n, partial(average_precision_of, right, n), {"plain loop": loop})


@row(GROUP, "maps of 21 classes", (64, 256, 1024), name="confusion_matrix")
def confusion(side: int) -> Case:
    a, b = torch.randint(0, 21, (2, side, side), generator=chance(0))
    peers = {"scikit-image": lambda: skimage.metrics.contingency_table(b.numpy(), a.numpy()).toarray()}
    return Case(f"{side}²", side**2, partial(metrics.confusion_matrix, a, b, 21), peers)


@row(GROUP, "a disc and one a little smaller, tolerance 2; the peer dilates with a disc", (64, 256, 1024))
def boundary_f(side: int) -> Case:
    y, x = torch.arange(side)[:, None] - side / 2, torch.arange(side) - side / 2
    maps = [(x**2 + y**2 < radius**2).long() for radius in (side / 3, side / 3 - 3)]
    return Case(
        f"{side}²", side**2, partial(metrics.boundary_f, *maps, 2, 2.0), {"SciPy": partial(dilated_f, *maps)}
    )


def dilated_f(prediction: Tensor, target: Tensor) -> np.ndarray:
    reach = np.hypot(*np.mgrid[-2:3, -2:3]) <= 2
    scores = []
    for label in range(2):
        edges = [
            (map == label) & ~scipy.ndimage.binary_erosion(map == label, border_value=1)
            for map in (prediction.numpy(), target.numpy())
        ]
        near = [scipy.ndimage.binary_dilation(edge, reach) for edge in edges]
        precision, recall = near[1][edges[0]].mean(), near[0][edges[1]].mean()
        scores.append(2 * precision * recall / max(precision + recall, 1e-300))
    return np.array(scores)


@row(
    GROUP, "clips of 30 frames, objects that drift, some boxes missed; HOTA, CLEAR MOT and IDF1", (4, 16, 64)
)
def tracking_counts(objects: int) -> Case:
    random = np.random.default_rng(0)
    corner, speed = random.uniform(0, 400, (objects, 2)), random.normal(0, 2, (objects, 2))
    targets, predictions = [], []
    for t in range(30):
        boxes = np.concatenate([corner + t * speed, corner + t * speed + 40], 1)
        seen = random.random(objects) < 0.9
        targets.append({"boxes": boxes, "tracks": np.arange(objects)})
        found = boxes[seen] + random.normal(0, 2, (seen.sum(), 4))
        predictions.append({"boxes": found, "tracks": np.flatnonzero(seen) + objects * (t > 15)})
    ours = partial(our_scores, predictions, targets)
    peers = {"TrackEval": partial(trackeval_scores, predictions, targets)}
    return Case(f"{objects} objects", objects, ours, peers)


def our_scores(predictions: list[dict], targets: list[dict]) -> np.ndarray:
    scores = metrics.tracking_scores([metrics.tracking_counts(predictions, targets)])
    return np.array([scores[name] for name in ("HOTA", "AssA", "MOTA", "IDF1")])


def trackeval_scores(predictions: list[dict], targets: list[dict]) -> np.ndarray:
    with contextlib.redirect_stdout(io.StringIO()):
        from trackeval import metrics as peers
    clip = read_frames(predictions, targets)
    objects, tracks, ious = (list(parts) for parts in zip(*clip.frames, strict=True))
    data = {"num_timesteps": len(objects), "num_gt_ids": clip.objects, "num_tracker_ids": clip.tracks}
    data |= {"num_gt_dets": sum(map(len, objects)), "num_tracker_dets": sum(map(len, tracks))}
    data |= {"gt_ids": objects, "tracker_ids": tracks, "similarity_scores": ious}
    quiet = {"PRINT_CONFIG": False}
    hota, clear, identity = (
        metric.eval_sequence(data) for metric in (peers.HOTA(), peers.CLEAR(quiet), peers.Identity(quiet))
    )
    return np.array([hota["HOTA"].mean(), hota["AssA"].mean(), clear["MOTA"], identity["IDF1"]])


@row(GROUP, "maps of 20 objects of 10 classes; the peer is a loop over pairs of segments", (64, 192))
def panoptic_scores(side: int) -> Case:
    maps = []
    for seed in (0, 1):
        numbers = torch.randint(0, 20, (4, 5), generator=chance(seed))
        numbers = numbers.repeat_interleave(side // 4, 0).repeat_interleave(side // 5, 1)
        maps.append({"semantic": numbers % 10, "instances": numbers})
    maps[0]["semantic"] = maps[1]["semantic"].roll(2, 0)
    maps[0]["instances"] = maps[1]["instances"].roll(2, 0)

    def theirs() -> float:
        matched, total, counts = torch.zeros(10), torch.zeros(10), torch.zeros(10)
        found, truth = (each["instances"].unique().tolist() for each in maps)
        for p in found:
            counts[p % 10] += 0.5
            for t in truth:
                a, b = maps[0]["instances"] == p, maps[1]["instances"] == t
                share = ((a & b).sum() / (a | b).sum()).item()
                if p % 10 == t % 10 and share > 0.5:
                    matched[p % 10] += 1
                    total[p % 10] += share
        for t in truth:
            counts[t % 10] += 0.5
        present = counts > 0
        return (total[present] / counts[present]).mean().item()

    ours = lambda: metrics.panoptic_scores(maps[:1], maps[1:], 10)["pq"]  # noqa: E731
    return Case(f"{side}²", side**2, ours, {"plain loop": theirs})
