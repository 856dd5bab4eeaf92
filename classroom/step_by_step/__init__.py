"""What an operator does step by step, to be drawn on a slide and stepped through in a widget."""
