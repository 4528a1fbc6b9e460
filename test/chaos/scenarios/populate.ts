/** Very many users, each in ten chats of ten, as if they had been there for long. */
import pg from "pg";
import { tablesOf } from "../../../lib/tables.ts";
import { fill } from "../../../load/stage/fill.ts";
import { idOf, mixed } from "../../../load/stage/layout.ts";
import { ISSUER, tokenOf } from "../../../load/stage/tokens.ts";
import type { Stage } from "../stage.ts";

const CHATS_EACH = 10;
const MEMBERS = 10;

export interface Inhabitant {
	token: string;
	/** A chat of theirs that is not the first of anybody else. */
	chatId: string;
}

export async function populate({ servers, installation }: Stage, users: number): Promise<Inhabitant[]> {
	const { namespace, secret } = installation;
	const db = new pg.Client({ connectionString: servers.postgres.url });
	await db.connect();
	try {
		const ground = { db, t: tablesOf(namespace), issuer: ISSUER.issuer };
		await fill(ground, mixed(users, CHATS_EACH, MEMBERS));
	} finally {
		await db.end();
	}
	return Array.from({ length: users }, (_, n) => ({ token: tokenOf(secret, n), chatId: idOf("chat", n) }));
}
