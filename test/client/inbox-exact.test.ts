import { afterEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { factsOf, type InboxOptions, type OwnInbox, openInbox, serverInbox } from "../support/inbox-parts.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { eventually } from "../support/stage.ts";

// Each run is some dozen calls: what fails is told with its seed, and is not made smaller.
const RUNS = { numRuns: 12, endOnFailure: true };
const LIMIT_MS = 240_000;

let ann: Person;
let ben: Person;
let own: OwnInbox | undefined;

afterEach(async () => {
	await own?.close();
	goHome();
});

async function open(options: InboxOptions = {}): Promise<OwnInbox> {
	await own?.close();
	own = await openInbox(ann, options);
	return own;
}

/** Waits until the inbox says what the server says. */
async function agree({ inbox }: OwnInbox): Promise<void> {
	const both = await eventually(
		async () => ({ here: factsOf(inbox.state.get()), there: factsOf(await serverInbox(ann)) }),
		({ here, there }) => JSON.stringify(here) === JSON.stringify(there),
		30_000,
	);
	expect(both.here).toEqual(both.there);
}

/** One thing that happens, by a few small numbers. */
type Deed = { kind: number; chat: number; pick: number };

async function act({ kind, chat, pick }: Deed, chats: Chat[], said: Message[]): Promise<void> {
	const { id } = chats[chat % chats.length] as Chat;
	const message = said[pick % Math.max(said.length, 1)];
	const mentions = pick % 3 === 0 ? [ann.id] : [];
	switch (kind) {
		case 0:
		case 1: {
			// Once ann has been removed, she cannot be mentioned.
			const { status, body } = await ben.rest.post(`/chats/${id}/messages`, {
				content: `says ${pick}`,
				mentions,
			});
			if (status === 201) said.push(body as Message);
			break;
		}
		case 2:
			await ann.rest.post(`/chats/${id}/messages`, { content: `answers ${pick}` });
			break;
		case 3:
			if (message) await ben.rest.patch(`/messages/${message.id}`, { content: `edits ${pick}`, mentions });
			break;
		case 4:
			if (message) await ben.rest.delete(`/messages/${message.id}`);
			break;
		case 5:
			await ann.rest.post(`/chats/${id}/read`, { seq: pick });
			break;
		case 6:
			if (message) await ben.rest.put(`/messages/${message.id}/reactions/${encodeURIComponent("👍")}`);
			break;
		case 7:
			await ben.rest.patch(`/chats/${id}`, { name: `name ${pick}` });
			break;
		case 8:
			if (pick % 2) await ben.rest.delete(`/chats/${id}/members/${ann.id}`);
			else await ben.rest.post(`/chats/${id}/members`, { userIds: [ann.id] });
			break;
		default:
			chats.push(await ben.group(ann));
	}
}

const deeds = fc.array(
	fc.record({ kind: fc.nat({ max: 9 }), chat: fc.nat({ max: 3 }), pick: fc.nat({ max: 12 }) }),
	{ minLength: 5, maxLength: 25 },
);

test(
	"I17: the inbox equals the server's after anything that happens",
	async () => {
		await fc.assert(
			fc.asyncProperty(deeds, async list => {
				[ann, ben] = await people("ann", "ben");
				const chats = [await ben.group(ann), await ben.group(ann)];
				const own = await open();
				const said: Message[] = [];
				for (const deed of list) await act(deed, chats, said);
				await agree(own);
			}),
			RUNS,
		);
	},
	LIMIT_MS,
);

const fates = fc.array(
	fc.record({ times: fc.constantFrom(0, 1, 1, 1, 2), delayMs: fc.constantFrom(0, 0, 0, 5, 30) }),
	{ minLength: 10, maxLength: 10 },
);

test(
	"I17: the inbox equals the server's after a link that loses, doubles and delays, once it has asked",
	async () => {
		await fc.assert(
			fc.asyncProperty(deeds, fates, async (list, all) => {
				[ann, ben] = await people("ann", "ben");
				const chats = [await ben.group(ann), await ben.group(ann)];
				let turn = 0;
				const own = await open({ fate: () => all[turn++ % all.length] as (typeof all)[0] });
				const said: Message[] = [];
				for (const deed of list) await act(deed, chats, said);
				own.heal();
				await own.inbox.rounds.sync();
				await agree(own);
			}),
			RUNS,
		);
	},
	LIMIT_MS,
);

test(
	"I15 I17: what a link has lost the inbox notices by itself",
	async () => {
		await fc.assert(
			fc.asyncProperty(deeds, fates, async (list, all) => {
				[ann, ben] = await people("ann", "ben");
				const chats = [await ben.group(ann), await ben.group(ann)];
				let turn = 0;
				const fate = () => all[turn++ % all.length] as (typeof all)[0];
				const own = await open({ fate, heartbeatMs: 500 });
				const said: Message[] = [];
				for (const deed of list) await act(deed, chats, said);
				await agree(own);
			}),
			RUNS,
		);
	},
	LIMIT_MS,
);
