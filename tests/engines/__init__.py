"""The page in the engines of Safari and Firefox; `tests/browser` has the rest, in Chromium's.

The journeys stand once, in roles, labels and texts. What one engine needs stays in its own module.
"""
