"""What is handed over: a package that runs without this program, and the recipe of its model."""
