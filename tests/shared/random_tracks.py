"""Random clips with everything that can go wrong in tracking: jitter, misses, false alarms, exchanged and new identities."""

import numpy as np


def random_clip(seed: int) -> tuple[list[dict], list[dict]]:
    """Predictions and targets of a clip of up to 24 frames; some frames have no objects, some no predictions."""
    random = np.random.default_rng(seed)
    frames, objects = random.integers(2, 25), random.integers(1, 6)
    start, speed = random.uniform(0, 60, (objects, 2)), random.normal(0, 3, (objects, 2))
    size = random.uniform(10, 30, (objects, 2))
    names = random.permutation(50)[:objects] + 1  # of the tracks, at first
    predictions, targets = [], []
    for t in range(frames):
        corner = start + speed * t
        boxes = np.concatenate([corner, corner + size], 1)
        here = random.random(objects) < random.choice([0.9, 0.9, 0.0], p=[0.5, 0.45, 0.05])
        if random.random() < 0.15:  # two tracks exchange their objects, or one begins again
            names[random.integers(objects)] = random.integers(100, 150)
            names = random.permutation(names) if random.random() < 0.5 else names
        seen = here & (random.random(objects) < random.choice([0.85, 0.0], p=[0.93, 0.07]))
        found = boxes[seen] + random.normal(0, random.choice([0.5, 2.5]), (seen.sum(), 4))
        extra = random.uniform(0, 60, (random.poisson(0.5), 2))
        found = np.concatenate([found, np.concatenate([extra, extra + 15], 1)])
        tracks = np.concatenate([names[seen], 200 + random.permutation(9)[: len(extra)]])
        tracks, first = np.unique(tracks, return_index=True)
        predictions.append({"boxes": found[first], "tracks": tracks})
        targets.append({"boxes": boxes[here], "tracks": np.flatnonzero(here) + 5})
    return predictions, targets
