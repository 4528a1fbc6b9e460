/** A PostgreSQL that ends in the moment in which it lets somebody in. */

import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import "../support/env.ts";

const { codeOf } = await import("../../lib/errors.ts");
const { openDatabase } = await import("../../lib/database.ts");

/** A message of PostgreSQL's: its kind, its length, its body. */
function message(kind: string, body: Buffer): Buffer {
	const head = Buffer.alloc(5);
	head.write(kind);
	head.writeInt32BE(body.length + 4, 1);
	return Buffer.concat([head, body]);
}

const LET_IN = Buffer.concat([message("R", Buffer.alloc(4)), message("Z", Buffer.from("I"))]);
const ENDS = message("E", Buffer.from("SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0"));

let server: Server;

beforeAll(async () => {
	server = createServer(socket => {
		socket.on("error", () => {});
		socket.once("data", () => socket.end(Buffer.concat([LET_IN, ENDS])));
	});
	await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
});

afterAll(() => void server.close());

test("I30: a server that says in one breath that it lets somebody in and that it ends costs a call, and not the process", async () => {
	const uncaught: unknown[] = [];
	const note = (err: unknown) => uncaught.push(err);
	process.on("uncaughtException", note);
	const { port } = server.address() as AddressInfo;
	const db = openDatabase({
		kind: "url",
		url: `postgres://nobody@127.0.0.1:${port}/none`,
		poolMax: 2,
	} as never);
	const codes = await Promise.all(
		[db.query("SELECT 1"), db.query("SELECT 1")].map(asked => asked.catch(codeOf)),
	);
	expect(codes).toEqual(["UNAVAILABLE", "UNAVAILABLE"]);
	expect(uncaught).toEqual([]);
	process.off("uncaughtException", note);
	await db.close();
});
