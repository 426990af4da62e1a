-- How many lines a tool call added and removed: a list tells it without reading the diffs.
ALTER TABLE tool_calls ADD COLUMN added INTEGER;
ALTER TABLE tool_calls ADD COLUMN removed INTEGER;
