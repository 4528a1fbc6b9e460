import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import jwt from "jsonwebtoken";
import { PUBLISHED } from "../../contracts/index.ts";
import { CASES } from "../support/cases.ts";
import { contractOf, overRest } from "../support/doors.ts";
import { goHome, type Person, person, urls } from "../support/people.ts";
import { connect } from "../support/socket.ts";
import { type Stage, setStage } from "../support/stage.ts";

let stage: Stage;
let tokens: Record<string, { token: string | undefined; code: string }>;

beforeAll(async () => {
	stage = await setStage();
	tokens = tokensOf(await person("eve"));
}, 60_000);

afterAll(goHome);

/** Tokens that open no door, made from one that does. */
function tokensOf({ token, refreshToken }: Person): typeof tokens {
	const secret = process.env.PARLEY_JWT_SECRET as string;
	const claims = jwt.decode(token) as jwt.JwtPayload;
	const { exp: _, ...lasting } = claims;
	const signed = (changed: object, key = secret) =>
		jwt.sign({ ...claims, ...changed }, key, { algorithm: "HS256" });
	const wrong = (bad: string | undefined) => ({ token: bad, code: "UNAUTHENTICATED" });
	return {
		"no token": wrong(undefined),
		"what is no token": wrong("abc.def.ghi"),
		"a refresh token": wrong(refreshToken),
		"an expired token": { token: signed({ exp: Math.floor(Date.now() / 1000) - 60 }), code: "TOKEN_EXPIRED" },
		"a token without an end": wrong(jwt.sign(lasting, secret, { algorithm: "HS256" })),
		"a token of another type": wrong(signed({ typ: "refresh" })),
		"a token for another audience": wrong(signed({ aud: "another" })),
		"a token of another issuer": wrong(signed({ iss: "https://another.example" })),
		"a token of another key": wrong(signed({}, "quite another secret of thirty-two bytes")),
		"an unsigned token": wrong(jwt.sign(claims, "", { algorithm: "none" })),
		"a token of no session": wrong(signed({ sid: "018f0000-0000-7000-8000-000000000000" })),
	};
}

test("T1: every published action has a row here", () => {
	expect(PUBLISHED.filter(({ action }) => !(action in CASES))).toEqual([]);
});

const guarded = PUBLISHED.filter(({ auth, rest }) => auth !== "public" && rest !== undefined).map(
	({ action }) => action,
);

describe.each(guarded)("%s", action => {
	test(`T1: ${action} opens to no wrong token over REST`, async () => {
		const trial = CASES[action] as (typeof CASES)[string];
		const params = trial.params(stage, {});
		const answers: Record<string, string> = {};
		for (const [name, { token }] of Object.entries(tokens)) {
			answers[name] = (await overRest(urls()[0] as string, token, contractOf(action), params)).code;
		}
		expect(answers).toEqual(
			Object.fromEntries(Object.entries(tokens).map(([name, { code }]) => [name, code])),
		);
	});
});

test("T1: no wrong token opens a socket, and so no socket event", async () => {
	for (const [name, { token, code }] of Object.entries(tokens)) {
		const refusal = await connect(urls()[0] as string, token as string).then(
			socket => {
				socket.close();
				return "connected";
			},
			(err: { data?: { code?: string } }) => err.data?.code,
		);
		expect([name, refusal]).toEqual([name, code]);
	}
});

test("T1: what is not published is not there: other services' actions, the broker's own, and `call`", async () => {
	const socket = await stage.ann.sender();
	for (const event of [
		"call",
		"auth.verify",
		"chats.rooms",
		"$node.list",
		"messages.gap",
		"messages.sendAll",
		"presence.of",
	]) {
		expect(await socket.emit(event, { action: "$node.list", params: {} })).toMatchObject({
			status: "error",
			code: "NOT_FOUND",
		});
	}
	for (const path of [
		"/auth/verify",
		"/chats/rooms",
		"/~node/list",
		"/messages/gap",
		"/messages/sendAll",
		"/$node/list",
		"/users/ofIssuer",
	]) {
		expect((await stage.ann.rest.post(path, {})).status).toBeGreaterThanOrEqual(404);
	}
});
