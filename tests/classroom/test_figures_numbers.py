"""The numbers on the figures of the slides are those that were measured, or none."""

from pathlib import Path

import pytest
import torch

from classroom import figures
from classroom.deck.drawing import load
from coursekit.data.still_life import still_life

FIGURES = Path(__file__).parents[2] / "slides" / "figures"


def module(name: str):
    path = FIGURES / f"{name}.py"
    return load(path, path.read_bytes())


def test_a_score_that_was_not_measured_is_not_made_up():
    regression = module("regression")
    with pytest.raises(KeyError, match="run its recipe"):
        regression.scores_of("localiser-magic", "mean_iou")
    for mean, low, high in regression.scores_of("localiser-spatial", "mean_iou"):
        assert 0 < low < mean < high < 1


def test_the_terms_of_the_loss_by_hand_are_right():
    """What the slide writes for each term, worked out, is what `yolo_loss` gives."""
    from coursekit.models.yolo import yolo_loss

    yolo = module("yolo")
    terms = yolo_loss(*figures.grid.two_by_two())
    for name, words in yolo.TERMS.items():
        worked_out = eval(words.replace("²", "**2").replace("·", "*").replace("−", "-"))
        assert terms[name].item() == pytest.approx(worked_out, abs=1e-6), name
    assert yolo.TERMS.keys() == terms.keys()


def test_a_speed_that_was_not_measured_is_not_made_up(monkeypatch, tmp_path):
    trained = module("trained")
    monkeypatch.setattr(trained, "SPEEDS", tmp_path / "detectors.json")
    with pytest.raises(FileNotFoundError, match="run python bench/detectors.py"):
        trained.images_per_second({"yolo": "YOLO"})
    trained.SPEEDS.write_text('{"images_per_second": {"YOLO": 40.0}}')
    assert trained.images_per_second({"yolo": "YOLO"}) == {"yolo": 40.0}
    with pytest.raises(KeyError, match="has no 'SSD'"):
        trained.images_per_second({"ssd": "SSD"})


@pytest.mark.slow
@pytest.mark.parametrize("head", ["pooled", "spatial"])
def test_the_localisers_of_the_slides_have_the_published_scores(head):
    from coursekit.metrics import localisation_scores

    regression, dataset = module("regression"), still_life("single_test_objects")
    with torch.no_grad():
        found = [regression.localiser(head)([dataset[i][0]])[0] for i in range(len(dataset))]
    scores = localisation_scores(found, [dataset.target(i) for i in range(len(dataset))])
    for name in ("mean_iou", "accuracy", "both_right"):
        _, (published, _, _) = regression.scores_of(f"localiser-{head}", name)  # on unseen objects
        assert scores[name] == pytest.approx(published, abs=0.002)
