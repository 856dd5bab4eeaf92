"""The slides: markdown and figures of this package become one HTML file that needs no network."""

from classroom.deck.problem import DeckError
from classroom.deck.widget import Widget

__all__ = ["DeckError", "Widget"]
