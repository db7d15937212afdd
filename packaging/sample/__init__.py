"""How the sample detector and its images were made; `resources/sample` has the results."""
