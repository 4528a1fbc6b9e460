import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { api } from "../support/http.ts";
import { goHome, type Person, person, urls } from "../support/people.ts";
import { connect } from "../support/socket.ts";
import { endingIn, foreignToken } from "../support/tokens.ts";
import { verdict, wrongFields } from "../support/verdict.ts";

let ann: Person;
const url = () => urls()[0] as string;
const nobody = () => api(url());
const unique = (name: string) => `${name}.${randomBytes(5).toString("hex")}`;
const registration = (username: string) => ({
	username,
	email: `${username}@example.com`,
	password: "a long enough one",
});

beforeAll(async () => {
	ann = await person("ann");
});

afterAll(goHome);

test("who registers is signed in", async () => {
	const username = unique("new");
	const answer = await nobody().post("/auth/register", { ...registration(username), displayName: "New One" });
	expect(answer.status).toBe(201);
	expect(answer.body).toEqual({
		user: {
			id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
			username,
			displayName: "New One",
			email: `${username}@example.com`,
			avatarUrl: null,
			metadata: {},
			createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
		},
		accessToken: expect.any(String),
		refreshToken: expect.any(String),
		expiresIn: expect.any(Number),
	});
	expect((await api(url(), answer.body.accessToken).get("/users/me")).body).toEqual(answer.body.user);
});

test("a username is taken in any case of its letters", async () => {
	const username = unique("case");
	expect(verdict(await nobody().post("/auth/register", registration(username)))).toBe("201");
	const again = { ...registration(username.toUpperCase()), email: "else@example.com" };
	expect(verdict(await nobody().post("/auth/register", again))).toBe("409 CONFLICT");
});

test("of many who register one name at once, one gets it", async () => {
	const username = unique("race");
	const answers = await Promise.all(
		Array.from({ length: 6 }, (_, i) =>
			api(urls()[i % urls().length] as string).post("/auth/register", {
				...registration(username),
				email: `${i}.${username}@example.com`,
			}),
		),
	);
	expect(answers.map(verdict).sort()).toEqual(["201", ...Array(5).fill("409 CONFLICT")]);
});

test.each([
	["a username that is too short", { username: "ab" }, "username"],
	["a username that is too long", { username: "a".repeat(33) }, "username"],
	["a username with a space", { username: "a b c" }, "username"],
	["a username with other letters", { username: "ännchen" }, "username"],
	["no e-mail", { email: undefined }, "email"],
	["what is no e-mail", { email: "ann" }, "email"],
	["a short password", { password: "1234567" }, "password"],
	["a password that is too long", { password: "x".repeat(257) }, "password"],
	["a display name that is too long", { displayName: "x".repeat(81) }, "displayName"],
	["a blank display name", { displayName: "  " }, "displayName"],
	["a field that nobody knows", { isAdmin: true }, "isAdmin"],
])("nobody registers with %s", async (_, wrong, field) => {
	const answer = await nobody().post("/auth/register", { ...registration(unique("wrong")), ...wrong });
	expect(verdict(answer)).toBe("422 VALIDATION_ERROR");
	expect(wrongFields(answer)).toEqual([field]);
});

test("one logs in with the username or the e-mail", async () => {
	for (const login of [ann.username, `${ann.username}@example.com`]) {
		const { status, body } = await nobody().post("/auth/login", { login, password: ann.password });
		expect(status).toBe(200);
		expect(body).toMatchObject({ user: { id: ann.id }, expiresIn: expect.any(Number) });
		expect(verdict(await api(url(), body.accessToken).get("/users/me"))).toBe("200");
	}
});

test("T5: a wrong password and an unknown name are one answer", async () => {
	const wrong = await nobody().post("/auth/login", { login: ann.username, password: "not this one" });
	const unknown = await nobody().post("/auth/login", { login: unique("no"), password: "not this one" });
	expect(verdict(wrong)).toBe("401 UNAUTHENTICATED");
	const shown = ({ body: { traceId: _, ...rest } }: typeof wrong) => rest;
	expect(shown(unknown)).toEqual(shown(wrong));
});

test("a token opens REST in the header, and nowhere else", async () => {
	expect(verdict(await ann.rest.get("/users/me"))).toBe("200");
	expect(verdict(await nobody().get("/users/me"))).toBe("401 UNAUTHENTICATED");
	for (const name of ["token", "access_token", "accessToken"]) {
		const answer = await nobody().get(`/users/me?${name}=${ann.token}`);
		expect(answer.status).toBe(401);
	}
});

test("a token opens a socket in `auth`, and not in its query", async () => {
	const refusal = await connect(url(), undefined, { query: { token: ann.token } }).then(
		() => null,
		(err: { data?: { code: string } }) => err,
	);
	expect(refusal?.data?.code).toBe("UNAUTHENTICATED");
});

test("a token that ran out is told from a wrong one, at both doors", async () => {
	const late = endingIn(ann, -60);
	expect(verdict(await api(url(), late).get("/users/me"))).toBe("401 TOKEN_EXPIRED");
	expect(verdict(await api(url(), `${ann.token}x`).get("/users/me"))).toBe("401 UNAUTHENTICATED");
	const refused = (token: string) =>
		connect(url(), token).then(
			() => "connected",
			(err: { data?: { code: string } }) => err.data?.code,
		);
	expect(await refused(late)).toBe("TOKEN_EXPIRED");
	expect(await refused("not a token")).toBe("UNAUTHENTICATED");
});

test("a token that has served is refused once it runs out", async () => {
	const token = endingIn(ann, 5);
	const ask = async () => verdict(await api(url(), token).get("/users/me"));
	expect(await ask()).toBe("200");
	for (let tries = 0; tries < 100 && (await ask()) === "200"; tries++) await sleep(100);
	expect(await ask()).toBe("401 TOKEN_EXPIRED");
});

test("users of the host application are made on first sight", async () => {
	const subject = unique("host");
	const token = foreignToken(subject, { name: "Fay Foreign", picture: "https://host.example/fay.png" });
	const first = await api(url(), token).get("/users/me");
	expect(first.status).toBe(200);
	expect(first.body).toMatchObject({
		displayName: "Fay Foreign",
		avatarUrl: "https://host.example/fay.png",
	});
	const again = await api(urls().at(-1) as string, foreignToken(subject, { name: "Fay" })).get("/users/me");
	expect(again.body.id).toBe(first.body.id);
	const socket = await connect(url(), token);
	socket.close();
});

test("a user of the host application seen by many calls at once is one user", async () => {
	const token = foreignToken(unique("race"), { name: "Racy" });
	const seen = await Promise.all(
		Array.from({ length: 8 }, (_, i) => api(urls()[i % urls().length] as string, token).get("/users/me")),
	);
	expect(seen.map(({ status }) => status)).toEqual(Array(8).fill(200));
	expect(new Set(seen.map(({ body }) => body.id)).size).toBe(1);
});
