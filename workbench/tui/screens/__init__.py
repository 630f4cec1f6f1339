"""One module a screen, named after what is on it."""
