"""Attention and the layers made of it, against torch's own with the same weights."""

import math

import pytest
import torch
from torch import nn

from coursekit.nets.transformer import (
    Attention,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    attention_weights,
    encode_places,
    sine_encoding,
    to_tokens,
)

WIDTH, HEADS, HIDDEN = 24, 4, 40
NO_PLACE = torch.zeros(WIDTH)


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def shaken(module):
    """The module in double precision with weights that are all different, norms and biases too."""
    torch.manual_seed(0)
    for parameter in module.double().parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    return module


def copy_attention(ours, theirs):
    inputs = (ours.query, ours.key, ours.value)
    theirs.in_proj_weight.data = torch.cat([layer.weight for layer in inputs]).detach()
    theirs.in_proj_bias.data = torch.cat([layer.bias for layer in inputs]).detach()
    theirs.out_proj.load_state_dict(ours.out.state_dict())
    return theirs


def witness_of(ours, kind):
    """torch's layer with the weights of ours."""
    theirs = kind(WIDTH, HEADS, HIDDEN, dropout=0.0, batch_first=True, norm_first=True).double()
    copy_attention(ours.around, theirs.self_attn)
    norms = [ours.norm_around, ours.norm_forward]
    if kind is nn.TransformerDecoderLayer:
        copy_attention(ours.across, theirs.multihead_attn)
        norms.insert(1, ours.norm_across)
    for number, norm in enumerate(norms, 1):
        getattr(theirs, f"norm{number}").load_state_dict(norm.state_dict())
    theirs.linear1.load_state_dict(ours.feed_forward[0].state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward[2].state_dict())
    return theirs


@pytest.mark.parametrize("masked", [False, True])
def test_attention_is_torchs_with_the_same_weights(masked):
    ours = shaken(Attention(WIDTH, HEADS))
    theirs = copy_attention(ours, nn.MultiheadAttention(WIDTH, HEADS, batch_first=True).double())
    queries, keys, values = random(2, 5, WIDTH), random(2, 7, WIDTH, seed=1), random(2, 7, WIDTH, seed=2)
    mask = random(5, 7, seed=3) > -0.5 if masked else None
    assert mask is None or (mask.any(1).all() and not mask.all())
    closed = None if mask is None else ~mask
    expected, weights = theirs(queries, keys, values, attn_mask=closed, average_attn_weights=False)
    torch.testing.assert_close(ours(queries, keys, values, mask), expected)
    torch.testing.assert_close(ours.weights(queries, keys, mask), weights)


def test_attention_by_hand():
    queries, keys = random(3, 6), random(4, 6, seed=1)
    for query, row in zip(queries, attention_weights(queries, keys), strict=True):
        powers = [math.exp(float((query * key).sum()) / math.sqrt(6)) for key in keys]
        assert row.tolist() == pytest.approx([power / sum(powers) for power in powers])


def test_large_products_do_not_overflow():
    weights = attention_weights(torch.tensor([[300.0]]), torch.tensor([[300.0], [-300.0]]))
    assert weights.tolist() == [[1.0, 0.0]]


def test_the_encoder_layer_is_torchs_with_the_same_weights():
    ours = shaken(EncoderLayer(WIDTH, HEADS, HIDDEN))
    tokens, mask = random(2, 6, WIDTH), random(6, 6, seed=1) > -0.5
    theirs = witness_of(ours, nn.TransformerEncoderLayer)
    torch.testing.assert_close(ours(tokens, NO_PLACE), theirs(tokens))
    torch.testing.assert_close(ours(tokens, NO_PLACE, mask), theirs(tokens, src_mask=~mask))


def test_the_decoder_layer_is_torchs_with_the_same_weights():
    ours = shaken(DecoderLayer(WIDTH, HEADS, HIDDEN))
    queries, memory, mask = random(2, 5, WIDTH), random(2, 7, WIDTH, seed=1), random(5, 5, seed=2) > -0.5
    theirs = witness_of(ours, nn.TransformerDecoderLayer)
    torch.testing.assert_close(ours(queries, NO_PLACE, memory, NO_PLACE), theirs(queries, memory))
    expected = theirs(queries, memory, tgt_mask=~mask)
    torch.testing.assert_close(ours(queries, NO_PLACE, memory, NO_PLACE, mask), expected)


def test_the_weights_of_a_decoder_layer_are_those_that_it_uses():
    layer = shaken(DecoderLayer(WIDTH, HEADS, HIDDEN))
    x, place = random(2, 5, WIDTH), random(5, WIDTH, seed=1)
    memory, memory_place = random(2, 7, WIDTH, seed=2), random(7, WIDTH, seed=3)
    seen = []
    across = layer.across.weights
    layer.across.weights = lambda *arguments: seen.append(across(*arguments)) or seen[0]
    layer(x, place, memory, memory_place)
    assert torch.equal(layer.weights(x, place, memory, memory_place), seen[0])


def test_a_place_is_compared_but_not_gathered():
    """With one token there is nothing to compare: its place changes nothing."""
    layer = shaken(EncoderLayer(WIDTH, HEADS, HIDDEN))
    one, two = random(1, 1, WIDTH), random(1, 2, WIDTH)
    torch.testing.assert_close(layer(one, NO_PLACE), layer(one, random(1, WIDTH, seed=1)))
    assert not torch.allclose(layer(two, NO_PLACE), layer(two, random(2, WIDTH, seed=1)))


def test_only_places_tell_the_order():
    encoder, order = shaken(EncoderLayer(WIDTH, HEADS, HIDDEN)), torch.tensor([3, 0, 2, 1])
    tokens, place = random(1, 4, WIDTH), random(4, WIDTH, seed=1)
    torch.testing.assert_close(encoder(tokens[:, order], NO_PLACE), encoder(tokens, NO_PLACE)[:, order])
    torch.testing.assert_close(encoder(tokens[:, order], place[order]), encoder(tokens, place)[:, order])
    assert not torch.allclose(encoder(tokens[:, order], place), encoder(tokens, place)[:, order])


def test_a_token_that_is_hidden_changes_nothing():
    layer, mask = shaken(EncoderLayer(WIDTH, HEADS, HIDDEN)), torch.ones(4, 4, dtype=torch.bool)
    mask[:3, 3] = False
    tokens = random(1, 4, WIDTH)
    changed = torch.cat([tokens[:, :3], random(1, 1, WIDTH, seed=9)], 1)
    assert torch.equal(layer(tokens, NO_PLACE, mask)[:, :3], layer(changed, NO_PLACE, mask)[:, :3])
    assert not torch.allclose(layer(tokens, NO_PLACE)[:, :3], layer(changed, NO_PLACE)[:, :3])


def test_an_encoder_is_its_layers_on_the_cells_of_a_map():
    encoder, maps = shaken(Encoder(2, WIDTH, HEADS, HIDDEN)), random(2, WIDTH, 3, 5)
    tokens, place = to_tokens(maps)
    assert torch.equal(tokens[1, 7], maps[1, :, 1, 2]), "row by row"
    expected = encoder.layers[1](encoder.layers[0](tokens, place), place)
    torch.testing.assert_close(encoder(maps).flatten(2).transpose(1, 2), expected)
    assert torch.equal(shaken(Encoder(0, WIDTH, HEADS, HIDDEN))(maps), maps)


def test_the_sine_encoding_by_hand():
    """Of each cell the sines and cosines of x at 5 waves per image and fewer, then those of y."""
    encoding, channels = sine_encoding(3, 4, 16), 16
    for row in range(3):
        for column in range(4):
            expected = []
            for share in ((column + 0.5) / 4, (row + 0.5) / 3):
                waves = [5 * (0.25 / 5) ** (k / 4) for k in range(channels // 4)]
                angles = [2 * math.pi * share * each for each in waves]
                expected += [*map(math.sin, angles), *map(math.cos, angles)]
            assert encoding[row * 4 + column].tolist() == pytest.approx(expected, abs=1e-5)


def test_every_cell_has_an_encoding_of_its_own_and_neighbours_similar_ones():
    encoding = sine_encoding(12, 12, 128)
    distances = torch.cdist(encoding, encoding)
    assert distances[0].argsort()[:2].tolist() in ([0, 1], [0, 12])
    assert distances.fill_diagonal_(1e9).min() > 1


def test_a_box_and_a_cell_at_one_place_share_their_encoding():
    cell = encode_places(torch.tensor([0.375, 0.5]), 16)  # column 1 of 4, row 1 of 3
    torch.testing.assert_close(cell, sine_encoding(3, 4, 16)[5])


def test_errors_in_words():
    with pytest.raises(ValueError, match="5 heads cannot share 24 numbers"):
        Attention(24, 5)
    with pytest.raises(ValueError, match="10 channels are not a multiple of 4"):
        sine_encoding(2, 2, 10)
    with pytest.raises(ValueError, match="12 channels are not a multiple of 8"):
        encode_places(torch.zeros(3, 4), 12)
