"""The learning rate of each step: up to the peak in the first quarter, then down to nothing."""

import pytest
import torch

from coursekit.training import fit, one_cycle


def test_the_rate_rises_in_the_first_quarter_and_falls_in_the_rest():
    rates = [one_cycle(index, 1000, peak=2.0) for index in range(1000)]
    rising, falling = rates[:250], rates[250:]
    assert rising == sorted(rising) and falling == sorted(falling, reverse=True)
    assert rates[0] < 1e-3 and rates[-1] < 1e-3 and max(rates) == pytest.approx(2.0, rel=1e-4)
    assert rates[125] == pytest.approx(1.0, rel=0.02) and rates[625] == pytest.approx(
        1.0, rel=0.02
    )  # a cosine
    assert one_cycle(50, 100, peak=1.0, warm_up=0.5) == pytest.approx(1.0, rel=1e-3)


def test_training_takes_these_rates():
    class Model(torch.nn.Linear):
        def forward(self, inputs, targets):
            return {"error": super().forward(torch.stack(inputs)).square().mean()}

    run = fit(Model(2, 1), [(torch.ones(2), {}), (torch.zeros(2), {})], 8, batch_size=1, lr=0.5)
    assert [step.lr for step in run] == [one_cycle(index, 8, 0.5) for index in range(8)]
