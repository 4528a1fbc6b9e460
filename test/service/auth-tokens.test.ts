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

test("nobody becomes an administrator by registering the name first", async () => {
	config.adminUsers.push("root");
	try {
		for (const username of ["root", "Root", "ROOT"]) {
			const params = { username, email: `${username}@example.com`, password: "correct horse" };
			const refusal = t.as("")(auth.register, params);
			await expect(refusal).rejects.toMatchObject({
				type: "CONFLICT",
				message: "The username or the e-mail is taken.",
			});
		}
		const rows = await t.db.query(`SELECT id FROM ${t.db.t.users} WHERE username = 'root'`);
		expect(rows).toEqual([]);
	} finally {
		config.adminUsers.pop();
	}
	const params = { username: "root", email: "root@example.com", password: "correct horse" };
	expect(await codeOf(t.as("")(auth.register, params))).toBe("ok");
});

test("a node that starts tells whom it names an administrator before they have an account", async () => {
	config.adminUsers.push("ann", "nobody-yet");
	const warned: string[] = [];
	const service = t.broker.getLocalService("auth") as unknown as {
		logger: { warn(text: string): void };
		tellMissingAdmins(): Promise<void>;
	};
	const { warn } = service.logger;
	service.logger.warn = text => void warned.push(text);
	try {
		await service.tellMissingAdmins();
	} finally {
		service.logger.warn = warn;
		config.adminUsers.splice(-2);
	}
	expect(warned).toEqual([expect.stringMatching(/names users who do not exist: nobody-yet\. /)]);
});
