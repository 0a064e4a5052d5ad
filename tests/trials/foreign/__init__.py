"""A network of a test's own, in which every address there is leads to a listener, and the ways to be led there."""
