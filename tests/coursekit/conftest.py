"""What the tests of the commands stand on: a COCO folder, an empty working folder, the file of a training."""

import pytest
from commanded import train
from shapes_folder import write_folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("coco") / "shapes")


@pytest.fixture
def here(tmp_path, tmp_path_factory, monkeypatch):
    """An empty working folder; the features of all these tests are kept together."""
    kept = tmp_path_factory.getbasetemp() / "features"
    monkeypatch.setenv("COURSEKIT_CACHE", str(kept))
    monkeypatch.delenv("COURSEKIT_STEPS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def whole(folder, tmp_path_factory):
    """The file of a training that nobody disturbed."""
    out = tmp_path_factory.mktemp("whole") / "w.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSEKIT_CACHE", str(tmp_path_factory.getbasetemp() / "features"))
        assert train(folder, out=str(out)) == 0
    return out
