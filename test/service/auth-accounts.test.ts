import { codeOf, testBroker } from "../support/broker.ts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as auth from "../../contracts/auth.ts";
import * as users from "../../contracts/users.ts";
import type { Events } from "../../contracts/events.ts";
import authService from "../../services/auth/auth.service.ts";
import usersService from "../../services/users/users.service.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let heard: Events["log.batch"][];
beforeAll(async () => {
	t = await testBroker(authService, usersService);
	heard = t.heard("log.batch");
});
afterAll(() => t.stop());

const anyone = () => t.as("");
const register = (username: string, more: object = {}) =>
	anyone()(auth.register, { username, email: `${username}@example.com`, password: "correct horse", ...more });

describe("registration", () => {
	test("makes an account, a session and one event, and signs in", async () => {
		const signedIn = await register("Ann.Smith");
		expect(signedIn.user).toMatchObject({
			username: "ann.smith",
			displayName: "Ann.Smith",
			email: "ann.smith@example.com",
			avatarUrl: null,
			metadata: {},
		});
		expect(signedIn.expiresIn).toBe(900);
		const identity = await anyone()(auth.verify, { token: signedIn.accessToken });
		expect(identity).toMatchObject({ userId: signedIn.user.id, admin: false });
		const told = heard.flatMap(batch => batch.events).filter(event => event.actorId === signedIn.user.id);
		expect(told).toHaveLength(1);
		expect(told[0]).toMatchObject({ change: "user.registered", chatId: null, rev: null });
		expect(told[0]?.data).not.toHaveProperty("email");
		expect(told[0]?.data).toEqual(await t.as(signedIn.user.id)(users.get, { id: signedIn.user.id }));
	});
});
