/** A server that leaves out a place in a chat, which none should: the SDK goes on, and ends no process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { ChatState } from "../../client/api.ts";
import { type ChangedSource, changedSource } from "../support/changed-source.ts";
import { endClients, enter, until } from "../support/clients.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { goHome, person } from "../support/people.ts";

let source: ChangedSource;
let node: ParleyNode;
const folder = mkdtempSync(path.join(tmpdir(), "parley-left-out-"));

beforeAll(async () => {
	source = changedSource([
		{
			file: "services/messages/append.ts",
			find: "seq: ++head.lastSeq,",
			replace: "seq: (head.lastSeq += head.lastSeq === 3 ? 2 : 1),",
		},
	]);
	node = await startNode({ CHAT_DATA_DIR: folder }, source.root);
}, 120_000);

afterAll(async () => {
	endClients();
	goHome();
	await node?.stop();
	source?.remove();
	rmSync(folder, { recursive: true, force: true });
});

const seqs = ({ messages }: ChatState) => messages.map(({ seq }) => seq);

test("I12: where a server leaves out a message, what comes after it is shown, and nothing fails", async () => {
	const [ann, ben] = await Promise.all([person("ann", [node.url]), person("ben", [node.url])]);
	const { id } = await ann.group(ben);
	const client = await enter(ben);
	const chat = client.chat(id);
	chat.open();
	await chat.ready();
	const isLive = ({ status }: ChatState) => status === "live";
	const says = async (content: string) => {
		await ann.say(id, content);
		return until(chat.state, state => isLive(state) && state.messages.at(-1)?.content === content);
	};
	for (let n = 1; n <= 3; n++) await says(`place ${n}`);
	expect(seqs(await says("after the hole"))).toEqual([5]);
	expect(seqs(await says("goes on"))).toEqual([5, 6]);
	await chat.loadOlder();
	await chat.jumpTo({ seq: 2 });
	await chat.jumpToLatest();
	expect(seqs(chat.state.get())).toEqual([5, 6]);
	chat.send({ content: "ben's own" });
	await until(client.waiting, count => count === 0);
	expect(seqs(await until(chat.state, state => seqs(state).includes(7)))).toEqual([5, 6, 7]);

	const fresh = (await enter(ann)).chat(id);
	fresh.open();
	await fresh.ready();
	expect(seqs(fresh.state.get())).toEqual([5, 6, 7]);
}, 60_000);
