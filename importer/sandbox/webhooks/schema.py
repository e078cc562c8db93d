"""The tables of webhooks: who subscribes, what waits to be delivered, and what was."""

from __future__ import annotations

__all__ = ["SCHEMA"]

SCHEMA = """
    CREATE TABLE webhook_subscriptions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        url TEXT NOT NULL,
        events TEXT NOT NULL,  -- JSON list
        secret TEXT NOT NULL,
        active INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        position INTEGER NOT NULL  -- the last of company_changes that was looked at
    );
    CREATE TABLE webhook_waiting (
        subscription_id INTEGER NOT NULL REFERENCES webhook_subscriptions,
        company_id INTEGER NOT NULL REFERENCES companies,
        notices TEXT NOT NULL,  -- JSON list of [event, user id], first to be delivered first
        under_way TEXT,  -- JSON [event, user id] whose delivery has begun and is not known to have ended
        taken INTEGER NOT NULL DEFAULT 0,  -- whether the one sandbox that delivers is at it
        due_at REAL NOT NULL,  -- seconds of that sandbox's clock
        PRIMARY KEY (subscription_id, company_id)
    ) WITHOUT ROWID;
    CREATE INDEX webhook_waiting_due ON webhook_waiting (subscription_id, taken, due_at);
    CREATE TABLE webhook_deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        subscription_id INTEGER NOT NULL,  -- which may be gone
        url TEXT NOT NULL,
        event TEXT NOT NULL,
        company_id INTEGER NOT NULL,
        state TEXT NOT NULL,  -- delivered, failed, cancelled
        attempts TEXT NOT NULL,  -- JSON list of {status, error, seconds, at}
        at TEXT NOT NULL  -- when it was over
    );
"""
