"""YOLO's grid of a scene, and back, against hand values."""

import pytest
import torch
from random_scenes import GRIDS, random_grid, random_objects

from coursekit.models.yolo import class_scores, decode_grid, encode_grid


class TestGrid:
    @pytest.mark.parametrize(("size", "grid"), GRIDS)
    def test_decoding_undoes_encoding(self, size, grid):
        for seed in range(20):
            boxes, labels = random_objects(7, size, seed)
            cell_boxes, cell_labels = encode_grid(boxes, labels, size, grid)
            assert cell_boxes.shape == (*grid, 4) and cell_labels.shape == grid
            assert (cell_boxes[..., :2] >= -1e-5).all() and (cell_boxes[..., :2] <= 1 + 1e-5).all()
            found = decode_grid(cell_boxes[:, :, None], size)[cell_labels > 0][:, 0]
            kept = [int((boxes - box).abs().sum(1).argmin()) for box in found]
            assert len(set(kept)) == len(kept)
            torch.testing.assert_close(found / max(size), boxes[kept] / max(size), rtol=0, atol=1e-5)
            assert torch.equal(cell_labels[cell_labels > 0], labels[kept])

    @pytest.mark.parametrize(("size", "grid"), GRIDS)
    def test_the_cell_is_the_one_under_the_centre(self, size, grid):
        """A loop over pixels: which cell is the pixel of the centre painted with?"""
        rows = torch.arange(size[0]) * grid[0] // size[0]  # of each row of pixels
        columns = torch.arange(size[1]) * grid[1] // size[1]
        for seed in range(20):
            boxes, labels = random_objects(1, size, seed)
            _, cell_labels = encode_grid(boxes, labels, size, grid)
            x, y = ((boxes[0, :2] + boxes[0, 2:]) / 2).tolist()
            if min(abs(x - round(x)), abs(y - round(y))) > 1e-3:
                assert cell_labels[rows[int(y)], columns[int(x)]] == labels[0]
            assert (cell_labels > 0).sum() == 1

    def test_rows_are_y_and_columns_are_x(self):
        """The transposed encoder, known from courses whose grids are all square, would say cell (2, 0)."""
        _, labels = encode_grid(torch.tensor([[50.0, 0, 60, 10]]), torch.tensor([3]), (30, 60), (3, 6))
        assert labels.nonzero().tolist() == [[0, 5]]

    @pytest.mark.parametrize(("x", "y", "cell"), [(60, 20, (1, 2)), (60, 0, (0, 2)), (0, 20, (1, 0))])
    def test_a_centre_on_the_border_goes_to_the_last_cell(self, x, y, cell):
        box = torch.tensor([[x - 4.0, y - 2, x + 4, y + 2]])
        boxes, labels = encode_grid(box, torch.tensor([1]), (20, 60), (2, 3))
        assert labels.nonzero().tolist() == [list(cell)]
        assert boxes[cell][:2].tolist() == [float(x == 60), float(y == 20)]
        torch.testing.assert_close(decode_grid(boxes[:, :, None], (20, 60))[cell], box)

    def test_collisions_are_counted(self):
        boxes = torch.tensor([[40.0, 0, 50, 10], [0, 0, 10, 10], [1, 1, 10, 10], [0, 0, 9, 9]])
        cells, labels = encode_grid(boxes, torch.tensor([1, 2, 3, 4]), (20, 60), (2, 3))
        assert len(boxes) - (labels > 0).sum() == 2
        assert labels[0].tolist() == [2, 0, 1], "the first of several objects is kept"
        torch.testing.assert_close(decode_grid(cells[:, :, None], (20, 60))[0, 0, 0], boxes[1])

    def test_no_objects(self):
        boxes, labels = encode_grid(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), (20, 60), (2, 3))
        assert boxes.shape == (2, 3, 4) and labels.shape == (2, 3) and not labels.any()

    def test_a_batch_is_decoded_image_by_image(self):
        boxes = torch.rand(3, 4, 5, 2, 4)
        together = decode_grid(boxes, (64, 80))
        assert torch.equal(together, torch.stack([decode_grid(one, (64, 80)) for one in boxes]))

    def test_a_centre_outside_is_refused(self):
        with pytest.raises(ValueError, match="centre outside the image"):
            encode_grid(torch.tensor([[55.0, 0, 75, 10]]), torch.tensor([1]), (20, 60), (2, 3))


def test_score_is_confidence_times_class():
    grid = random_grid(2, 3, 0)
    scores = class_scores(grid.confidences, grid.classes)
    assert scores.shape == (2, 3, 2, 4)
    assert scores[1, 2, 0, 3] == grid.confidences[1, 2, 0] * grid.classes[1, 2, 3]
