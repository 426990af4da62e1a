ALTER TABLE tasks ADD COLUMN in_line INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN paused_at INTEGER;
-- How many rows of `waits` keep the task from starting: kept by the triggers below, so that a claim never
-- looks at a task that cannot start.
ALTER TABLE tasks ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
UPDATE tasks SET position = created_seq;

-- What an unfinished task waits for: the completion of a parent, or any end of the one before it in the line
-- for its exclusive key.
CREATE TABLE waits (
    task INTEGER NOT NULL,
    parent TEXT NOT NULL,
    for_key INTEGER NOT NULL,
    PRIMARY KEY (task, parent, for_key)
) WITHOUT ROWID;
CREATE INDEX waits_of_parent ON waits (parent, for_key);

CREATE TRIGGER waits_begin AFTER INSERT ON waits BEGIN
    UPDATE tasks SET blocked = blocked + 1 WHERE created_seq = NEW.task;
END;
CREATE TRIGGER waits_end AFTER DELETE ON waits BEGIN
    UPDATE tasks SET blocked = blocked - 1 WHERE created_seq = OLD.task;
END;

-- `depends_on` holds words between spaces: quoted as one JSON string, then cut at the spaces.
CREATE TRIGGER tasks_created AFTER INSERT ON tasks WHEN NEW.finished_at IS NULL BEGIN
    INSERT OR IGNORE INTO waits SELECT NEW.created_seq, d.value, 0
        FROM json_each('[' || replace(json_quote(trim(NEW.depends_on)), ' ', '","') || ']') d
        LEFT JOIN tasks p ON p.id = d.value
        WHERE NEW.depends_on <> '' AND p.status IS NOT 'completed';
    INSERT INTO waits SELECT NEW.created_seq, t.id, 1
        FROM tasks t WHERE NEW.in_line = 1 AND t.exclusive_key = NEW.exclusive_key
            AND t.finished_at IS NULL AND t.created_seq < NEW.created_seq
        ORDER BY t.in_line DESC, t.created_seq DESC LIMIT 1;
END;
CREATE TRIGGER tasks_parents_edited AFTER UPDATE OF depends_on ON tasks BEGIN
    DELETE FROM waits WHERE task = NEW.created_seq AND for_key = 0;
    INSERT OR IGNORE INTO waits SELECT NEW.created_seq, d.value, 0
        FROM json_each('[' || replace(json_quote(trim(NEW.depends_on)), ' ', '","') || ']') d
        LEFT JOIN tasks p ON p.id = d.value
        WHERE NEW.depends_on <> '' AND p.status IS NOT 'completed';
END;
-- Who waits in line behind a task that leaves it waits for the one before that.
CREATE TRIGGER tasks_ended AFTER UPDATE OF finished_at ON tasks WHEN NEW.finished_at IS NOT NULL BEGIN
    DELETE FROM waits WHERE parent = NEW.id AND for_key = 0 AND NEW.status = 'completed';
    UPDATE waits SET parent = (SELECT w.parent FROM waits w WHERE w.task = NEW.created_seq AND w.for_key = 1)
        WHERE parent = NEW.id AND for_key = 1
            AND EXISTS (SELECT 1 FROM waits w WHERE w.task = NEW.created_seq AND w.for_key = 1);
    DELETE FROM waits WHERE parent = NEW.id AND for_key = 1;
    DELETE FROM waits WHERE task = NEW.created_seq;
END;

INSERT OR IGNORE INTO waits SELECT t.created_seq, d.value, 0
    FROM tasks t, json_each('[' || replace(json_quote(trim(t.depends_on)), ' ', '","') || ']') d
    LEFT JOIN tasks p ON p.id = d.value
    WHERE t.status = 'queued' AND t.depends_on <> '' AND p.status IS NOT 'completed';

DROP INDEX tasks_queue;
CREATE INDEX tasks_queue ON tasks (lane, priority DESC, position, created_seq)
    WHERE status = 'queued' AND blocked = 0;
DROP INDEX tasks_exclusive;
CREATE UNIQUE INDEX tasks_exclusive ON tasks (exclusive_key)
    WHERE exclusive_key IS NOT NULL AND finished_at IS NULL AND in_line = 0;
CREATE INDEX tasks_line ON tasks (exclusive_key, in_line, created_seq)
    WHERE exclusive_key IS NOT NULL AND finished_at IS NULL;
CREATE INDEX tasks_schedule ON tasks (schedule_id, created_seq) WHERE schedule_id IS NOT NULL;
