"""`python -m seedream`: pictures from a terminal or a shell script.

Rule: standard output has what another program reads, paths or JSON, and nothing else; all that people read goes to
standard error, the request ID first. An exit code never means "send it again": that may cost twice.
"""
