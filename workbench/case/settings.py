"""The names of the ledger's settings that steer how a case is read."""

#: The pause that ends a session, in minutes.
GAP_SETTING = "session_gap_minutes"
DEFAULT_GAP = 30
#: The URL of the engine that has the events, and what is known of its table, as JSON.
ENGINE_SETTING = "engine"
TABLE_SETTING = "engine_table"
