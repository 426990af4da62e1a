-- One row: who may write, how far the log reaches, how far the full-text indexes have come.
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL,
    owner_pid INTEGER NOT NULL,
    head INTEGER NOT NULL,
    system_seq INTEGER NOT NULL,
    said_upto INTEGER NOT NULL,
    words_upto INTEGER NOT NULL
);
INSERT INTO state VALUES (1, 0, 0, 0, 0, 0, 0);

-- The log. `task` is tasks.created_seq, 0 for the log of the whole.
CREATE TABLE events (
    gid INTEGER PRIMARY KEY,
    task INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    run INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    type TEXT NOT NULL,
    actor TEXT NOT NULL,
    data BLOB NOT NULL
);
CREATE UNIQUE INDEX events_of_task ON events (task, seq);

-- What lists read. `created_seq` is the gid of the task's first event.
CREATE TABLE tasks (
    id TEXT NOT NULL,
    created_seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    lane TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    status_since INTEGER NOT NULL,
    status_source TEXT NOT NULL,
    status_evidence TEXT NOT NULL,
    terminal_reason TEXT,
    attention TEXT NOT NULL,
    attention_id TEXT,
    priority INTEGER NOT NULL,
    held INTEGER NOT NULL,
    held_reason TEXT,
    held_until INTEGER,
    cancel_requested_at INTEGER,
    cancel_requested_by TEXT,
    cancel_reason TEXT,
    cancel_forced INTEGER NOT NULL,
    tags TEXT NOT NULL,
    depends_on TEXT NOT NULL,
    owner TEXT,
    client_id TEXT,
    request_id TEXT,
    session_id TEXT,
    conversation_id TEXT,
    thread_id TEXT,
    turn_id TEXT,
    agent_id TEXT,
    external_id TEXT,
    exclusive_key TEXT,
    idempotency_key TEXT,
    schedule_id TEXT,
    retry_of TEXT,
    not_before INTEGER,
    started_at INTEGER,
    finished_at INTEGER,
    duration_ms INTEGER,
    timeout_s REAL,
    idle_timeout_s REAL,
    queue_timeout_s REAL,
    on_restart TEXT NOT NULL,
    run_no INTEGER NOT NULL,
    recoveries INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    progress_current REAL,
    progress_total REAL,
    progress_percentage INTEGER,
    progress_phase TEXT,
    status_text TEXT,
    result_summary TEXT,
    result_ref TEXT,
    error TEXT,
    error_code TEXT,
    exit_code INTEGER,
    checks_done INTEGER NOT NULL,
    checks_total INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    cost_usd REAL NOT NULL,
    context_used INTEGER,
    context_max INTEGER,
    tool_calls INTEGER NOT NULL,
    tool_failed INTEGER NOT NULL,
    runtime_events INTEGER NOT NULL,
    segments_ok INTEGER NOT NULL,
    segments_failed INTEGER NOT NULL,
    artifacts INTEGER NOT NULL,
    interventions INTEGER NOT NULL,
    warnings INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    delivered_at INTEGER,
    acked_at INTEGER,
    archived_at INTEGER,
    superseded_by TEXT
);
CREATE UNIQUE INDEX tasks_id ON tasks (id);
CREATE UNIQUE INDEX tasks_exclusive ON tasks (exclusive_key)
    WHERE exclusive_key IS NOT NULL AND finished_at IS NULL;
CREATE UNIQUE INDEX tasks_request ON tasks (client_id, request_id)
    WHERE client_id IS NOT NULL AND request_id IS NOT NULL AND finished_at IS NULL;
CREATE UNIQUE INDEX tasks_idempotency ON tasks (idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE INDEX tasks_shown ON tasks (created_seq) WHERE archived_at IS NULL;
CREATE INDEX tasks_archived ON tasks (created_seq) WHERE archived_at IS NOT NULL;
CREATE INDEX tasks_status ON tasks (status, created_seq) WHERE archived_at IS NULL;
CREATE INDEX tasks_lane ON tasks (lane, status, created_seq) WHERE archived_at IS NULL;
CREATE INDEX tasks_open ON tasks (created_seq) WHERE attention <> 'none' AND archived_at IS NULL;
CREATE INDEX tasks_by_update ON tasks (updated_at, created_seq) WHERE archived_at IS NULL;
CREATE INDEX tasks_by_finish ON tasks (coalesce(finished_at, -1), created_seq) WHERE archived_at IS NULL;
CREATE INDEX tasks_by_duration ON tasks (coalesce(duration_ms, -1), created_seq) WHERE archived_at IS NULL;
CREATE INDEX tasks_by_priority ON tasks (priority, created_seq) WHERE archived_at IS NULL;
CREATE INDEX tasks_by_title ON tasks (lower(title), created_seq) WHERE archived_at IS NULL;

CREATE INDEX tasks_queue ON tasks (lane, priority DESC, created_seq) WHERE status = 'queued';
CREATE INDEX tasks_delayed ON tasks (not_before) WHERE status = 'queued' AND not_before IS NOT NULL;
CREATE INDEX tasks_held ON tasks (held_until) WHERE status = 'queued' AND held_until IS NOT NULL;
CREATE INDEX tasks_done ON tasks (finished_at, created_seq) WHERE finished_at IS NOT NULL;
CREATE INDEX tasks_client ON tasks (client_id, created_seq) WHERE client_id IS NOT NULL;
CREATE INDEX tasks_session ON tasks (session_id, created_seq) WHERE session_id IS NOT NULL;
CREATE INDEX tasks_conversation ON tasks (conversation_id, created_seq) WHERE conversation_id IS NOT NULL;

CREATE TABLE counters (
    lane TEXT NOT NULL,
    status TEXT NOT NULL,
    needs_you INTEGER NOT NULL,
    held INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (lane, status, needs_you, held, archived)
) WITHOUT ROWID;

CREATE TABLE bodies (
    task INTEGER PRIMARY KEY,
    spec TEXT,
    metadata TEXT,
    logging_context TEXT,
    result_inline TEXT,
    usage TEXT,
    checklist TEXT,
    prompt TEXT
);

CREATE TABLE tool_calls (
    task INTEGER NOT NULL,
    call_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    kind TEXT,
    parent_id TEXT,
    started_at INTEGER,
    ended_at INTEGER,
    duration_ms INTEGER,
    input_summary TEXT,
    output_summary TEXT,
    detail_ref TEXT,
    patch_ref TEXT,
    seq INTEGER NOT NULL,
    UNIQUE (task, call_id)
);
CREATE UNIQUE INDEX tool_calls_number ON tool_calls (task, number);
CREATE INDEX tool_calls_name ON tool_calls (name COLLATE NOCASE, task);
CREATE INDEX tool_calls_open ON tool_calls (task) WHERE status = 'running';

CREATE TABLE artifacts (
    task INTEGER NOT NULL,
    artifact_id TEXT NOT NULL,
    label TEXT NOT NULL,
    path TEXT NOT NULL,
    role TEXT NOT NULL,
    source TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    root TEXT,
    mime TEXT,
    sha256 TEXT,
    summary TEXT,
    removed_at INTEGER,
    UNIQUE (task, artifact_id)
);

CREATE TABLE interventions (
    task INTEGER NOT NULL,
    intervention_id TEXT NOT NULL,
    state TEXT NOT NULL,
    user TEXT NOT NULL,
    text TEXT NOT NULL,
    mode TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attachments TEXT NOT NULL,
    request_id TEXT,
    client_token TEXT,
    delivered_at INTEGER,
    detail TEXT,
    UNIQUE (task, intervention_id)
);

CREATE TABLE requests (
    task INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    summary TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    tool TEXT,
    context TEXT,
    options TEXT NOT NULL,
    decision TEXT,
    scope TEXT,
    decided_by TEXT,
    decided_from TEXT,
    reason TEXT,
    resolved_at INTEGER,
    expires_at INTEGER,
    UNIQUE (task, request_id)
);

-- Gates, attempts, GitHub events and segments; `key` is kind:id.
CREATE TABLE evidence (
    task INTEGER NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (task, key)
);

-- Head and tail of each run's output, for the full-text index.
CREATE TABLE outputs (
    place INTEGER PRIMARY KEY,
    task INTEGER NOT NULL,
    run INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX outputs_of_task ON outputs (task);

-- Everything a task said, by place (gid * 1024, and the places after it for outputs).
CREATE VIRTUAL TABLE said USING fts5 (text, content = '', tokenize = 'trigram');
-- Title and prompt of each task, by created_seq.
CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'trigram');
