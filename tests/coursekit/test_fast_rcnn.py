"""Fast R-CNN: it is the second stage of Faster R-CNN, given the same proposals, and says what it lacks."""

import pytest
import torch
from small_two_stage import CHANNELS_OF_PYRAMID, CLASSES, HIDDEN, SIZE, TRUTH, maps_of, ours

from coursekit import ops
from coursekit.models.fast_rcnn import BINS, FastRCNN
from coursekit.training import fit, predict


def second_stage(two_stage, **options):
    """A Fast R-CNN with the weights of a Faster R-CNN."""
    model = FastRCNN(CLASSES, None, CHANNELS_OF_PYRAMID, HIDDEN, pool=two_stage.pool, **options)
    weights = {name: value for name, value in two_stage.state_dict().items() if "proposer" not in name}
    model.load_state_dict(weights)
    return model.eval()


def with_proposals(batch, proposals):
    return [maps | {"proposals": boxes} for maps, boxes in zip(batch, proposals, strict=True)]


def test_same_proposals_same_detections():
    whole, batch = ours(), maps_of()
    fast = second_stage(whole)
    with torch.no_grad():
        inputs = with_proposals(batch, whole.propose(whole.outputs(batch), batch))
        for a, b in zip(whole(batch), fast(inputs), strict=True):
            assert len(a["boxes"])
            for key in ("boxes", "labels", "scores"):
                torch.testing.assert_close(a[key], b[key])


def test_same_proposals_same_losses():
    whole, batch = ours(), maps_of()
    fast = second_stage(whole)
    with torch.no_grad():
        inputs = with_proposals(batch, whole.propose(whole.outputs(batch), batch))
        torch.manual_seed(5)
        outputs = whole.outputs(batch)
        regions = [whole.regions(*pair) for pair in zip(whole.propose(outputs, batch), TRUTH, strict=True)]
        expected = whole.region_losses(outputs.pyramid, regions, TRUTH)
        torch.manual_seed(5)
        assert fast.losses(inputs, TRUTH) == expected


def test_it_pools_with_the_paper_s_operator_from_every_image():
    asked = []

    def pool(input, boxes, bins, scale):
        asked.append((tuple(input.shape), [len(each) for each in boxes], bins, scale))
        return ops.roi_pool(input, boxes, bins, scale)

    assert FastRCNN(CLASSES).pool is ops.roi_pool
    model = FastRCNN(CLASSES, None, CHANNELS_OF_PYRAMID, HIDDEN, pool=pool).eval()
    boxes = [torch.tensor([[0.0, 0, 40, 40]]), torch.tensor([[8.0, 8, 60, 50], [0, 0, 128, 96]])]
    with torch.no_grad():
        found = model(with_proposals(maps_of(), boxes))
    assert asked == [((2, CHANNELS_OF_PYRAMID, SIZE[0] // 8, SIZE[1] // 8), [1, 2], BINS, 1 / 8)]
    assert len(found) == 2 and "proposer" not in dict(model.named_children())


def test_no_proposals_no_detections_and_finite_losses():
    model = FastRCNN(CLASSES, None, CHANNELS_OF_PYRAMID, HIDDEN).eval()
    inputs = with_proposals(maps_of(), [torch.zeros(0, 4)] * 2)
    with torch.no_grad():
        assert [len(found["boxes"]) for found in model(inputs)] == [0, 0]
    losses = model.train()(inputs, TRUTH)  # the true boxes are trained on in any case
    assert set(losses) == {"class", "box"} and all(loss.isfinite() for loss in losses.values())


def test_an_image_without_its_proposals_in_words():
    model = FastRCNN(CLASSES, None, CHANNELS_OF_PYRAMID, HIDDEN).eval()
    first, second = maps_of()
    with pytest.raises(ValueError, match="features of image 1 are C3, C4, C5: .* and proposals are needed"):
        model([first | {"proposals": torch.zeros(0, 4)}, second])
    with pytest.raises(ValueError, match="has no backbone"):
        model([torch.rand(3, *SIZE)])


def test_proposals_do_not_change_the_size_of_an_image():
    maps = maps_of(1)[0]
    model, proposals = FastRCNN(CLASSES), {"proposals": torch.zeros(7, 4)}
    assert model.image_size(maps | proposals) == model.image_size(maps) == SIZE


def test_it_trains_and_predicts_with_the_usual_functions():
    boxes = [target["boxes"] + 3 for target in TRUTH]
    dataset = list(zip(with_proposals(maps_of(), boxes), TRUTH, strict=True))
    torch.manual_seed(0)
    model = FastRCNN(CLASSES, None, CHANNELS_OF_PYRAMID, HIDDEN)
    losses = [step.loss for step in fit(model, dataset, 60, batch_size=2, lr=5e-3)]
    assert losses[-1] < 0.3 * losses[0]
    for found, target in zip(predict(model, dataset), TRUTH, strict=True):
        best = found["scores"] > 0.5
        iou = ops.box_iou(target["boxes"], found["boxes"][best])
        assert (iou.amax(1) > 0.6).all()
        assert sorted(found["labels"][best].unique().tolist()) == sorted(target["labels"].tolist())


def test_the_first_weights_of_the_head_say_little_and_nothing_of_a_class():
    """A large first offset would move every region, a large first logit name a class before any is learnt."""
    torch.manual_seed(0)
    head = FastRCNN(CLASSES).region_head
    assert head.classes.weight.std().item() == pytest.approx(0.01, rel=0.1)
    assert head.offsets.weight.std().item() == pytest.approx(0.001, rel=0.1)
    assert not head.classes.bias.any() and not head.offsets.bias.any()
