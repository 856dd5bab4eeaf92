"""Clips for multi-object tracking: objects that slide over the table before a moving camera."""

from dataclasses import dataclass, replace

import numpy as np
from layout import Item, posed
from motion import ROLE_CHANCES, ROLES, Journey, Slide, journey, moved, slide
from scene import Scene, light, room_panels, surroundings
from shapes import CLASSES, TRAINING, UNSEEN, VALIDATION
from splits import ATTEMPTS, Split
from staging import Body, apart, body, eventful, seen

CLIPS = {
    split.name: split
    for split in (
        Split("train", 2, TRAINING, False, 9_100_000),
        Split("val", 8, VALIDATION, False, 9_200_000),
        Split("test", 12, UNSEEN, False, 9_300_000, unseen=True),
    )
}
FRAMES = 24
COUNTS = (0.15, 0.3, 0.35, 0.2)  # of 3, 4, 5, 6 objects; the more there are, the more often an attempt fails
TWINS = 0.6  # of the clips have two objects of a class
RETURNS = 0.7  # of the clips must show an object that leaves the picture and comes back
MOVEMENTS = 60  # tried with the same objects
WAYS = 10  # tried for an object
LANES = 0.8  # of the objects' widths, the distances of the lanes on which they move


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


def plan(split: Split, number: int) -> Plan:
    """The clip of that number: the first attempt in which everything happens."""
    for attempt in range(ATTEMPTS):
        clip = attempted(split, split.seed(number, attempt))
        if clip is not None:
            return clip
    raise RuntimeError(
        f"clip {number} of {split.name} failed {ATTEMPTS} times: the rules of motion are too strict"
    )


def attempted(split: Split, seed: int) -> Plan | None:
    """The clip of a seed, or None where nothing worth showing happens."""
    random = np.random.default_rng(seed)
    returns = random.random() < RETURNS
    items = chosen(random, split.identities)
    moves = movements(random, [body(item) for item in items], returns)
    if moves is None:
        return None
    ways, camera = moves
    return Plan(seed, items, ways, camera, room(random, seed, items, ways, camera, split.unseen))


def chosen(random: np.random.Generator, identities) -> list[Item]:
    """Three to six objects, perhaps two of the same class."""
    count = 3 + int(random.choice(len(COUNTS), p=COUNTS))
    names = [str(name) for name in random.choice(CLASSES, count, replace=False)]
    if random.random() < TWINS:
        names[1] = names[0]
    return [posed(random, name, int(random.choice(identities))) for name in names]


def movements(random, bodies: list[Body], returns: bool) -> tuple[list[Slide], Journey] | None:
    """Ways of the objects and of the camera in which nothing collides and something is hidden for a while."""
    for _ in range(MOVEMENTS):
        camera, half = journey(random)
        ways = arranged(random, bodies, returns, camera, half)
        if ways is not None and eventful(*seen(bodies, ways, camera, np.linspace(0, 1, FRAMES)), returns):
            return ways, camera
    return None


def arranged(random, bodies: list[Body], returns: bool, camera: Journey, half: float) -> list[Slide] | None:
    """Ways of the objects, one lane behind another, or None where they collide."""
    right = np.cross(camera.camera.target - camera.camera.position, [0, 0, 1])[:2]
    right = right / np.linalg.norm(right)
    order, lanes = random.permutation(len(bodies)), np.zeros(len(bodies))
    reach = np.array([body.reach for body in bodies])[order]
    depth = np.cumsum(reach) - reach / 2
    lanes[order] = LANES * 2 * (depth - depth.mean())
    roles = cast(random, order, returns)
    times, ways = np.linspace(0, 1, 2 * FRAMES - 1), list[Slide]()
    for _ in range(WAYS * len(bodies)):
        k = len(ways)
        if k == len(bodies):
            return ways
        way = slide(random, right, half, lanes[k], roles[k])
        if all(apart(bodies[k], way, bodies[j], ways[j], times) for j in range(k)):
            ways.append(way)
    return ways if len(ways) == len(bodies) else None


def cast(random: np.random.Generator, order: np.ndarray, returns: bool) -> list[str]:
    """The objects' roles: one crosses in front of the next one, and perhaps another one leaves and returns."""
    roles = random.choice(ROLES, len(order), p=ROLE_CHANCES)
    front = int(random.integers(len(order) - 1))
    hidden = random.choice(["stays", "wanders", "crosses"])
    roles[order[front]], roles[order[front + 1]] = "crosses", hidden
    if returns:
        roles[random.choice(np.delete(order, [front, front + 1]))] = "leaves"
    return [str(role) for role in roles]


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
