import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as auth from "../../contracts/auth.ts";
import { config } from "../../lib/config.ts";
import authService from "../../services/auth/auth.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { craftedTokens, recrafted } from "../support/crafted-tokens.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let good: string;
const verify = (token: string) => t.as("")(auth.verify, { token });

beforeAll(async () => {
	t = await testBroker(authService);
	const params = { username: "ann", email: "ann@example.com", password: "correct horse" };
	good = (await t.as("")(auth.register, params)).accessToken;
});
afterAll(() => t.stop());

test("the good token is taken, and so is one made by the hand that crafts the others", async () => {
	const identity = await verify(good);
	expect(identity.expiresAt - Date.now()).toBeGreaterThan(890_000);
	expect(await verify(recrafted(good, config.jwtSecret))).toEqual(identity);
});

test("T10: a crafted token is refused, whatever it is", async () => {
	const tokens = craftedTokens(good, config.jwtSecret);
	expect(tokens.length).toBeGreaterThan(40);
	const answers = await Promise.all(
		tokens.map(async ({ name, token }) => [name, await codeOf(verify(token))]),
	);
	expect(answers).toEqual(tokens.map(({ name, code }) => [name, code]));
});

test("T10: a token that takes other names for the same claims says nothing to us", async () => {
	const forms = [good.toUpperCase(), `Bearer ${good}`, good.replaceAll(".", "%2E"), `${good}\n`, `${good}\0`];
	for (const token of forms) expect(await codeOf(verify(token))).toBe("UNAUTHENTICATED");
});

test("an administrator is who is named so", async () => {
	expect((await verify(good)).admin).toBe(false);
	config.adminUsers.push("ann");
	expect((await verify(good)).admin).toBe(true);
	config.adminUsers.pop();
});
