"""What is asked and answered: one speaker a way of asking, fed by the text banks in ``prompts/``."""
