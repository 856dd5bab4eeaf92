"""The movements of the clips, without a renderer: ways, collisions, what hides what; and a shipped clip again."""

import json
from pathlib import Path

import numpy as np
import pytest

from coursekit.folders import data_folder

GENERATOR = Path(__file__).parents[2] / "data" / "generator"
AGAIN = "03"  # a clip that takes few attempts


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.syspath_prepend(str(GENERATOR))


def ball(radius):
    """Points all over a ball that rests on the table, as the tests for collisions see it."""
    from staging import Body, thinned

    points = np.random.default_rng(0).normal(size=(20_000, 3))
    points = radius * points / np.linalg.norm(points, axis=1, keepdims=True) + [0, 0, radius]
    return Body(thinned(points, 0.04), thinned(points * [1, 1, 0], 0.02), radius, clear=False)


def straight(start, end):
    from motion import Slide

    start, end = np.array(start, float), np.array(end, float)
    return Slide(start, (start + end) / 2, end)


def camera_along_y():
    """It looks along +y from far away, a little from above."""
    from camera import Camera
    from motion import Journey

    eye, target = np.array([0, -8.0, 1.0]), np.array([0, 0, 0.3])
    return Journey(Camera(eye, target, np.array([0, 0, 1.0]), 24.0), orbit=0.0, pan=0.0, dolly=0.0)


def test_a_slide_starts_and_ends_where_it_should():
    way = straight((-1, 0), (1, 2))
    for time, place in ((0, (-1, 0)), (0.5, (0, 1)), (1, (1, 2))):
        assert way.at(time)[0] == pytest.approx(place)
    way.back, way.turn = True, 0.5
    assert way.at(0)[0] == pytest.approx((-1, 0)) and way.at(1)[0] == pytest.approx((-1, 0))
    place, turn = way.at(0.5)
    assert place == pytest.approx((1, 2)) and turn == pytest.approx(0.5)


def test_a_bent_way_leaves_the_straight_line():
    way = straight((-1, 0), (1, 0))
    way.bend = np.array([0, 1.0])
    assert way.at(0.5)[0] == pytest.approx((0, 0.5))


def test_nothing_jumps():
    from motion import ROLES, journey, slide

    random = np.random.default_rng(1)
    for role in ROLES * 5:
        way, camera = slide(random, np.array([1.0, 0]), 1.4, 0.0, role), journey(random)[0]
        times = np.linspace(0, 1, 24)
        places = np.array([way.at(time)[0] for time in times])
        eyes = np.array([camera.at(time).position for time in times])
        assert np.linalg.norm(np.diff(places, axis=0), axis=1).max() < 0.6, role
        assert np.linalg.norm(np.diff(eyes, axis=0), axis=1).max() < 1.0
        assert eyes[:, 2].min() > 0.2, "above the table"
        if role == "leaves":
            assert np.abs(places[:, 0]).max() > 1.3 * 1.4 and places[-1] == pytest.approx(places[0])


def test_an_orbit_keeps_the_distance():
    journey = camera_along_y()
    journey.orbit = 1.0
    distances = [np.linalg.norm(journey.at(t).position - journey.at(t).target) for t in (0, 0.5, 1)]
    assert distances == pytest.approx([distances[0]] * 3)
    assert not np.allclose(journey.at(1).position, journey.at(0).position)


def test_balls_that_meet_are_not_apart():
    from staging import apart

    times, small = np.linspace(0, 1, 21), ball(0.3)
    rest = straight((0, 0), (0, 0))
    assert not apart(small, straight((-2, 0), (2, 0)), small, rest, times)
    assert not apart(small, straight((-2, 0.58), (2, 0.58)), small, rest, times)
    assert apart(small, straight((-2, 0.8), (2, 0.8)), small, rest, times)


def test_what_passes_in_front_hides():
    from staging import eventful, seen

    bodies = [ball(0.3), ball(0.5), ball(0.3)]
    ways = [straight((0, 1), (0, 1)), straight((-1, 0), (1, 0)), straight((1, 2), (1, 2))]
    shares, inside = seen(bodies, ways, camera_along_y(), np.linspace(0, 1, 24))
    assert shares[0, 0] == shares[-1, 0] == 1 and shares[12, 0] < 0.05
    assert (shares[:, 1] == 1).all() and inside[12] == pytest.approx(1)
    assert eventful(shares, inside, returns=False) and not eventful(shares, inside, returns=True)
    bodies[1].clear = True
    assert (seen(bodies, ways, camera_along_y(), np.linspace(0, 1, 24))[0][:, 0] == 1).all(), (
        "glass hides nothing"
    )


def test_what_leaves_returns():
    from staging import seen

    way = straight((1, 2), (4, 2))
    way.back = True
    _, inside = seen([ball(0.3)], [way], camera_along_y(), np.linspace(0, 1, 24))
    assert inside[0, 0] == inside[-1, 0] == 1 and inside[12, 0] == 0


def test_a_clip_must_show_an_occlusion_and_perhaps_a_return():
    from staging import eventful

    shares, inside = np.ones((2, 24, 3))
    assert not eventful(shares, inside, returns=False), "nothing is hidden"
    shares[10, 0] = 0
    assert not eventful(shares, inside, returns=False), "one frame is too short"
    shares[10:13, 0] = 0
    assert eventful(shares, inside, returns=False) and not eventful(shares, inside, returns=True)
    shares[15:, 2] = inside[15:, 2] = 0
    assert not eventful(shares, inside, returns=True), "it does not come back"
    shares[19:, 2] = inside[19:, 2] = 1
    assert eventful(shares, inside, returns=True)
    shares[17, 1] = 0
    assert not eventful(shares, inside, returns=True), "a single object can be seen"


def test_the_generator_gives_a_shipped_clip_again():
    """Ways and objects come from the seed; an object that nothing hides has the box of its silhouette."""
    from camera import silhouette
    from clips import CLIPS, attempted

    record = json.loads((data_folder() / "clips" / "val" / f"{AGAIN}.json").read_text(encoding="utf-8"))
    clip = attempted(CLIPS["val"], record["seed"])
    assert [item.identity for item in clip.items] == [track["identity"] for track in record["tracks"]]
    for frame in (0, 12, 23):
        scene = clip.scene(frame / 23)
        rows = [row for row in record["annotations"] if row["frame"] == frame and row["visibility"] > 0.94]
        assert rows
        for row in rows:
            mask = silhouette(scene.camera, scene.objects[row["track"] - 1].parts, record["size"])
            extent = [np.flatnonzero(mask.any(axis))[[0, -1]] for axis in (0, 1)]
            x, y, width, height = row["bbox"]
            expected = np.array([[x, x + width - 1], [y, y + height - 1]])
            assert np.abs(np.array(extent) - expected).max() <= 2
