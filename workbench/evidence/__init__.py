"""Evidence that stands: the audit chain and what it says, verification, seals, replays, corroboration, merging."""
