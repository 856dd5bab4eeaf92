"""The slides: markdown and figures of this package become one HTML file that needs no network."""

from coursekit.deck.problem import DeckError
from coursekit.deck.widget import Widget

__all__ = ["DeckError", "Widget"]
