"""DeconvNet and U-Net beyond the contract: their parts can be replaced, and their skips and switches do what is said."""

import pytest
import torch
import torch.nn.functional as F
from made_up_segmenters import FakeBackbone, batch_of, scene, segmenter

from coursekit.models.deconvnet import DeconvNet, pool_with_switches, unpool, unpool_to_corners
from coursekit.models.unet import UNet, join_skip
from coursekit.nets.convolution import TransposedConv2d

SKIPS = ("concatenate", "add", "none")


def theirs(input, weight, stride, padding):
    return F.conv_transpose2d(input, weight, None, stride, padding)


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [(2, 2, 0), (3, 1, 1), (4, 2, 1), (3, 2, 0), (8, 4, 2)]
)
def test_the_module_is_torchs_and_keeps_the_variance(kernel, stride, padding):
    torch.manual_seed(0)
    module = TransposedConv2d(64, 48, kernel, stride, padding)
    witness = torch.nn.ConvTranspose2d(64, 48, kernel, stride, padding, bias=False)
    witness.load_state_dict(module.state_dict())
    x = noise(2, 64, 9, 12)
    torch.testing.assert_close(module(x), witness(x), rtol=1e-4, atol=1e-5)
    assert 0.8 < module(x)[:, :, 4:-4, 4:-4].var() < 1.2


@pytest.mark.parametrize(
    ("model", "options"),
    [(UNet, {"up": theirs}), (DeconvNet, {"deconv": theirs})],
    ids=["UNet", "DeconvNet"],
)
def test_torchs_transposed_convolution_gives_the_same_scores(model, options):
    usual = segmenter(model.__name__).eval()
    other = model(3, backbone=usual.backbone, **options).eval()
    other.load_state_dict(usual.state_dict())
    images = [scene(0)[0], scene(1)[0]]
    torch.testing.assert_close(usual.outputs(images), other.outputs(images), rtol=1e-4, atol=1e-4)


def test_torchs_pooling_and_unpooling_give_the_same_scores():
    usual = segmenter("DeconvNet").eval()
    parts = {
        "pool": lambda x: F.max_pool2d(x, 2, return_indices=True),
        "unpool": lambda x, switches, size: F.max_unpool2d(x, switches, 2, output_size=size),
    }
    other = DeconvNet(3, backbone=usual.backbone, **parts).eval()
    other.load_state_dict(usual.state_dict())
    assert torch.equal(usual.outputs([scene(0)[0]]), other.outputs([scene(0)[0]]))


@pytest.mark.parametrize("skips", SKIPS)
def test_every_kind_of_skip_trains_all_its_weights(skips):
    torch.manual_seed(0)
    model = UNet(3, FakeBackbone(), skips=skips).train()
    images, targets = batch_of(scene(0), scene(1))
    model(images, targets)["semantic"].backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters() if p.requires_grad)


@pytest.mark.parametrize("skips", SKIPS)
@pytest.mark.parametrize("level", ["C2", "C3", "C4"])
def test_only_skips_see_the_fine_maps(skips, level):
    torch.manual_seed(0)
    model = UNet(3, skips=skips).eval()
    maps = {k: noise(c, 96 // s, 64 // s) for k, c, s in (("C2", 24, 4), ("C3", 40, 8), ("C4", 112, 16))}
    maps["C5"] = noise(320, 3, 2)
    changed = maps | {level: maps[level] + 1}
    same = torch.equal(model.outputs([maps]), model.outputs([changed]))
    assert same == (skips == "none")


def test_a_students_join_is_used_where_it_is_asked_for():
    calls = []

    def join(coarse, skip):
        calls.append((coarse.shape[2:], skip.shape[2:]))
        return join_skip(coarse, skip)

    for skips, count in (("concatenate", 3), ("add", 0), ("none", 0)):
        calls.clear()
        UNet(3, FakeBackbone(), skips=skips, join=join).eval()([scene(0)[0]])
        assert len(calls) == count and all(a == b for a, b in calls)


def test_other_skips_are_refused_in_words():
    with pytest.raises(ValueError, match="skips is 'multiply': use 'concatenate', 'add' or 'none'"):
        UNet(3, skips="multiply")


def test_unpooling_is_torchs_and_only_moves_values():
    x = noise(2, 3, 6, 8)
    pooled, switches = pool_with_switches(x)
    back = unpool(pooled, switches, (6, 8))
    assert torch.equal(back, F.max_unpool2d(pooled, switches, 2))
    assert (back != 0).sum() == pooled.numel()
    torch.testing.assert_close(back.sum((2, 3)), pooled.sum((2, 3)))
    assert torch.equal(F.max_pool2d(back.abs(), 2), pooled.abs())
    corners = unpool_to_corners(pooled, switches, (6, 8))
    assert torch.equal(corners[:, :, ::2, ::2], pooled) and corners[:, :, 1::2].abs().sum() == 0


def test_switches_alone_carry_the_fine_maps_into_deconvnet():
    """A shift of a fine map changes no switch; a mirrored one does. Without switches nothing of it is seen."""
    torch.manual_seed(0)
    maps = {k: noise(c, 96 // s, 64 // s) for k, c, s in (("C2", 24, 4), ("C3", 40, 8), ("C4", 112, 16))}
    maps["C5"] = noise(320, 3, 2)
    brighter, mirrored = maps | {"C2": maps["C2"] + 1}, maps | {"C2": maps["C2"].flip(-1)}
    model = DeconvNet(3).eval()
    scores = model.outputs([maps])
    torch.testing.assert_close(model.outputs([brighter]), scores)
    assert not torch.allclose(model.outputs([mirrored]), scores, atol=1e-3)
    model.unpool = unpool_to_corners
    assert torch.equal(model.outputs([mirrored]), model.outputs([maps]))
