"""One job for a script or a notebook, from the first check to the saved originals.

Rule: it runs on the same job registry as the page; a paid picture's request ID is told whatever happens, and no
file is ever overwritten. `interface` is what `import seedream` offers.
"""
