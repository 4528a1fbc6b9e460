import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as auth from "../../contracts/auth.ts";
import type { Events } from "../../contracts/events.ts";
import { newId } from "../../lib/ids.ts";
import authService from "../../services/auth/auth.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let ended: Events["sessions.ended"][];
beforeAll(async () => {
	t = await testBroker(authService);
	ended = t.heard("sessions.ended");
});
afterAll(() => t.stop());

const refresh = (refreshToken: string) => t.as("")(auth.refresh, { refreshToken });
const verify = (token: string) => t.as("")(auth.verify, { token });
async function signedIn() {
	const username = `u${newId().slice(-12)}`;
	const params = { username, email: `${username}@example.com`, password: "correct horse" };
	const { user, ...pair } = await t.as("")(auth.register, params);
	const { sessionId } = await verify(pair.accessToken);
	return { userId: user.id, sessionId: sessionId as string, pair };
}
/** As if so much time had gone by since the last exchanges. */
const age = (sessionId: string, seconds: number) =>
	t.db.query(
		`UPDATE ${t.db.t.sessions} SET rotations = ARRAY(SELECT r - make_interval(secs => $2) FROM unnest(rotations) r) WHERE id = $1`,
		[sessionId, seconds],
	);
const sessionRow = async (sessionId: string) =>
	(
		await t.db.query<{ generation: number }>(`SELECT * FROM ${t.db.t.sessions} WHERE id = $1`, [sessionId])
	)[0];

test("a refresh gives a new pair, of the same session", async () => {
	const { pair, sessionId, userId } = await signedIn();
	const next = await refresh(pair.refreshToken);
	expect(next.refreshToken).not.toBe(pair.refreshToken);
	expect(next.expiresIn).toBe(900);
	expect(await verify(next.accessToken)).toMatchObject({ userId, sessionId });
	expect(await codeOf(verify(pair.accessToken))).toBe("ok");
});

test("T12: fifty refreshes at once, and one more within 10 s, give exactly one child", async () => {
	const { pair, sessionId } = await signedIn();
	const children = await Promise.all(Array.from({ length: 50 }, () => refresh(pair.refreshToken)));
	expect(new Set(children.map(child => JSON.stringify(child))).size).toBe(1);
	await age(sessionId, 8);
	const again = await refresh(pair.refreshToken);
	expect(again.refreshToken).toBe(children[0]?.refreshToken);
	expect((await sessionRow(sessionId))?.generation).toBe(1);
});

test("T12: a refresh token used again after 10 s ends its session, with its child and its access tokens", async () => {
	const { pair, sessionId, userId } = await signedIn();
	const child = await refresh(pair.refreshToken);
	await age(sessionId, 11);
	expect(await codeOf(refresh(pair.refreshToken))).toBe("UNAUTHENTICATED");
	expect(ended).toContainEqual({ userId, sessionIds: [sessionId] });
	expect(await codeOf(refresh(child.refreshToken))).toBe("UNAUTHENTICATED");
	expect(await codeOf(verify(child.accessToken))).toBe("UNAUTHENTICATED");
	expect(await t.as(userId)(auth.liveSessions, { sessionIds: [sessionId] })).toEqual([]);
});

test("a token gives its own pair again though its child was exchanged meanwhile", async () => {
	const { pair } = await signedIn();
	const child = await refresh(pair.refreshToken);
	const grandchild = await refresh(child.refreshToken);
	expect(await refresh(pair.refreshToken)).toEqual(child);
	expect(await refresh(child.refreshToken)).toEqual(grandchild);
	expect(await codeOf(refresh(grandchild.refreshToken))).toBe("ok");
});

test("a token of long ago ends the session too", async () => {
	const { pair, sessionId } = await signedIn();
	let latest = pair;
	for (let i = 0; i < 4; i++) {
		latest = await refresh(latest.refreshToken);
		await age(sessionId, 60);
	}
	expect(await codeOf(refresh(pair.refreshToken))).toBe("UNAUTHENTICATED");
	expect(await codeOf(refresh(latest.refreshToken))).toBe("UNAUTHENTICATED");
});

test("a session that nobody used for its time is over", async () => {
	const { pair, sessionId } = await signedIn();
	await t.db.query(`UPDATE ${t.db.t.sessions} SET expires_at = now() WHERE id = $1`, [sessionId]);
	expect(await codeOf(refresh(pair.refreshToken))).toBe("UNAUTHENTICATED");
	expect(await t.as("")(auth.liveSessions, { sessionIds: [sessionId] })).toEqual([]);
});

test("what is no refresh token is refused, and ends nobody's session", async () => {
	const { pair, sessionId } = await signedIn();
	const bytes = Buffer.from(pair.refreshToken, "base64url");
	const later = Buffer.from(bytes);
	later.writeUInt32BE(1, 16);
	const other = Buffer.concat([Buffer.alloc(16, 1), bytes.subarray(16)]);
	const wrong = [
		"x",
		pair.accessToken,
		`${pair.refreshToken}A`,
		`${pair.refreshToken}=`,
		later.toString("base64url"),
		other.toString("base64url"),
		bytes.subarray(0, 20).toString("base64url"),
	];
	for (const token of wrong) expect(await codeOf(refresh(token))).toBe("UNAUTHENTICATED");
	expect(await t.as("")(auth.liveSessions, { sessionIds: [sessionId] })).toEqual([sessionId]);
});

test("nothing in the database is of use to who signs in", async () => {
	const { pair, sessionId } = await signedIn();
	const child = await refresh(pair.refreshToken);
	const row = JSON.stringify(await sessionRow(sessionId));
	for (const token of [pair, child].flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken]))
		for (const part of token.split(".")) expect(row).not.toContain(part.slice(-40));
});
