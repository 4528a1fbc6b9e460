import { afterAll, expect, test } from "@jest/globals";
import { api } from "../support/http.ts";
import { goHome, ok, type Person, person, urls } from "../support/people.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";
import { endingIn } from "../support/tokens.ts";
import { ackCode, quietly, verdict } from "../support/verdict.ts";

afterAll(goHome);

interface Pair {
	accessToken: string;
	refreshToken: string;
}
interface Session {
	id: string;
	current: boolean;
	userAgent: string | null;
}

const everyUrl = (i: number) => api(urls()[i % urls().length] as string);
const refresh = (refreshToken: string, i = 0) => everyUrl(i).post<Pair>("/auth/refresh", { refreshToken });
const sessionsOf = async (who: Person) =>
	ok<{ items: Session[] }>(await who.rest.get("/auth/sessions")).items;

/** The token at every node, and whether its socket has gone. */
async function isShutOut(who: Person, socket: TestSocket): Promise<void> {
	// At once where it ended, and elsewhere as soon as that is heard; where nobody told it, sessions are looked up after 30 s.
	for (const url of urls()) {
		const answer = () => api(url, who.token).get("/users/me");
		expect(verdict(await eventually(answer, given => verdict(given) !== "200", 10_000))).toBe(
			"401 UNAUTHENTICATED",
		);
	}
	expect(
		await eventually(
			() => socket.io.connected,
			open => !open,
			10_000,
		),
	).toBe(false);
}

test("a refresh gives a new pair, with which one goes on", async () => {
	const ann = await person("ann");
	const { accessToken, refreshToken } = ok<Pair & { expiresIn: number }>(await refresh(ann.refreshToken));
	expect(refreshToken).not.toBe(ann.refreshToken);
	expect(verdict(await api(urls()[0] as string, accessToken).get("/users/me"))).toBe("200");
	expect((await refresh(refreshToken)).status).toBe(200);
});

test("what is no refresh token is refused, an access token too", async () => {
	const ann = await person("ann");
	for (const wrong of ["nonsense", ann.token, `${ann.refreshToken}x`])
		expect(verdict(await refresh(wrong))).toBe("401 UNAUTHENTICATED");
});

test("T12: a refresh token exchanged twenty times at once, at any node, has one successor", async () => {
	const ann = await person("ann");
	const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => refresh(ann.refreshToken, i)));
	expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
	expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
	expect(new Set(answers.map(({ body }) => body.accessToken)).size).toBe(1);
});

test("T12: a refresh token used again after its 10 s ends the whole session", async () => {
	const ann = await person("ann");
	const other = await ann.signIn();
	const socket = await ann.receiver();
	const next = ok<Pair>(await refresh(ann.refreshToken));
	await quietly(10_300);
	expect(verdict(await refresh(ann.refreshToken, 1))).toBe("401 UNAUTHENTICATED");
	await isShutOut(ann, socket);
	expect(verdict(await refresh(next.refreshToken))).toBe("401 UNAUTHENTICATED");
	expect(verdict(await everyUrl(1).as(next.accessToken).get("/users/me"))).toBe("401 UNAUTHENTICATED");
	expect(verdict(await other.rest.get("/users/me"))).toBe("200");
});

test("one sees one's sessions, and which of them asks", async () => {
	const ann = await person("ann");
	const phone = await ann.signIn({ "user-agent": "a phone" });
	const sessions = await sessionsOf(phone);
	expect(sessions).toHaveLength(2);
	expect(sessions.find(({ current }) => current)).toEqual({
		id: expect.any(String),
		createdAt: expect.any(String),
		lastUsedAt: expect.any(String),
		userAgent: "a phone",
		current: true,
	});
	expect((await sessionsOf(ann)).find(({ current }) => current)?.userAgent).not.toBe("a phone");
});

test("T4: a session that is ended ends its tokens at once, and its sockets within a second", async () => {
	const ann = await person("ann");
	const phone = await ann.signIn();
	const [laptopSocket, phoneSocket] = [await ann.receiver(), await phone.receiver()];
	const gone = (await sessionsOf(phone)).find(({ current }) => current) as Session;
	expect(verdict(await ann.rest.delete(`/auth/sessions/${gone.id}`))).toBe("204");
	await isShutOut(phone, phoneSocket);
	expect(verdict(await refresh(phone.refreshToken))).toBe("401 UNAUTHENTICATED");
	expect(laptopSocket.io.connected).toBe(true);
	expect((await sessionsOf(ann)).map(({ current }) => current)).toEqual([true]);
	expect(verdict(await ann.rest.delete(`/auth/sessions/${gone.id}`))).toBe("404 NOT_FOUND");
});

test("T4: who logs out is out at every node, and only on that device", async () => {
	const ann = await person("ann");
	const phone = await ann.signIn();
	const socket = await phone.receiver();
	expect(verdict(await phone.rest.post("/auth/logout"))).toBe("204");
	await isShutOut(phone, socket);
	expect(verdict(await ann.rest.get("/users/me"))).toBe("200");
});

test("T4: a new password ends all other sessions", async () => {
	const ann = await person("ann");
	const phone = await ann.signIn();
	const [laptopSocket, phoneSocket] = [await ann.receiver(), await phone.receiver()];
	const change = (currentPassword: string) =>
		ann.rest.post("/auth/password", { currentPassword, newPassword: "quite another one" });
	expect(verdict(await change("not this one"))).toBe("403 FORBIDDEN");
	expect(verdict(await phone.rest.get("/users/me"))).toBe("200");
	expect(verdict(await change(ann.password))).toBe("204");
	await isShutOut(phone, phoneSocket);
	expect(verdict(await ann.rest.get("/users/me"))).toBe("200");
	expect(laptopSocket.io.connected).toBe(true);
	const login = (password: string) => everyUrl(1).post("/auth/login", { login: ann.username, password });
	expect(verdict(await login(ann.password))).toBe("401 UNAUTHENTICATED");
	expect(verdict(await login("quite another one"))).toBe("200");
});

test("nobody ends another's session", async () => {
	const [ann, ben] = [await person("ann"), await person("ben")];
	const [session] = await sessionsOf(ben);
	expect(verdict(await ann.rest.delete(`/auth/sessions/${session?.id}`))).toBe("404 NOT_FOUND");
	expect(verdict(await ben.rest.get("/users/me"))).toBe("200");
});

test("a minute before its token runs out a socket is told, and goes on with a new one of the same user", async () => {
	const [ann, ben] = [await person("ann"), await person("ben")];
	const socket = await connect(urls()[0] as string, endingIn(ann, 61));
	await socket.waitFor("auth:expiring");
	expect(await ackCode(socket, "auth:refresh", { token: ben.token })).toBe("UNAUTHENTICATED");
	expect(await ackCode(socket, "auth:refresh", { token: "nonsense" })).toBe("UNAUTHENTICATED");
	expect(await ackCode(socket, "auth:refresh", { token: ann.token })).toBe("ok");
	expect(await ackCode(socket, "heartbeat", {})).toBe("ok");
	socket.close();
});

test("a socket whose token runs out is told so and closed; one that was refreshed in time stays", async () => {
	const ann = await person("ann");
	const [late, fresh] = await Promise.all([
		connect(urls()[0] as string, endingIn(ann, 6)),
		connect(urls().at(-1) as string, endingIn(ann, 6)),
	]);
	expect(await ackCode(fresh, "auth:refresh", { token: ann.token })).toBe("ok");
	await late.waitFor("auth:expired");
	expect(
		await eventually(
			() => late.io.connected,
			open => !open,
		),
	).toBe(false);
	expect(fresh.of("auth:expired")).toEqual([]);
	expect(await ackCode(fresh, "heartbeat", {})).toBe("ok");
	fresh.close();
});
