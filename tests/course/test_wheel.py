"""What people outside get: a wheel that works in an empty folder, with the shipped weights inside."""

import os
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "data" / "checkpoints"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built without a network, and without leaving anything in the repository's build/."""
    folder = tmp_path_factory.mktemp("wheel")
    settings = folder / "setup.cfg"
    settings.write_text(f"[build]\nbuild_base = {folder / 'build'}\n[egg_info]\negg_base = {folder}\n")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "."]
    environment = {**os.environ, "DIST_EXTRA_CONFIG": str(settings)}
    subprocess.run([*command, "--wheel-dir", folder], cwd=ROOT, env=environment, check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed, folder, *arguments):
    """Run Python in another folder, with the unpacked wheel before everything that is installed here."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COURSEKIT")}
    environment |= {"PYTHONPATH": str(installed), "MPLBACKEND": "Agg"}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_carries_both_packages_whole(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = [path for package in ("coursekit", "classroom") for path in (ROOT / package).rglob("*")]
    needed = {
        path.relative_to(ROOT).as_posix()
        for path in sources
        if path.suffix in (".py", ".js", ".css", ".jinja2", ".typed")
    }
    assert needed - names == set()
    assert {name for name in names if name.endswith(".py")} - needed == set()


def test_it_carries_every_shipped_weight_and_the_licences(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    weights = {f"coursekit/shipped_data/checkpoints/{path.name}" for path in SHIPPED.glob("*.safetensors")}
    assert weights and weights <= names
    assert "coursekit/shipped_data/checkpoints/scores.json" in names
    licences = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "license-files"
    ]
    assert {name.partition(".dist-info/licenses/")[2] for name in names} >= set(licences)


def test_it_is_small_enough_to_send(wheel):
    assert wheel.stat().st_size < 32e6


def test_the_weights_are_found_outside_of_a_clone(installed, tmp_path):
    code = """
import coursekit
from coursekit.data import photo, photo_target
from coursekit.models import RetinaNet, yolox_nano

print(coursekit.__file__)
print(type(coursekit.shipped("retinanet")) is RetinaNet, coursekit.SHIPPED["retinanet"].scores["test_scenes"]["AP"][0] > 0.5)
print(yolox_nano().detect([photo("coffee")])[0]["labels"].tolist(), photo_target("coffee")["labels"].tolist())
"""
    where, trained, labels = run(installed, tmp_path, "-c", code).splitlines()
    assert Path(where).is_relative_to(installed)
    assert trained == "True True"
    assert labels == "[42, 61] [42, 45, 81]"  # a cup and a table


def test_a_data_set_that_does_not_travel_is_missed_in_one_sentence(installed, tmp_path):
    code = """
from coursekit.data import still_life
try:
    still_life("train")
except FileNotFoundError as error:
    print(error)
"""
    (sentence,) = run(installed, tmp_path, "-c", code).splitlines()
    assert "'train' are not in" in sentence and "clone its repository and set COURSEKIT_DATA" in sentence


def test_its_commands_predict(installed, tmp_path):
    code = "from PIL import Image; Image.new('RGB', (64, 48)).save('grey.png')"
    run(installed, tmp_path, "-c", code)
    weights = installed / "coursekit" / "shipped_data" / "checkpoints" / "retinanet.safetensors"
    said = run(installed, tmp_path, "-m", "coursekit", "predict", "grey.png", "--weights", weights)
    assert "drawn in grey_found.webp" in said
    assert (tmp_path / "grey_found.webp").is_file()


def test_it_asks_for_what_the_project_asks_for(wheel):
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = Parser().parsestr(archive.read(name).decode())
    assert metadata["License-Expression"] == "BSD-3-Clause AND CC-BY-4.0 AND Apache-2.0"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plain = [line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line]
    assert len(plain) == len(project["dependencies"])
