"""The feature pyramid against torchvision's, with the same weights."""

import pytest
import torch
from torchvision.ops import FeaturePyramidNetwork

from coursekit.nets.fpn import FeaturePyramid, sum_of_levels

CHANNELS = {"C3": 8, "C4": 12, "C5": 20}
SIZES = {
    "multiples of 32": [(12, 16), (6, 8), (3, 4)],
    "65 x 97 pixels": [(9, 13), (5, 7), (3, 4)],
    "one cell": [(1, 1), (1, 1), (1, 1)],
}


def maps_of(sizes):
    torch.manual_seed(1)
    return {level: torch.randn(2, n, *size) for (level, n), size in zip(CHANNELS.items(), sizes, strict=True)}


def with_the_weights_of(ours):
    witness = FeaturePyramidNetwork(list(CHANNELS.values()), 16)
    rows = {"lateral": "inner_blocks", "output": "layer_blocks"}
    state = {}
    for name, value in ours.state_dict().items():
        part, level, kind = name.split(".")
        state[f"{rows[part]}.{list(CHANNELS).index(level)}.0.{kind}"] = value
    witness.load_state_dict(state)
    return witness


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
def test_values_and_gradients_equal_torchvision(sizes):
    torch.manual_seed(0)
    ours = FeaturePyramid(CHANNELS, 16)
    for parameter in ours.parameters():
        torch.nn.init.normal_(parameter)
    witness, maps = with_the_weights_of(ours), maps_of(sizes)
    found, expected = ours(maps), witness(maps)
    for level, there in zip(("P3", "P4", "P5"), expected.values(), strict=True):
        torch.testing.assert_close(found[level], there)
    sum((m**2).sum() for m in found.values()).backward()
    sum((m**2).sum() for m in expected.values()).backward()
    torch.testing.assert_close(ours.lateral["C5"].weight.grad, witness.inner_blocks[2][0].weight.grad)


def test_the_coarsest_map_reaches_every_level_and_the_finest_only_its_own():
    pyramid, maps = FeaturePyramid(CHANNELS, 16), maps_of(SIZES["multiples of 32"])
    before = pyramid(maps)
    for changed, moved in {"C5": {"P3", "P4", "P5"}, "C4": {"P3", "P4"}, "C3": {"P3"}}.items():
        after = pyramid(maps | {changed: maps[changed] + 1})
        assert {level for level in after if not torch.equal(after[level], before[level])} == moved


def test_levels_come_finest_first_whatever_the_order_of_the_features():
    maps = maps_of(SIZES["one cell"])
    assert list(FeaturePyramid(CHANNELS, 4)(dict(reversed(maps.items())))) == ["P3", "P4", "P5"]


def test_a_missing_level_in_words():
    with pytest.raises(ValueError, match="needs the levels C3, C4, C5, but it was given C4"):
        FeaturePyramid(CHANNELS, 4)({"C4": torch.zeros(1, 12, 2, 2)})


def test_a_students_merge_is_used():
    alone, maps = (
        FeaturePyramid(CHANNELS, 16, merge=lambda lateral, coarser: lateral),
        maps_of(SIZES["one cell"]),
    )
    usual = FeaturePyramid(CHANNELS, 16)
    usual.load_state_dict(alone.state_dict())
    there, found = usual(maps), alone(maps)
    assert torch.equal(found["P5"], there["P5"]) and not torch.equal(found["P4"], there["P4"])
    torch.testing.assert_close(found["P3"], alone.output["C3"](alone.lateral["C3"](maps["C3"])))


def test_the_sum_of_the_levels_is_a_loop_over_the_cells():
    torch.manual_seed(0)
    pyramid = {f"P{k}": torch.randn(2, 3, 24 >> k - 3, 16 >> k - 3) for k in (3, 4, 5)}
    total = sum_of_levels(pyramid)
    for y in range(24):
        for x in range(16):
            expected = sum(pyramid[f"P{k}"][:, :, y >> k - 3, x >> k - 3] for k in (3, 4, 5))
            torch.testing.assert_close(total[:, :, y, x], expected)
