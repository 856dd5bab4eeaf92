"""`python -m coursekit.recipes`: run one experiment and record its scores."""

from coursekit.recipes.core import main

main()
