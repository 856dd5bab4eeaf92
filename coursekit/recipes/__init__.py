"""How every published model of the course was trained, in one table: `coursekit.recipes.table.RECIPES`."""
