import { afterEach, expect, test } from "@jest/globals";
import { balancer } from "../support/balancer.ts";
import { hangUp, onlineLink, sleep } from "../support/links.ts";
import { person, urls } from "../support/people.ts";

const [url = ""] = urls();

afterEach(hangUp);

test.each(["refused", "swallowed"] as const)(
	"where websockets are %s on the way, long polling does it",
	async websockets => {
		const ann = await person("ann");
		const entry = await balancer(url, { websockets });
		const { link } = await onlineLink(entry.url, ann.token, {
			times: { ackMs: 4_000, unreachableMs: 60_000 },
		});
		const { chat } = await link.call("chat:create", { type: "group", participantIds: [] });
		expect((await link.call("message", { chatId: chat.id, content: "hello" })).message.seq).toBe(1);
		hangUp();
		// Its last request says goodbye.
		await sleep(500);
		entry.close();
	},
);
