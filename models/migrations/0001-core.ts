import type { Tables } from "../../lib/tables.ts";
import type { Migration } from "../migrate.ts";

const appendOnly = (t: Tables) => t.audit.replace(/"audit_log"$/, '"audit_append_only"');

/**
 * Users, sessions, chats and their logs, the outbox and what the bridge's consumers keep.
 * `chat_heads` is the hottest row and stays narrow and without secondary indexes, so that its update stays in its
 * page. Every key of `messages` but the one on `id` begins with the chat, so that the table can be partitioned by it.
 * `tx` holds the transaction that last touched a row: `inbox/changes` goes on from a snapshot by it.
 */
export const up: Migration = t => `
-- The extension is the database's, not the installation's, and two that make it at once fail.
SELECT pg_advisory_xact_lock(hashtext('parley pg_trgm'));
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;

CREATE TABLE ${t.users} (
	id uuid PRIMARY KEY,
	username text NOT NULL UNIQUE,
	email text UNIQUE,
	display_name text NOT NULL,
	avatar_url text,
	metadata jsonb NOT NULL DEFAULT '{}',
	password_hash text,
	issuer text,
	subject text,
	search text NOT NULL GENERATED ALWAYS AS (lower(username || ' ' || display_name)) STORED,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	UNIQUE (issuer, subject)
);
CREATE INDEX users_search ON ${t.users} USING gin (search public.gin_trgm_ops);

CREATE TABLE ${t.sessions} (
	id uuid PRIMARY KEY,
	user_id uuid NOT NULL REFERENCES ${t.users} ON DELETE CASCADE,
	generation integer NOT NULL DEFAULT 0,
	rotations timestamptz[] NOT NULL DEFAULT '{}',
	user_agent text,
	created_at timestamptz NOT NULL DEFAULT now(),
	last_used_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	ended_at timestamptz
);
CREATE INDEX sessions_user ON ${t.sessions} (user_id);

CREATE TABLE ${t.chats} (
	id uuid PRIMARY KEY,
	type text NOT NULL CHECK (type IN ('direct', 'group', 'channel', 'thread')),
	name text,
	description text,
	metadata jsonb NOT NULL DEFAULT '{}',
	avatar_url text,
	announce_only boolean NOT NULL DEFAULT false,
	parent_chat_id uuid,
	parent_message_id uuid,
	direct_key text UNIQUE,
	client_id text,
	created_by uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	deleted_at timestamptz,
	deleted_by uuid,
	purged_at timestamptz,
	UNIQUE (created_by, client_id)
);
CREATE UNIQUE INDEX chats_thread ON ${t.chats} (parent_message_id) WHERE deleted_at IS NULL;
CREATE INDEX chats_parent ON ${t.chats} (parent_chat_id) WHERE parent_chat_id IS NOT NULL;
CREATE INDEX chats_channels ON ${t.chats} ((lower(coalesce(name, '')) COLLATE "C"), id) WHERE type = 'channel' AND deleted_at IS NULL;
CREATE INDEX chats_channel_search ON ${t.chats} USING gin (lower(name) public.gin_trgm_ops) WHERE type = 'channel' AND deleted_at IS NULL;
CREATE INDEX chats_purge ON ${t.chats} (deleted_at) WHERE deleted_at IS NOT NULL AND purged_at IS NULL;

CREATE TABLE ${t.heads} (
	chat_id uuid PRIMARY KEY,
	last_seq bigint NOT NULL DEFAULT 0,
	rev bigint NOT NULL DEFAULT 0,
	member_epoch bigint NOT NULL DEFAULT 0,
	member_count integer NOT NULL DEFAULT 0,
	last_at timestamptz NOT NULL DEFAULT now(),
	tx xid8 NOT NULL DEFAULT pg_current_xact_id()
) WITH (fillfactor = 50);

CREATE TABLE ${t.members} (
	chat_id uuid NOT NULL,
	user_id uuid NOT NULL,
	role text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'moderator', 'admin', 'owner')),
	joined_at timestamptz NOT NULL DEFAULT now(),
	joined_seq bigint NOT NULL DEFAULT 0,
	read_seq bigint NOT NULL DEFAULT 0,
	read_at timestamptz,
	delivered_seq bigint NOT NULL DEFAULT 0,
	delivered_at timestamptz,
	silenced_until timestamptz,
	muted_until timestamptz,
	left_at timestamptz,
	removed boolean NOT NULL DEFAULT false,
	rev bigint NOT NULL,
	tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
	PRIMARY KEY (chat_id, user_id)
) WITH (fillfactor = 70);
CREATE INDEX members_user ON ${t.members} (user_id, chat_id);
CREATE INDEX members_rev ON ${t.members} (chat_id, rev);
CREATE INDEX members_joined ON ${t.members} (chat_id, joined_at, user_id) WHERE left_at IS NULL;
CREATE INDEX members_owners ON ${t.members} (chat_id) WHERE role = 'owner' AND left_at IS NULL;
CREATE INDEX members_left ON ${t.members} (left_at) WHERE left_at IS NOT NULL;

CREATE TABLE ${t.messages} (
	chat_id uuid NOT NULL,
	seq bigint NOT NULL,
	id uuid NOT NULL UNIQUE,
	rev bigint NOT NULL,
	sender_id uuid NOT NULL,
	type text NOT NULL,
	content text,
	metadata jsonb NOT NULL DEFAULT '{}',
	client_id text NOT NULL,
	reply_to_id uuid,
	mentions uuid[] NOT NULL DEFAULT '{}',
	reactions jsonb NOT NULL DEFAULT '[]',
	edited_at timestamptz,
	deleted_at timestamptz,
	pinned_at timestamptz,
	pinned_by uuid,
	forwarded_from_id uuid,
	original_sender_id uuid,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (chat_id, seq),
	UNIQUE (chat_id, sender_id, client_id)
);
CREATE INDEX messages_rev ON ${t.messages} (chat_id, rev);
CREATE INDEX messages_pinned ON ${t.messages} (chat_id, pinned_at) WHERE pinned_at IS NOT NULL;

CREATE TABLE ${t.reactions} (
	chat_id uuid NOT NULL,
	seq bigint NOT NULL,
	emoji text NOT NULL,
	user_id uuid NOT NULL,
	at timestamptz NOT NULL,
	PRIMARY KEY (chat_id, seq, emoji, user_id)
);

CREATE TABLE ${t.mentions} (
	user_id uuid NOT NULL,
	chat_id uuid NOT NULL,
	seq bigint NOT NULL,
	PRIMARY KEY (user_id, chat_id, seq)
);
CREATE INDEX mentions_chat ON ${t.mentions} (chat_id, seq);

CREATE TABLE ${t.forwards} (
	sender_id uuid NOT NULL,
	client_id text NOT NULL,
	message_ids uuid[] NOT NULL,
	PRIMARY KEY (sender_id, client_id)
);

CREATE TABLE ${t.outbox} (
	lane smallint NOT NULL,
	id bigint GENERATED ALWAYS AS IDENTITY,
	topics text[] NOT NULL,
	key text NOT NULL,
	event_id uuid NOT NULL,
	event text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (lane, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

CREATE TABLE ${t.lanes} (
	lane smallint PRIMARY KEY,
	owner text,
	fence bigint NOT NULL DEFAULT 0,
	until timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE TABLE ${t.relays} (
	owner text PRIMARY KEY,
	until timestamptz NOT NULL
);

CREATE TABLE ${t.consumed} (
	consumer text NOT NULL,
	source text NOT NULL,
	next_offset bigint NOT NULL,
	PRIMARY KEY (consumer, source)
);
CREATE TABLE ${t.seen} (
	consumer text NOT NULL,
	event_id uuid NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (consumer, event_id)
);
CREATE INDEX seen_at ON ${t.seen} (at);

CREATE TABLE ${t.analyticsCounts} (
	bucket text NOT NULL CHECK (bucket IN ('hour', 'day')),
	at timestamptz NOT NULL,
	messages bigint NOT NULL DEFAULT 0,
	active_users bigint NOT NULL DEFAULT 0,
	active_chats bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (bucket, at)
);
CREATE TABLE ${t.analyticsActive} (
	bucket text NOT NULL,
	at timestamptz NOT NULL,
	kind text NOT NULL CHECK (kind IN ('user', 'chat')),
	id uuid NOT NULL,
	PRIMARY KEY (bucket, at, kind, id)
);
CREATE INDEX analytics_active_at ON ${t.analyticsActive} (at);

CREATE TABLE ${t.audit} (
	chain text NOT NULL,
	n bigint NOT NULL,
	event_id uuid NOT NULL,
	event text NOT NULL,
	previous_hash text NOT NULL,
	hash text NOT NULL,
	at timestamptz NOT NULL,
	PRIMARY KEY (chain, n),
	UNIQUE (event_id)
);
CREATE FUNCTION ${appendOnly(t)}() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN RAISE EXCEPTION ''The audit log is only ever added to.''; END';
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${t.audit}
	FOR EACH STATEMENT EXECUTE FUNCTION ${appendOnly(t)}();

CREATE TABLE ${t.deadLetters} (
	id uuid PRIMARY KEY,
	consumer text NOT NULL,
	event_id text,
	event text NOT NULL,
	reason text NOT NULL,
	at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now())
);
CREATE INDEX dead_letters_at ON ${t.deadLetters} (at, id);
`;
