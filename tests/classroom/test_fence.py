"""Hostile notebooks are contained, each is reported, and the next student's is judged as if nothing had happened."""

import io
import json
import os
import shutil
import socket
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from hostile_answers import ABOVE, REFUSED, STOPPED

from classroom.grading import fence as fencing
from classroom.grading.fence import Fence
from classroom.grading.judging import judge_exercise, judge_notebook
from classroom.grading.submissions import LARGEST, find_submissions, read

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="there is no bubblewrap on this machine"),
]
RIGHT = "from coursekit import ops\n\ndef box_iou(boxes1, boxes2):\n    return ops.box_iou(boxes1, boxes2)"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with another submission and secret cases, and a server on this machine that counts connections."""
    folder = tmp_path_factory.mktemp("submissions")
    (folder / "canary").write_text("another student's answer")
    (folder / "secret.py").write_text("CASES = {}")
    server, unnamed = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)
    unnamed.bind(f"\0{folder.name}")
    unnamed.listen()
    server.setblocking(False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTURERS_SECRET", "1")
        yield folder, server
    server.close()
    unnamed.close()


@pytest.fixture(scope="module")
def fence(place):
    running = Fence(["box_iou"])
    yield running
    running.close()


def attack(fence, place, body):
    folder, server = place
    words = {"CANARY": folder / "canary", "SECRET": folder / "secret.py", "HOME": Path.home() / ".config"}
    words |= {"PORT": server.getsockname()[1], "NAME": folder.name}
    for word, value in words.items():
        body = body.replace(word, str(value))
    code = (
        ABOVE
        + "\n\ndef box_iou(boxes1, boxes2):\n"
        + "\n".join(f"    {line}" for line in body.strip().splitlines())
    )
    request = {"cells": [code], "notebook": "hostile", "exercise": "box_iou", "others": [], "seconds": 1}
    return judge_exercise(fence, request, ())


@pytest.mark.parametrize("name", [*STOPPED, *REFUSED])
def test_an_attack_is_contained_and_reported(fence, place, name):
    row = attack(fence, place, (STOPPED | REFUSED)[name])
    assert row["verdict"] in ("wrong", "stopped") and row["said"].startswith("❌"), row
    assert row["passed"] < row["cases"] and "out of the fence" not in row["said"]
    folder, server = place
    assert sorted(path.name for path in folder.iterdir()) == ["canary", "secret.py"]
    assert (folder / "canary").read_text() == "another student's answer"
    with pytest.raises(BlockingIOError):
        server.accept()


def test_after_all_of_them_a_right_answer_is_right(fence):
    (row,) = judge_notebook(fence, [RIGHT], ["box_iou"], {})
    assert row["verdict"] == "right"


def test_an_exercise_that_is_missing_makes_no_other_one_wrong(fence):
    """As in the notebook, where the reference takes the place of what is not solved."""
    cell = (
        "from torch import Tensor\n\n"
        "def mean_iou(predicted: Tensor, target: Tensor) -> Tensor:\n"
        "    return box_iou(predicted, target).diagonal().mean().item()"
    )
    missing, right = judge_notebook(fence, [cell], ["box_iou", "mean_iou"], {})
    assert missing["verdict"] == "missing" and right["verdict"] == "right"


def test_nothing_stays_for_the_next_student(fence):
    spy = "import os\n\ndef box_iou(boxes1, boxes2):\n    return ' '.join(sorted(os.listdir('/tmp')))"
    leave = spy.replace(
        "return", "open('/tmp/for_you', 'w').write('x')\n    os.symlink('/', '/tmp/link')\n    return"
    )
    request = {"notebook": "a", "exercise": "box_iou", "others": [], "seconds": 5}
    for source in (leave, spy):
        row = judge_exercise(fence, request | {"cells": [source]}, ())
    assert "'matplotlib'" in row["said"]


def test_without_a_fence_the_time_is_limited_all_the_same(place):
    bare = Fence(["box_iou"], fenced=False)
    try:
        row = attack(bare, place, STOPPED["an endless loop"])
    finally:
        bare.close()
    assert row["verdict"] == "wrong" and "is there a loop that never ends?" in row["said"]


def test_a_fence_that_does_not_start_is_one_sentence(monkeypatch):
    monkeypatch.setattr(fencing, "wall", lambda: ["bwrap", "--no-such-option"])
    with pytest.raises(fencing.FenceError, match="The fence does not start: .*no-such-option.*--no-fence"):
        Fence(["box_iou"]).start()


def test_files_that_are_no_notebooks_are_reported(tmp_path):
    """200 MB, a bomb of brackets, a zip file that unpacks to 300 MB, and one that is damaged."""
    with open(tmp_path / "large.ipynb", "wb") as file:
        os.truncate(file.fileno(), 2 * LARGEST)
    (tmp_path / "deep.ipynb").write_text('{"cells": ' + "[" * 100_000)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("01.ipynb", bytes(3 * LARGEST))
    (tmp_path / "damaged.zip").write_bytes(b"PK\3\4nonsense")
    found = {s.student.name: s.trouble for s in find_submissions(tmp_path, ["01"])}
    assert "has 200 MB" in found["large"] and "has 300 MB" in found["bomb"]
    assert "RecursionError" in found["deep"] and "cannot be read" in found["damaged"]


def test_python_that_is_a_bomb_is_stopped_inside(fence):
    for source in ("(" * 5000, "x = " + "-" * 200_000 + "1", "\0", "def box_iou(a, b):\n" + " if a:\n" * 200):
        cells = [source, RIGHT]
        rows = judge_notebook(fence, cells, ["box_iou"], {}, seconds=3)
        assert rows[0]["verdict"] in ("right", "stopped", "not Python")
        assert read(
            PurePosixPath("a.ipynb"),
            json.dumps({"cells": [{"cell_type": "code", "source": source}]}).encode(),
            ["01"],
        ).sources == (source,)


def test_a_zip_in_a_zip_is_read(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("lab 01.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": [RIGHT]}]}))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("Ada_7_assignsubmission_file/ada.zip", inner.getvalue())
    (found,) = find_submissions(tmp_path / "all.zip", ["01", "03"])
    assert (found.student.name, found.student.number, found.lab, found.sources) == (
        "Ada",
        "7",
        "01",
        (RIGHT,),
    )
