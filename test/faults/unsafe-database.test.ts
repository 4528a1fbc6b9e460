import { expect, test } from "@jest/globals";
import { figure } from "../support/figure.ts";
import { startNode } from "../support/nodes.ts";
import { startPostgres } from "../support/servers.ts";

const secret = "only for this test, and long enough";

test.each(["fsync", "full_page_writes", "synchronous_commit"])(
	"I6: no node starts on a PostgreSQL whose %s is off",
	async setting => {
		const postgres = await startPostgres({ settings: { [setting]: "off" } });
		try {
			const env = { CHAT_DATABASE_URL: postgres.url, CHAT_JWT_SECRET: secret };
			await expect(startNode(env)).rejects.toThrow(`${setting} off`);
			figure("I6", `refused with ${setting} off`);
		} finally {
			await postgres.stop();
		}
	},
);

test("I6: CHAT_ALLOW_UNSAFE_DB=1 starts it all the same", async () => {
	const postgres = await startPostgres({ settings: { fsync: "off" } });
	try {
		const node = await startNode({
			CHAT_DATABASE_URL: postgres.url,
			CHAT_JWT_SECRET: secret,
			CHAT_ALLOW_UNSAFE_DB: "1",
		});
		expect(await node.stop()).toBe(0);
	} finally {
		await postgres.stop();
	}
});
