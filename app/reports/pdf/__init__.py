"""A report's HTML page as PDF, by Qt, in a process of its own.

Qt's text document knows no inline SVG, no grid and little CSS: `pages` says the page in the HTML
that it knows, `process` draws it.
"""
