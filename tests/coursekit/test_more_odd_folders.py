"""More folders of many kinds: each is read, or refused in one sentence that names the file."""

import pytest
from odd_layouts import LAYOUTS, REFUSED_LAYOUTS
from odd_values import ODD_VALUES, REFUSED_VALUES

from coursekit.data.coco_folder import checked_folder

READ, REFUSED = LAYOUTS | ODD_VALUES, REFUSED_LAYOUTS | REFUSED_VALUES


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path_factory.getbasetemp() / "odd"))


@pytest.mark.parametrize("name", READ)
def test_it_is_read(tmp_path, name):
    build, said = READ[name]
    build(tmp_path / "odd")
    dataset = checked_folder(tmp_path / "odd", "train")
    assert any(said in note for note in dataset.notes), dataset.notes
    items = [dataset[i] for i in range(len(dataset))]
    assert all(image.shape == (3, 30, 40) and len(target["boxes"]) <= 2 for image, target in items)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(tmp_path, name):
    build, said = REFUSED[name]
    build(tmp_path / "odd")
    with pytest.raises((ValueError, OSError)) as caught:
        checked_folder(tmp_path / "odd", "train", masks=True)
    assert said in str(caught.value), str(caught.value)
    assert str(tmp_path / "odd") in str(caught.value)
