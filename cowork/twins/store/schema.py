"""The schema of `cowork.db`, as steps from one version to the next. A step that was released is never changed.

Times that are compared or computed with are `BIGINT` milliseconds since 1970 (`*_ms`); JSON is kept as text.
"""

from __future__ import annotations

_ROLES = """
    CREATE TABLE schema_version (version INTEGER NOT NULL);
    CREATE TABLE agent_roles (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        display_name TEXT NOT NULL,
        status TEXT NOT NULL,
        template_id TEXT NOT NULL,
        template_version TEXT NOT NULL,
        category TEXT NOT NULL,
        icon TEXT NOT NULL,
        color TEXT NOT NULL,
        autonomy TEXT NOT NULL,
        capabilities TEXT NOT NULL,
        interval_minutes INTEGER NOT NULL,
        stagger_minutes INTEGER NOT NULL,
        system_prompt TEXT NOT NULL,
        soul TEXT NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    );
    CREATE TABLE twin_tasks (
        twin_id TEXT NOT NULL REFERENCES agent_roles(id) ON DELETE CASCADE,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        category TEXT NOT NULL,
        frequency_minutes INTEGER NOT NULL,
        priority INTEGER NOT NULL,
        enabled INTEGER NOT NULL,
        evidence TEXT NOT NULL,
        prompt_template TEXT NOT NULL,
        PRIMARY KEY (twin_id, id)
    )
    """

_WORK = """
    ALTER TABLE agent_roles ADD COLUMN template_digest TEXT NOT NULL DEFAULT '';
    ALTER TABLE agent_roles ADD COLUMN provider TEXT NOT NULL DEFAULT '';
    ALTER TABLE agent_roles ADD COLUMN model TEXT NOT NULL DEFAULT '';
    ALTER TABLE agent_roles ADD COLUMN workspace TEXT NOT NULL DEFAULT '';
    ALTER TABLE agent_roles ADD COLUMN allow_rules TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE agent_roles ADD COLUMN deny_rules TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE agent_roles ADD COLUMN quiet_hours TEXT NOT NULL DEFAULT '';
    ALTER TABLE agent_roles ADD COLUMN timezone TEXT NOT NULL DEFAULT '';
    ALTER TABLE agent_roles ADD COLUMN anchor_ms BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE agent_roles ADD COLUMN last_beat_ms BIGINT;
    ALTER TABLE twin_tasks ADD COLUMN due_ms BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE twin_tasks ADD COLUMN last_run_ms BIGINT;
    CREATE INDEX twin_tasks_due ON twin_tasks (enabled, due_ms, twin_id, priority, id);
    CREATE INDEX agent_roles_due ON agent_roles (id, status, name);
    CREATE INDEX agent_roles_status ON agent_roles (status);
    CREATE TABLE addresses (
        id TEXT PRIMARY KEY,
        twin_id TEXT NOT NULL REFERENCES agent_roles(id) ON DELETE CASCADE,
        task_id TEXT NOT NULL,
        url TEXT NOT NULL,
        UNIQUE (twin_id, task_id, url)
    );
    CREATE TABLE beats (
        id TEXT PRIMARY KEY,
        twin_id TEXT NOT NULL REFERENCES agent_roles(id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        session_id TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        input_tokens BIGINT NOT NULL,
        output_tokens BIGINT NOT NULL,
        started_ms BIGINT NOT NULL,
        ended_ms BIGINT
    );
    CREATE INDEX beats_of_twin ON beats (twin_id, started_ms);
    CREATE TABLE leases (
        twin_id TEXT PRIMARY KEY REFERENCES agent_roles(id) ON DELETE CASCADE,
        beat_id TEXT NOT NULL,
        token TEXT NOT NULL,
        owner TEXT NOT NULL,
        until_ms BIGINT NOT NULL
    );
    CREATE TABLE claims (
        twin_id TEXT NOT NULL REFERENCES agent_roles(id) ON DELETE CASCADE,
        task_id TEXT NOT NULL,
        due_ms BIGINT NOT NULL,
        beat_id TEXT NOT NULL,
        state TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        claimed_ms BIGINT NOT NULL,
        PRIMARY KEY (twin_id, task_id, due_ms)
    );
    CREATE INDEX claims_of_beat ON claims (beat_id);
    CREATE TABLE requests (
        id TEXT PRIMARY KEY,
        twin_id TEXT NOT NULL REFERENCES agent_roles(id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        priority INTEGER NOT NULL,
        state TEXT NOT NULL,
        due_ms BIGINT,
        wake_ms BIGINT NOT NULL,
        attempt INTEGER NOT NULL,
        beat_id TEXT NOT NULL,
        result_id TEXT NOT NULL,
        created_ms BIGINT NOT NULL,
        updated_ms BIGINT NOT NULL
    );
    CREATE INDEX requests_waking ON requests (state, wake_ms);
    CREATE INDEX requests_of_twin ON requests (twin_id, state);
    CREATE INDEX requests_by_time ON requests (updated_ms);
    CREATE TABLE results (
        id TEXT PRIMARY KEY,
        twin_id TEXT NOT NULL REFERENCES agent_roles(id) ON DELETE CASCADE,
        task_id TEXT NOT NULL,
        due_ms BIGINT NOT NULL,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        status TEXT NOT NULL,
        made_by TEXT NOT NULL,
        stripped INTEGER NOT NULL DEFAULT 0,
        text TEXT NOT NULL,
        evidence TEXT NOT NULL,
        claims TEXT NOT NULL,
        notes TEXT NOT NULL,
        beat_id TEXT NOT NULL,
        session_id TEXT NOT NULL,
        created_ms BIGINT NOT NULL,
        UNIQUE (twin_id, task_id, due_ms)
    );
    CREATE INDEX results_by_time ON results (created_ms);
    CREATE INDEX results_of_twin ON results (twin_id, created_ms);
    CREATE TABLE feedback (
        result_id TEXT PRIMARY KEY REFERENCES results(id) ON DELETE CASCADE,
        verdict TEXT NOT NULL,
        why TEXT NOT NULL,
        created_ms BIGINT NOT NULL
    );
    CREATE TABLE memories (
        id TEXT PRIMARY KEY,
        twin_id TEXT NOT NULL REFERENCES agent_roles(id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        source TEXT NOT NULL,
        created_ms BIGINT NOT NULL
    );
    CREATE INDEX memories_of_twin ON memories (twin_id, created_ms);
    CREATE TABLE facts (
        id TEXT PRIMARY KEY,
        subject TEXT NOT NULL,
        relation TEXT NOT NULL,
        object TEXT NOT NULL,
        created_ms BIGINT NOT NULL,
        UNIQUE (subject, relation, object)
    );
    CREATE TABLE deliveries (
        id TEXT PRIMARY KEY,
        result_id TEXT NOT NULL REFERENCES results(id) ON DELETE CASCADE,
        address_id TEXT NOT NULL REFERENCES addresses(id) ON DELETE CASCADE,
        digest TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        next_ms BIGINT NOT NULL,
        problem TEXT NOT NULL,
        created_ms BIGINT NOT NULL,
        sent_ms BIGINT,
        UNIQUE (result_id, address_id)
    );
    CREATE INDEX deliveries_waiting ON deliveries (state, next_ms);
    CREATE INDEX deliveries_of_address ON deliveries (address_id, created_ms);
    CREATE TABLE servers (
        owner TEXT PRIMARY KEY,
        started_ms BIGINT NOT NULL,
        seen_ms BIGINT NOT NULL,
        next_ms BIGINT
    );
    CREATE TABLE upkeep (
        what TEXT PRIMARY KEY,
        at_ms BIGINT NOT NULL
    )
    """

MIGRATIONS = (_ROLES, _WORK)
VERSION = len(MIGRATIONS)


def steps(version: int, to: int = VERSION) -> list[str]:
    """The statements that bring a database from a version to another, one by one."""
    return [statement.strip() for script in MIGRATIONS[version:to] for statement in script.split(";")]
