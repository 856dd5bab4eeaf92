"""One function for each experiment of the course; its docstring states the command, the cost and the score."""
