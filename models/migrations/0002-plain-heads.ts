import type { Tables } from "../../lib/tables.ts";
import type { Migration } from "../migrate.ts";

const named = (t: Tables, name: string) => t.heads.replace(/"chat_heads"$/, `"${name}"`);

/**
 * `plain` says of a chat that whoever is a member of it sees it: it is no thread, which goes by its parent, and not
 * deleted. So an inbox of a thousand chats is read from memberships and heads alone. PostgreSQL keeps it, for nodes of
 * the version before as well, which know nothing of it.
 */
export const up: Migration = t => `
ALTER TABLE ${t.heads} ADD COLUMN plain boolean NOT NULL DEFAULT true;
UPDATE ${t.heads} h SET plain = false FROM ${t.chats} c
	WHERE c.id = h.chat_id AND (c.type = 'thread' OR c.deleted_at IS NOT NULL);
ALTER TABLE ${t.heads} ALTER COLUMN plain SET DEFAULT false;

CREATE FUNCTION ${named(t, "head_begins")}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.plain := EXISTS (
		SELECT 1 FROM ${t.chats} WHERE id = NEW.chat_id AND type <> 'thread' AND deleted_at IS NULL
	);
	RETURN NEW;
END $$;
CREATE TRIGGER head_begins BEFORE INSERT ON ${t.heads}
	FOR EACH ROW EXECUTE FUNCTION ${named(t, "head_begins")}();

CREATE FUNCTION ${named(t, "chat_ends")}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE ${t.heads} SET plain = false WHERE chat_id = NEW.id AND plain;
	RETURN NULL;
END $$;
CREATE TRIGGER chat_ends AFTER UPDATE OF deleted_at ON ${t.chats}
	FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION ${named(t, "chat_ends")}();
`;
