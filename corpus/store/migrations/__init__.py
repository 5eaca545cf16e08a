"""The history of the schema. A migration is never edited once others may have run it."""
