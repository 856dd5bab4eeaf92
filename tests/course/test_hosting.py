"""The files for containers, Binder, Colab and JupyterHub: they can be read, and what they name is there."""

import json
import os
import re
import runpy
import shlex
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from traitlets.config.loader import PyFileConfigLoader

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FILES = ("Dockerfile", "binder/postBuild", "jupyterhub/colab.py", ".devcontainer/devcontainer.json")
NEEDED = {Requirement(line).name: Requirement(line).specifier for line in PROJECT["dependencies"]}


@pytest.mark.parametrize("name", FILES)
def test_the_extras_that_a_file_installs_exist(name):
    named = re.findall(r"[./e]\[([a-z,]+)\]", (ROOT / name).read_text(encoding="utf-8"))
    assert named
    assert {extra for extras in named for extra in extras.split(",")} <= PROJECT[
        "optional-dependencies"
    ].keys()


def test_the_docker_file_asks_for_the_same_torch_and_a_python_that_the_project_takes():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for name in ("torch", "torchvision"):
        (asked,) = re.findall(rf'"({name}>=[^"]+)"', text)
        assert Requirement(asked).specifier == NEEDED[name]
    (python,) = re.findall(r"python:(\d+\.\d+)-slim", text)
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{python}.0")
    words = [
        line.split(maxsplit=1)[0] for line in re.sub(r"\\\n", "", text).splitlines() if line[:1].isupper()
    ]
    assert set(words) <= {"ARG", "FROM", "ENV", "RUN", "WORKDIR", "COPY", "USER", "EXPOSE", "CMD"}
    assert json.loads(text.split("\nCMD ")[1])[:4] == ["python", "-m", "classroom", "lab"]


@pytest.mark.parametrize("index", ["", "file:///wheels"])
def test_torch_comes_from_the_index_that_is_given(index):
    (line,) = re.findall(
        r"^RUN pip install (\$\{TORCH_INDEX.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE
    )
    said = subprocess.run(
        ["sh", "-c", f"echo {line}"], env={"TORCH_INDEX": index}, capture_output=True, text=True
    )
    wanted = ["--index-url", index] if index else []
    assert shlex.split(said.stdout) == [*wanted, "torch>=2.4", "torchvision>=0.19"]


def test_the_dev_container_builds_the_docker_file():
    folder = ROOT / ".devcontainer"
    settings = json.loads((folder / "devcontainer.json").read_text(encoding="utf-8"))
    docker = (folder / settings["build"]["dockerfile"]).resolve()
    assert docker == ROOT / "Dockerfile" and (folder / settings["build"]["context"]).resolve() == ROOT
    text = docker.read_text(encoding="utf-8")
    assert all(f"ARG {name}=" in text for name in settings["build"]["args"])
    assert f" {settings['remoteUser']}\n" in text


def test_binder_asks_for_the_same_torch():
    environment = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))
    asked = {
        name: SpecifierSet(f">={v}")
        for name, _, v in (d.partition(">=") for d in environment["dependencies"])
        if v
    }
    assert asked == {"pytorch-cpu": NEEDED["torch"], "torchvision": NEEDED["torchvision"]}
    for name in ("postBuild", "start"):
        path = ROOT / "binder" / name
        assert os.access(path, os.X_OK)
        subprocess.run(["bash", "-n", str(path)], check=True)


def test_the_cell_for_colab_does_nothing_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "run", lambda *words, **_: pytest.fail(f"ran {words}"))
    runpy.run_path(str(ROOT / "jupyterhub" / "colab.py"))
    assert not list(tmp_path.iterdir())


def test_a_student_of_the_hub_gets_copies_once(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_STATE", str(tmp_path))
    monkeypatch.setenv("COURSE_TRIAL", "a password")
    config = PyFileConfigLoader("jupyterhub_config.py", path=str(ROOT / "jupyterhub")).load_config()
    assert config.Spawner.environment["COURSEKIT_SHARED_CACHE"] == str(tmp_path / "cache")
    assert config.JupyterHub.bind_url.startswith("http://127.0.0.1:")
    home, said = tmp_path / "homes" / "ada", []
    student = SimpleNamespace(
        user=SimpleNamespace(name="ada"), home_dir=home, log=SimpleNamespace(info=said.append)
    )
    config.Spawner.pre_spawn_hook(student)
    lab = home / "my_labs" / "01_localisation.ipynb"
    assert (home / config.Spawner.default_url.removeprefix("/lab/tree/")) == lab and lab.is_file()
    lab.write_text(lab.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    before = lab.read_bytes()
    config.Spawner.pre_spawn_hook(student)
    assert lab.read_bytes() == before and not said
