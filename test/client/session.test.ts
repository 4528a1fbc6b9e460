import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import type { Platform } from "../../client/api.ts";
import { localLock } from "../../client/locks.ts";
import { createSession, type Session } from "../../client/session.ts";
import { memoryStorage } from "../../client/storage-memory.ts";
import { hangUp, linkTo, onlineLink, sleep } from "../support/links.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { type Person, person, urls } from "../support/people.ts";
import { proxy } from "../support/proxy.ts";
import { readyData } from "../support/ready-data.ts";
import { eventually } from "../support/stage.ts";

const [url = ""] = urls();

/** Tokens of the same session and second are the same. */
const NEXT_TOKEN_MS = 1_100;

afterEach(hangUp);
afterAll(hangUp);

/** A browser's tabs: they share storage, locks and channels. */
function device(): () => Pick<Platform, "storage" | "lock" | "channel"> {
	const storage = memoryStorage();
	const lock = localLock();
	const ears = new Set<{ name: string; listener: (text: string) => void }>();
	return () => ({
		storage,
		lock,
		channel(name, listener) {
			const ear = { name, listener };
			ears.add(ear);
			return {
				post(text) {
					for (const other of ears)
						if (other !== ear && other.name === name) queueMicrotask(() => other.listener(text));
				},
				close: () => void ears.delete(ear),
			};
		},
	});
}

const credentials = ({ username, password }: Person) => ({ login: username, password });
const nameIn = (session: Session) => session.state.get()?.user.username ?? null;
const becomes = (session: Session, name: string | null) =>
	eventually(
		() => nameIn(session),
		now => now === name,
	);

test("who registers is signed in, also after a reload, and a client gets their tokens", async () => {
	const tab = device();
	const session = createSession({ url: `${url}/`, platform: tab() });
	expect(session.state.get()).toBeNull();
	const username = `new.${Date.now().toString(36)}`;
	const user = await session.register({
		username,
		email: `${username}@example.com`,
		password: "a password of some length",
	});
	expect(session.state.get()?.user).toEqual(user);
	const reloaded = createSession({ url, platform: tab() });
	expect(await reloaded.restore()).toEqual(user);
	const { link } = await onlineLink(url, reloaded.token);
	expect((await link.rest("GET /users/me", {})).id).toBe(user.id);
});

test("a wrong password signs nobody in, and nobody has no token", async () => {
	const session = createSession({ url });
	const ann = await person("ann");
	const wrong = session.signIn({ login: ann.username, password: "not the password" });
	await expect(wrong).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
	await expect(session.token()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
	const { link, reaches } = linkTo(url, session.token);
	link.connect();
	await reaches("signed-out");
});

test("signing out ends the session in every tab and at the server", async () => {
	const tab = device();
	const ann = await person("ann");
	const [one, two] = [tab(), tab()].map(platform => createSession({ url, platform })) as [Session, Session];
	await one.signIn(credentials(ann));
	expect(await becomes(two, ann.username)).toBe(ann.username);
	const { reaches } = await onlineLink(url, two.token);
	await one.signOut();
	expect(nameIn(one)).toBeNull();
	expect(await becomes(two, null)).toBeNull();
	await reaches("signed-out");
	expect(await createSession({ url, platform: tab() }).restore()).toBeNull();
});

test("tokens are one person's: who signs in in another tab ends this one's session", async () => {
	const tab = device();
	const [ann, ben] = await Promise.all([person("ann"), person("ben")]);
	const [one, two] = [tab(), tab()].map(platform => createSession({ url, platform })) as [Session, Session];
	await one.signIn(credentials(ann));
	await becomes(two, ann.username);
	await one.signIn(credentials(ben));
	expect(nameIn(one)).toBe(ben.username);
	expect(await becomes(two, null)).toBeNull();
	await expect(two.token()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

test("a session that was ended elsewhere is noticed when its token is refused", async () => {
	const ann = await person("ann");
	const session = createSession({ url });
	await session.signIn(credentials(ann));
	const { reaches } = await onlineLink(url, session.token);
	const { body } = await ann.rest.get("/auth/sessions");
	for (const { id, current } of body.items as { id: string; current: boolean }[])
		if (!current) await ann.rest.delete(`/auth/sessions/${id}`);
	await reaches("signed-out");
	expect(session.state.get()).toBeNull();
});

test("a server that is out of reach signs nobody out", async () => {
	const ann = await person("ann");
	const wire = await proxy(url);
	const session = createSession({ url: wire.url });
	await session.signIn(credentials(ann));
	const token = await session.token();
	await sleep(NEXT_TOKEN_MS);
	await wire.refuse();
	await expect(session.token(token)).rejects.toMatchObject({ code: "UNAVAILABLE" });
	expect(nameIn(session)).toBe(ann.username);
	await wire.pass();
	expect(await session.token(token)).not.toBe(token);
	await wire.close();
});

test("an answer with the new pair that gets lost is asked for again, and the session lives on", async () => {
	const ann = await person("ann");
	const wire = await proxy(url);
	const session = createSession({ url: wire.url });
	await session.signIn(credentials(ann));
	const token = await session.token();
	await sleep(NEXT_TOKEN_MS);
	wire.dropDownFrom("/api/auth/refresh");
	const asked = session.token(token);
	await sleep(1_000);
	await wire.pass();
	const next = await asked;
	expect(next).not.toBe(token);
	await sleep(NEXT_TOKEN_MS);
	expect(await session.token(next)).not.toBe(next);
	await wire.close();
});

test("tabs with short tokens stay signed in over many refreshes, also one that slept through them", async () => {
	const folder = await mkdtemp(path.join(tmpdir(), "parley-session-"));
	const node: ParleyNode = await startNode({
		CHAT_DATA_DIR: readyData(folder),
		CHAT_ACCESS_TOKEN_TTL: "2",
	});
	try {
		const tab = device();
		const ann = await person("ann", [node.url]);
		const sessions = [tab(), tab(), tab()].map(platform => createSession({ url: node.url, platform }));
		await sessions[0]?.signIn(credentials(ann));
		for (const session of sessions) await session.restore();
		const awake = sessions.slice(0, 2);
		const links = await Promise.all(awake.map(({ token }) => onlineLink(node.url, token)));
		const until = Date.now() + 13_000;
		while (Date.now() < until) {
			await sleep(300);
			await Promise.all(awake.map(session => session.token()));
		}
		await sessions[2]?.token();
		expect(sessions.map(nameIn)).toEqual(sessions.map(() => ann.username));
		for (const { link, reaches, statuses } of links) {
			await reaches("online");
			expect((await link.rest("GET /users/me", {})).id).toBe(ann.id);
			expect(statuses).not.toContain("signed-out");
		}
	} finally {
		hangUp();
		await node.kill9();
		await rm(folder, { recursive: true, force: true });
	}
});
