import { action, internal, type Page } from "./contract.ts";
import * as field from "./fields.ts";

/** An account, as anyone who may see it sees it; `email` only to oneself. */
export interface User {
	id: string;
	username: string;
	displayName: string;
	avatarUrl: string | null;
	metadata: Record<string, unknown>;
	createdAt: string;
	email?: string | null;
}

/** What stands beside a member: enough to show them. */
export type UserCard = Pick<User, "id" | "username" | "displayName" | "avatarUrl">;

export const me = action<User>()({
	action: "users.me",
	doc: "The caller's own account, with its e-mail.",
	rest: "GET /users/me",
	auth: "required",
	rate: "read",
	params: { $$strict: true },
});

export const update = action<User>()({
	action: "users.update",
	doc: "Changes the caller's profile. `metadata` is replaced as a whole.",
	rest: "PATCH /users/me",
	auth: "required",
	rate: "write",
	params: {
		$$strict: true,
		displayName: field.displayName,
		avatarUrl: field.avatarUrl,
		metadata: field.optionalMetadata,
	},
});

export const get = action<User>()({
	action: "users.get",
	doc: "One user.",
	rest: "GET /users/:id",
	auth: "required",
	rate: "read",
	params: { $$strict: true, id: field.id },
});

export const list = action<Page<User>>()({
	action: "users.list",
	doc: "Users whose username or display name, or a word of it, begins with `search`, by username.",
	rest: "GET /users",
	socket: "users:list",
	ack: "users",
	auth: "required",
	rate: "read",
	params: { $$strict: true, search: field.search, cursor: field.cursor, limit: field.limit },
});

/** Makes or finds the user whom a foreign issuer's token names. */
export const ofIssuer = internal<{ id: string }>()({
	action: "users.ofIssuer",
	doc: "The user of a foreign issuer, made on first sight.",
	params: {
		$$strict: true,
		issuer: { type: "string", min: 1, max: 512 },
		subject: { type: "string", min: 1, max: 255 },
		name: { type: "string", max: 1_024, optional: true },
		picture: { type: "string", max: 4_096, optional: true },
	},
});
