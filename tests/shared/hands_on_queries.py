"""A person at the widgets of lab 10: the boxes of queries and their costs, and where a query looks."""

import re

from hands import bring_to_sight, drag, take_picture


def exercise_the_queries(page):
    bring_to_sight(page, ".ck-queries")
    costs = page.locator(".ck-queries table").inner_text
    assert page.locator(".ck-queries td.ck-best").count() == 3
    query, before = page.locator("rect.ck-query").last, costs()
    drag(page, query, -15, -20)
    page.wait_for_function(CHANGED, arg=[".ck-queries table", before])
    before = costs()
    query.press("Shift+ArrowLeft")
    page.wait_for_function(CHANGED, arg=[".ck-queries table", before])
    before = costs()
    page.locator(".ck-queries .ck-term", has_text="GIoU only").click()
    page.wait_for_function(CHANGED, arg=[".ck-queries table", before])
    take_picture(page)
    exercise_the_attention(page)


def exercise_the_attention(page):
    label = bring_to_sight(page, ".ck-attention")
    assert re.match(r"Query \d+: [a-z ]+ \d\.\d\d\. \d+ % of its attention lies in its box", label)
    lit = page.locator(".ck-attention .ck-scene image").last
    before = lit.get_attribute("href")
    page.locator(".ck-attention .ck-scene").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(CHANGED, arg=[".ck-attention .ck-label", label])
    assert lit.get_attribute("href") != before
    page.locator(".ck-attention .ck-query").press("Home")
    page.get_by_text(re.compile(r"^Query 0: ")).first.wait_for()


CHANGED = "([place, before]) => document.querySelector(place).innerText !== before"
