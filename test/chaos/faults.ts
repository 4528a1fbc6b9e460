/** Faults in the product, one at a time: each has to be found by the checker, so that it is known to be able to find it. */
import { MUTANTS, type Mutant } from "../mutants.ts";
import type { Kind } from "./checks/finding.ts";
import type { Mix } from "./workload/choices.ts";

export interface Fault {
	/** In words. */
	fault: string;
	/** Where, and which text (it must be there exactly once) becomes which. */
	file: string;
	find: string;
	replace: string;
	/** One of them has to be found. */
	shows: readonly Kind[];
	/** What people have to do more often for it to show. */
	mix?: Partial<Mix>;
}

/** Now and then, once the people and their chats are there. */
const NOW_AND_THEN = "(globalThis.chaos = (globalThis.chaos ?? 0) + 1) > 60 && globalThis.chaos % 10 === 0";

const PUSHES = "services/gateway/sockets/pushes.ts";
const TO_ROOM = 'if ("socket" in kind) this.to(room.sockets, kind.socket, data as never);';
const CHANGE = "lib/log/change.ts";
const WRITE = "this.#write(post, change.takeMoved(), told, outbox);";

/** One that the other tests know. @throws where they do not */
function mutant(wanted: string): Pick<Mutant, "fault" | "file" | "find" | "replace"> {
	const found = MUTANTS.find(({ fault }) => fault === wanted);
	if (!found) throw new Error(`There is no mutant "${wanted}".`);
	const { fault, file, find, replace } = found;
	return { fault, file, find, replace };
}

export const FAULTS: readonly Fault[] = [
	{
		fault: "an event is dropped on its way to the sockets",
		file: PUSHES,
		find: "this.#rooms.moved(room);\n\t\tconst { data } = event;",
		replace: "this.#rooms.moved(room);\n\t\tconst { data } = event;\n\t\tif (event.rev % 7 === 0) return;",
		shows: ["unseen"],
	},
	{
		fault: "an event is told twice",
		file: PUSHES,
		find: TO_ROOM,
		replace: `${TO_ROOM}\n${TO_ROOM.replace("(", "(event.rev % 7 === 0 && ")}`,
		shows: ["doubled"],
	},
	{
		fault: "two events come in the wrong order",
		file: PUSHES,
		find: TO_ROOM,
		replace: TO_ROOM.replace("this.to", "setTimeout(() => this.to").replace(
			/;$/,
			", event.rev % 2 ? 40 : 0);",
		),
		shows: ["misordered"],
	},
	{
		fault: "an event says something else than the message does",
		file: PUSHES,
		find: TO_ROOM,
		replace: TO_ROOM.replace(
			"data as never",
			'(event.rev % 7 === 0 ? { ...data, content: "something else" } : data) as never',
		),
		shows: ["differing"],
	},
	{
		...mutant("who comes back is not told the first change that they lack"),
		shows: ["unseen", "differing"],
		mix: { vanish: 6 },
	},
	{
		...mutant("a socket that connects does not hear its user's chats"),
		shows: ["unseen"],
		mix: { vanish: 3 },
	},
	{
		...mutant("the key of a send is not unique, so that a repeat is stored"),
		fault: "a send is stored once more when it comes again",
		shows: ["doubled"],
	},
	{
		fault: "a commit that was acknowledged is lost",
		file: "lib/transaction.ts",
		find: 'await this.#send(() => this.#client.query("COMMIT"));\n',
		replace: `await this.#send(() => this.#client.query(${NOW_AND_THEN} ? "ROLLBACK" : "COMMIT"));\n\t\tif (command === "ROLLBACK") return;\n`,
		shows: ["lost"],
	},
	{
		...mutant("what is sent in one turn is answered for another"),
		shows: ["lost", "noticed"],
	},
	{
		fault: "a send is refused, and stored all the same",
		file: "services/gateway/sockets/sends.ts",
		find: "else resolve(outcome.message);",
		replace:
			'else if (outcome.message.seq % 7 === 0) reject(failWith({ type: "FORBIDDEN", message: "No." }));\n\t\t\t\telse resolve(outcome.message);',
		shows: ["phantom"],
	},
	{
		fault: "a place is left out",
		file: "services/messages/append.ts",
		find: "seq: ++head.lastSeq,",
		replace: "seq: (head.lastSeq += head.lastSeq === 3 ? 2 : 1),",
		shows: ["misordered"],
	},
	{
		...mutant("a change keeps the message's old revision"),
		shows: ["lost"],
	},
	{
		fault: "an edit is acknowledged and told, and not stored",
		file: "services/messages/messages.store.ts",
		find: "SET rev = $3, content = $4,",
		replace: "SET rev = $3, content = CASE WHEN $4::text IS NULL THEN NULL ELSE content END,",
		shows: ["lost"],
	},
	{
		...mutant("a reaction is stored and not told"),
		shows: ["unpublished"],
	},
	{
		...mutant("the mentions of a deleted message stay"),
		fault: "a deleted message keeps its reactions and mentions",
		shows: ["phantom", "miscounted"],
		mix: { delete: 12, react: 12 },
	},
	{
		fault: "a read mark goes back to where it was last asked for",
		file: "services/messages/marks.ts",
		find: "const moved = await moveMarks(change.query, t, mergeMarks(moves), change.now);",
		replace: `const moved = await moveMarks(change.query, t, mergeMarks(moves), change.now);
		for (const { chatId, userId, readSeq } of mergeMarks(moves).filter(mark => mark.readSeq > 0))
			await change.query(\`UPDATE \${t.members} SET read_seq = $3 WHERE chat_id = $1 AND user_id = $2\`, [chatId, userId, readSeq]);`,
		shows: ["backward"],
		mix: { read: 16 },
	},
	{
		...mutant("sending does not read up to one's own message"),
		shows: ["backward"],
	},
	{
		fault: "mentions that were read count as unread",
		file: "models/inbox.ts",
		find: "n.seq > ${m}.read_seq)`",
		replace: "n.seq > 0)`",
		shows: ["miscounted"],
	},
	{
		fault: "the total of unread messages counts a chat wrong",
		file: "services/inbox/inbox.store.ts",
		find: "coalesce(sum(unread) FILTER",
		replace: "coalesce(sum(unread + 1) FILTER",
		shows: ["miscounted"],
	},
	{
		fault: "an event is told before its commit, which then fails",
		file: CHANGE,
		find: WRITE,
		replace: `${WRITE}\n\t\t\t\tif (${NOW_AND_THEN}) {\n\t\t\t\t\tthis.#exit.publish(told, outbox);\n\t\t\t\t\tthrow new Error("It was not committed.");\n\t\t\t\t}`,
		shows: ["differing", "unseen", "doubled"],
	},
	{
		fault: "a change is committed without its event in the outbox",
		file: CHANGE,
		find: WRITE,
		replace: WRITE.replace("told,", "told.filter(({ rev }) => (rev ?? 1) % 7 !== 0),"),
		shows: ["unpublished"],
	},
	{
		fault: "the relay leaves an event out",
		file: "services/kafka-bridge/relay/relay.ts",
		find: "await sink.publish(ours);",
		replace: "await sink.publish(ours.filter(({ id }) => id % 7 !== 0));",
		shows: ["unpublished"],
	},
	{
		fault: "the relay publishes a batch from its end",
		file: "services/kafka-bridge/relay/relay.ts",
		find: "await sink.publish(ours);",
		replace: "await sink.publish(ours.toReversed());",
		shows: ["misordered"],
	},
	{
		fault: "an event gets another id on Kafka than it was committed with",
		file: "services/kafka-bridge/relay/sink.kafka.ts",
		find: "const value = Buffer.from(event);",
		replace:
			'const value = Buffer.from(Math.random() < 0.2 ? event.replace(/"id":"[^"]+"/, `"id":"${crypto.randomUUID()}"`) : event);',
		shows: ["unfounded"],
	},
	{
		fault: "a consumer leaves an event out",
		file: "services/kafka-bridge/consumers/intake.ts",
		find: "return [...unique.values()].filter(({ event }) => marked.has(event.id));",
		replace:
			"return [...unique.values()].filter(({ event }) => marked.has(event.id) && Number.parseInt(event.id.slice(-2), 16) % 7 > 0);",
		shows: ["misapplied"],
	},
	{
		fault: "a message is counted twice",
		file: "services/kafka-bridge/consumers/analytics.rules.ts",
		find: "count.messages++;",
		replace: "count.messages += time.endsWith('7Z') ? 2 : 1;",
		shows: ["misapplied"],
	},
	{
		fault: "the audit log's chain misses a link",
		file: "services/kafka-bridge/consumers/audit.ts",
		find: "previousHash = hashOf(row);",
		replace: "if (n % 7 > 0) previousHash = hashOf(row);",
		shows: ["misapplied"],
	},
];
