"""A person at the widget of lab 16: clicks with the mouse and with the keyboard, chooses an answer, and takes it all back."""

from hands import bring_to_sight, take_picture

SAYS = "(words) => document.querySelector('.ck-clicks .ck-label')?.textContent.includes(words)"


def exercise_the_clicks(page):
    assert "click" in bring_to_sight(page, ".ck-clicks").lower()
    widget = page.locator(".ck-clicks").first
    canvas = widget.locator(".ck-scene")
    widget.locator(".ck-reset").click()
    says(page, "Click on an object.")
    box = canvas.bounding_box()
    canvas.click(position={"x": 0.5 * box["width"], "y": 0.5 * box["height"]})
    says(page, "1 click: answer")
    assert widget.locator(".ck-answer").count() == 3 and widget.locator(".ck-mask").get_attribute("href")
    canvas.click(position={"x": 0.1 * box["width"], "y": 0.1 * box["height"]}, modifiers=["Shift"])
    says(page, "2 clicks: answer")
    canvas.focus()
    for key in ("ArrowLeft", "ArrowUp", "Shift+Enter"):
        page.keyboard.press(key)
    says(page, "3 clicks: answer")
    assert widget.locator(".ck-not-this").count() == 2 and widget.locator(".ck-this").count() == 1
    for number in ("3", "1"):
        page.keyboard.press(number)
        says(page, f"3 clicks: answer {number}")
    take_picture(page)
    page.keyboard.press("u")
    says(page, "2 clicks: answer")
    page.keyboard.press("Escape")
    says(page, "Click on an object.")


def says(page, words):
    page.wait_for_function(SAYS, arg=words, timeout=60_000)
