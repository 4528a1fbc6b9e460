import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { ChatLog } from "../../client/log/chat-log.ts";
import type { Change } from "../../client/log/log.rules.ts";
import { figure, inWords } from "../support/figure.ts";
import { asking, ME, ModelChat, messageOf } from "../support/log-model.ts";

const step = fc.oneof(
	{ weight: 4, arbitrary: fc.constant({ does: "send" as const }) },
	{
		weight: 3,
		arbitrary: fc.record({ does: fc.constant("edit" as const), seq: fc.integer({ min: 1, max: 30 }) }),
	},
	fc.constant({ does: "rename" as const }),
	fc.constant({ does: "own" as const }),
	fc.record({ does: fc.constant("toggle" as const), who: fc.constantFrom("ben", "carol") }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function take(model: ModelChat, steps: readonly Step[]): void {
	for (const it of steps) {
		if (it.does === "send") model.send();
		if (it.does === "own") model.send(ME);
		if (it.does === "edit") model.edit(it.seq);
		if (it.does === "rename") model.rename();
		if (it.does === "toggle") model.toggle(it.who);
	}
}

/** What a log shows, and what the server would. */
function facts(log: ChatLog, model: ModelChat) {
	const now = log.get();
	const { lastMessage: _, ...chat } = now?.chat ?? model.chat;
	const { lastMessage: __, ...truth } = model.chat;
	const self = (it: { readSeq: number } | null | undefined) => it?.readSeq;
	const people = (list: readonly { userId: string; readSeq: number }[] = []) =>
		list.map(({ userId, readSeq }) => `${userId} ${readSeq}`).sort();
	return {
		is: {
			cursor: now?.cursor,
			chat,
			self: self(now?.self),
			messages: now?.messages,
			members: people(now?.members),
		},
		should: {
			cursor: model.rev,
			chat: truth,
			self: self(model.members.get(ME)),
			messages: now ? model.page(now.from, now.from + now.messages.length - 1) : [],
			members: people(model.present),
		},
	};
}

function opened(model: ModelChat): ChatLog {
	const log = new ChatLog({ me: ME });
	log.begin(model.newest());
	const { asked, done } = asking(log);
	log.members(model.present, true, asked);
	done();
	return log;
}

const RUNS = 1_000;

test("I9 I11: a thousand streams of events, shuffled, repeated and lost, all end as the server is", () => {
	const stream = fc.record({
		before: fc.array(step, { maxLength: 20 }),
		after: fc.array(step, { minLength: 1, maxLength: 40 }),
		// For each event: how often it comes, and how much too late.
		fates: fc.array(
			fc.record({ times: fc.integer({ min: 0, max: 2 }), late: fc.integer({ min: 0, max: 6 }) }),
			{
				minLength: 40,
				maxLength: 40,
			},
		),
		// After how many events the client asks for what it lacks, and how many events the answer takes.
		asksAfter: fc.integer({ min: 1, max: 10 }),
		takes: fc.integer({ min: 0, max: 5 }),
	});
	fc.assert(
		fc.property(stream, ({ before, after, fates, asksAfter, takes }) => {
			const model = new ModelChat();
			take(model, before);
			const log = opened(model);
			const arrivals: { at: number; change: Change }[] = [];
			const answers: { at: number; put: () => void }[] = [];
			for (const [index, it] of after.entries()) {
				const known = model.told.length;
				take(model, [it]);
				const { times, late } = fates[index] ?? { times: 1, late: 0 };
				for (const change of model.told.slice(known))
					for (let n = 0; n < times; n++) arrivals.push({ at: index + n * late + late, change });
				for (const { change } of arrivals.filter(({ at }) => at === index)) log.take(change);
				for (const { put } of answers.filter(({ at }) => at === index)) put();
				if (index % asksAfter === 0 && log.isBehind) {
					const { asked, done } = asking(log);
					const answer = model.changes(log.get()?.cursor ?? 0);
					const put = () => {
						log.catchUp(answer, asked);
						done();
					};
					answers.push({ at: index + takes, put });
				}
			}
			for (const { at, put } of answers) if (at >= after.length) put();
			for (const { at, change } of arrivals) if (at >= after.length) log.take(change);
			// The heartbeat names the head.
			log.hear(model.rev);
			if (log.isBehind) {
				const { asked, done } = asking(log);
				log.catchUp(model.changes(log.get()?.cursor ?? 0), asked);
				done();
			}
			const { is, should } = facts(log, model);
			expect(is).toEqual(should);
			expect(log.isBehind).toBe(false);
		}),
		{ numRuns: RUNS },
	);
	figure("I9", `${inWords(RUNS)} streams of events, shuffled, repeated and lost, all end as the server is`);
}, 60_000);

test("I8 I15: an event beyond a missing one waits for it, and both are shown in order", () => {
	const model = new ModelChat();
	const log = opened(model);
	model.send();
	model.edit(1);
	const [sent, edited] = model.told as [Change, Change];
	log.take(edited);
	expect(log.get()?.messages).toEqual([]);
	expect(log.isBehind).toBe(true);
	log.take(sent);
	expect(log.get()?.messages.map(({ content }) => content)).toEqual(["edited at 3"]);
	expect(log.isBehind).toBe(false);
});

test("I8: what came twice, or is older than what is shown, changes nothing", () => {
	const model = new ModelChat();
	const log = opened(model);
	model.send();
	model.edit(1);
	for (const change of model.told) log.take(change);
	const shown = log.get();
	for (const change of model.told) log.take(change);
	expect(log.get()).toBe(shown);
});

test("I14: events that come before the chat's first answer wait for it", () => {
	const model = new ModelChat();
	model.send();
	const log = new ChatLog({ me: ME });
	const { asked, done } = asking(log);
	const answer = model.newest();
	model.send();
	model.edit(1);
	for (const change of model.told) log.take(change);
	expect(log.get()).toBeNull();
	log.begin(answer, asked);
	done();
	expect(log.get()).toMatchObject({ cursor: model.rev, messages: [{ content: "edited at 4" }, { seq: 2 }] });
});

test("more events than wait for a missing one are fetched", () => {
	const model = new ModelChat();
	const log = opened(model);
	for (let n = 0; n < 400; n++) model.send();
	for (const change of model.told.slice(1)) log.take(change);
	expect(log.isBehind).toBe(true);
	const { asked, done } = asking(log);
	log.catchUp(model.changes(log.get()?.cursor ?? 0), asked);
	done();
	expect(facts(log, model).is).toEqual(facts(log, model).should);
});

test("a server that is behind what was heard has the last word, so that nobody asks for ever", () => {
	const model = new ModelChat();
	const log = opened(model);
	log.hear(99);
	expect(log.isBehind).toBe(true);
	const { asked, done } = asking(log);
	log.catchUp(model.changes(1), asked);
	done();
	expect(log.isBehind).toBe(false);
});

test("I18: who sends while the members are fetched has read up to there, whatever the fetched page says", () => {
	const model = new ModelChat();
	const log = new ChatLog({ me: ME });
	log.begin(model.newest());
	const { asked, done } = asking(log);
	const page = model.present;
	model.send("ann");
	log.take(model.told.at(-1) as Change);
	log.mark("ann", 1, 1);
	log.members(page, true, asked);
	done();
	expect(log.get()?.members.find(({ userId }) => userId === "ann")).toMatchObject({
		readSeq: 1,
		deliveredSeq: 1,
	});
});

test("I18: a mark that comes late moves nothing back", () => {
	const model = new ModelChat();
	for (let n = 0; n < 5; n++) model.send();
	const log = opened(model);
	log.mark(ME, 4, 4);
	log.mark(ME, 3, 2);
	expect(log.get()?.self).toMatchObject({ deliveredSeq: 4, readSeq: 4 });
	log.catchUp({ ...model.changes(model.rev), self: model.members.get(ME) ?? null }, asking(log).asked);
	expect(log.get()?.self?.readSeq).toBe(4);
});

test("I9: an answer that is older than what came meanwhile does not bring back who has left", () => {
	const model = new ModelChat();
	const log = opened(model);
	model.toggle("ben");
	const { asked, done } = asking(log);
	const answer = model.changes(1);
	model.toggle("ben");
	for (const change of model.told) log.take(change);
	log.catchUp(answer, asked);
	done();
	expect(log.get()?.members.map(({ userId }) => userId)).toEqual(["ann", ME]);
	expect(log.get()?.cursor).toBe(model.rev);
});

test("I12: where a message was left out, the newest page is asked for, and the log goes on after it", () => {
	const model = new ModelChat();
	for (let n = 0; n < 3; n++) model.send();
	const log = opened(model);
	const rev = model.rev + 1;
	log.take({ rev, message: messageOf(5, rev) });
	expect([log.isBehind, log.since]).toEqual([true, undefined]);
	const { asked, done } = asking(log);
	const messages = [...model.messages, messageOf(5, rev)];
	log.begin({ ...model.newest(), rev, chat: { ...model.chat, rev, lastSeq: 5 }, messages }, asked);
	done();
	expect([log.isBehind, log.since]).toEqual([false, rev]);
	log.take({ rev: rev + 1, message: messageOf(6, rev + 1) });
	expect(log.get()?.messages.map(({ seq }) => seq)).toEqual([5, 6]);
	expect(log.isBehind).toBe(false);
});
