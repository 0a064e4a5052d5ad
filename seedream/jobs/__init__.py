"""One job's life: submit once, poll, collect; and the registry of those under way.

Rule: whatever happens to a submitted job, its record names the request ID and a state that is true. Nothing here
knows of a page: `registry` runs jobs, and whoever likes watches.
"""
