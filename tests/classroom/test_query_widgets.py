"""What the widgets of lab 10 compute, without a browser."""

import pytest
import torch
from scipy.optimize import linear_sum_assignment

from classroom.step_by_step.matching import best_queries, greedy_match
from classroom.widgets import QueryAttention, QueryMatcher
from coursekit import ops
from coursekit.models.detr import detr_cost

BOXES = torch.tensor([[10.0, 10, 50, 60], [60, 20, 120, 90], [0, 50, 30, 90], [70, 10, 100, 40]])
TRUTH, LABELS = torch.tensor([[12.0, 8, 48, 58], [64, 24, 118, 88]]), torch.tensor([2, 1])
LOGITS = torch.randn(4, 4, generator=torch.Generator().manual_seed(0))
IMAGE = torch.rand(3, 96, 128, generator=torch.Generator().manual_seed(1))
CLASSES = ("mug", "book", "pear")


@pytest.fixture
def matcher():
    return QueryMatcher(BOXES, LOGITS, TRUTH, LABELS, IMAGE, classes=CLASSES)


def of_cost(table):
    """A matcher whose costs are this table, wherever the boxes are."""
    return QueryMatcher(
        BOXES[:2], LOGITS[:2], TRUTH, LABELS, costs={"made up": lambda *_: torch.tensor(table)}
    )


def in_shares(boxes):
    return ops.box_convert(torch.as_tensor(boxes) / torch.tensor([128.0, 96, 128, 96]), "xyxy", "cxcywh")


def test_costs_are_those_of_the_model(matcher):
    expected = detr_cost(LOGITS, in_shares(BOXES), LABELS, in_shares(TRUTH))
    torch.testing.assert_close(torch.tensor(matcher.costs), expected)
    assert matcher.names == ["book", "mug"] and matcher.terms == ["the whole cost"]
    assert len(matcher.guesses) == 4 and all(float(guess.split()[-1]) > 0.25 for guess in matcher.guesses)


def test_the_best_match_is_scipys_and_follows_a_box(matcher):
    before = matcher.costs
    matcher.predicted = [matcher.predicted[1], matcher.predicted[0], *matcher.predicted[2:]]
    assert matcher.costs != before
    _, queries = linear_sum_assignment(matcher.costs)
    assert matcher.best == queries.tolist()


def test_greedy_may_pay_more():
    widget = of_cost([[1.0, 2.0], [1.5, 10.0]])
    assert (widget.greedy, widget.best) == ([0, 1], [1, 0])
    assert (
        widget.label == "Greedy: A takes 1, B takes 2; 11.00 in all. Best: A takes 2, B takes 1; 3.50 in all."
    )
    assert of_cost([[1.0, 9.0], [9.0, 1.0]]).label.endswith("Best: the same.")


def test_another_cost_and_other_matchers():
    def far(logits, boxes, labels, true_boxes):
        return torch.cdist(true_boxes, boxes)

    widget = QueryMatcher(
        BOXES,
        LOGITS,
        TRUTH,
        LABELS,
        IMAGE,
        {"all": detr_cost, "distance": far},
        greedy=best_queries,
        best=greedy_match,
    )
    widget.shown = "distance"
    torch.testing.assert_close(torch.tensor(widget.costs), torch.cdist(in_shares(TRUTH), in_shares(BOXES)))
    assert widget.best == greedy_match(torch.tensor(widget.costs)).tolist()


def test_an_error_of_the_students_function_is_told():
    def cost(*_):
        raise RuntimeError("not yet")

    widget = QueryMatcher(BOXES, LOGITS, TRUTH, LABELS, costs={"mine": cost})
    assert widget.label == "Your function raised RuntimeError: not yet" and widget.best == []


def test_a_cost_of_another_shape_is_told():
    widget = QueryMatcher(BOXES, LOGITS, TRUTH, LABELS, costs={"mine": lambda *_: torch.zeros(4, 2)[:0, 0]})
    assert widget.label.startswith("Your function raised ")


@pytest.mark.parametrize(("objects", "queries"), [(0, 2), (3, 2), (6, 6), (2, 7)])
def test_too_few_or_too_many_in_words(objects, queries):
    with pytest.raises(ValueError, match="at least one object"):
        QueryMatcher(
            torch.rand(queries, 4), torch.rand(queries, 3), torch.rand(objects, 4), torch.ones(objects).long()
        )


@pytest.mark.parametrize("seed", range(20))
def test_best_queries_are_scipys(seed):
    cost = torch.randn(3, 6, generator=torch.Generator().manual_seed(seed))
    assert best_queries(cost).tolist() == linear_sum_assignment(cost.numpy())[1].tolist()
    greedy = greedy_match(cost)
    assert len(set(greedy.tolist())) == 3 and cost.min() == cost[range(3), greedy].min()


@pytest.fixture
def attention():
    maps = torch.zeros(4, 6, 8)
    maps[0, 1, 1], maps[1, 0, 7], maps[2], maps[3, 0, 0] = 2.0, 1.0, 1.0, 0.5
    return QueryAttention(
        IMAGE, maps, BOXES, torch.tensor([1, 2, 3, 1]), torch.tensor([0.2, 0.9, 0.4, 0.1]), CLASSES
    )


def test_it_begins_with_the_most_confident_query(attention):
    assert attention.query == 1 and attention.confident == [False, True, True, False]
    assert attention.label.startswith("Query 1: book 0.90. 0 % of its attention lies in its box")


def test_the_smallest_box_under_the_mouse_is_chosen(attention):
    attention.at = [80.0, 30.0]
    assert attention.query == 3
    attention.at = [110.0, 80.0]
    assert attention.query == 1
    attention.at = [126.0, 2.0]
    assert attention.query == 1, "beside every box everything stays"


def test_share_of_attention_in_the_box(attention):
    attention.query = 0
    assert attention.label.startswith(
        "Query 0: mug 0.20. 100 % of its attention lies in its box, which has 16 %"
    )
    attention.query = 2
    assert "12 % of its attention" in attention.label  # 6 of 48 cells have their centre inside


def test_the_image_is_another_for_each_query(attention):
    lit = {}
    for attention.query in range(4):
        lit[attention.query] = attention.lit
    assert len(set(lit.values())) == 4 and all(url.startswith("data:image") for url in lit.values())


def test_no_attention_at_all_is_no_division_by_zero():
    widget = QueryAttention(IMAGE, torch.zeros(1, 6, 8), BOXES[:1], LABELS[:1], torch.ones(1), CLASSES)
    assert "0 % of its attention" in widget.label


@pytest.mark.parametrize("maps", [torch.zeros(3, 6, 8), torch.zeros(4, 48)])
def test_one_of_each_per_query_in_words(maps):
    with pytest.raises(ValueError, match="one of each per query"):
        QueryAttention(IMAGE, maps, BOXES, torch.ones(4).long(), torch.ones(4), CLASSES)


def test_no_query_in_words():
    with pytest.raises(ValueError, match="There are 0 boxes"):
        none = torch.zeros(0)
        QueryAttention(IMAGE, torch.zeros(0, 6, 8), torch.zeros(0, 4), none.long(), none, CLASSES)


@pytest.mark.parametrize("widget", [QueryMatcher, QueryAttention])
def test_the_pages_ask_nobody_outside(widget):
    module = str(widget._esm)
    assert "export default" in module and "import " not in module and "fetch(" not in module
    assert module.count("http") == module.count("http://www.w3.org/2000/svg") == 1


def test_names_hold_no_addresses(matcher, attention):
    assert repr(matcher).startswith("QueryMatcher: 2 objects, 4 queries. Greedy: ") and "0x" not in repr(
        matcher
    )
    assert repr(attention).startswith("QueryAttention: 4 queries. Query 1: book 0.90")
