"""What opens over a screen, is answered or read, and closes again."""
