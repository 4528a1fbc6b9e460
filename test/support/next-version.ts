/** Two versions of the server: this one, and what the next could be, which adds wherever something can be added. */
import { type ChangedSource, changedSource, type Edit } from "./changed-source.ts";
import { NEXT_MIGRATION, nextTables } from "./next-tables.ts";

/** Calls go to either node, as where services are set apart: with services of its own a node calls no other. */
const CROSSING: Edit = {
	file: "moleculer.config.ts",
	find: "preferLocal: true",
	replace: "preferLocal: false",
};

const CHANGES = "contracts/changes.ts";
const KAFKA = "contracts/kafka.ts";

const NEXT: readonly Edit[] = [
	// Tables: expanded, and nobody has to know of it.
	{
		file: "models/migrate.ts",
		find: '\t["0002-plain-heads", plainHeads.up],\n',
		replace: `	["0002-plain-heads", plainHeads.up],
	["${NEXT_MIGRATION}", ${nextTables}],
`,
	},
	// Calls between services: one field more in each, and in what some of them hold.
	{
		file: "lib/moleculer.ts",
		find: "\t\tcontract.action,\n\t\tparams,\n",
		replace: "\t\tcontract.action,\n\t\t{ ...(params as object), next: 1 },\n",
	},
	{
		file: "services/gateway/sockets/sends.ts",
		find: "userId: from.user.id }",
		replace: "userId: from.user.id, next: 1 }",
	},
	{
		file: "services/gateway/sockets/leases.ts",
		find: "...(idle !== undefined && { idle }) }",
		replace: "...(idle !== undefined && { idle }), next: 1 }",
	},
	// What they answer.
	{
		file: "models/message.ts",
		find: "\t\tcreatedAt: row.created_at,\n\t};",
		replace: "\t\tcreatedAt: row.created_at,\n\t\tnext: 1,\n\t} as Message;",
	},
	// Events between nodes: one field more in the batch and in each of its changes, and one event more.
	{
		file: "mixins/log.ts",
		find: "n: ++this.#n, events, outbox }",
		replace: "n: ++this.#n, events, outbox, next: 1 }",
	},
	{
		file: "mixins/log.ts",
		find: 'if (this.#n > 0) this.#send("log.beat"',
		replace: 'void this.#broker.broadcast("log.next", {});\n\t\tif (this.#n > 0) this.#send("log.beat"',
	},
	{
		file: "lib/log/change.ts",
		find: "id: newId(), epoch } as LogEvent",
		replace: "id: newId(), epoch, next: 1 } as unknown as LogEvent",
	},
	// Domain events: one field more, one topic more for all of a chat's, and one type more, with a socket event.
	{
		file: "lib/log/cloud-event.ts",
		find: "\t\tactorId,\n\t\t...(rev === null",
		replace: "\t\tactorId,\n\t\twriter: 'next',\n\t\t...(rev === null",
	},
	{
		file: "lib/log/cloud-event.ts",
		find: "(event.actorId)}}`",
		replace: '(event.actorId)},"writer":"next"}`',
	},
	{
		file: "contracts/event-schemas.ts",
		find: "const MESSAGE = object({ ...MESSAGE_FIELDS, actorId: ID });",
		replace: 'const MESSAGE = object({ ...MESSAGE_FIELDS, actorId: ID, "next?": COUNT, "writer?": TEXT });',
	},
	{
		file: KAFKA,
		find: '\t"dead.letter",\n]',
		replace: '\t"dead.letter",\n\t"next.events",\n\t"message.reworded",\n]',
	},
	{ file: KAFKA, find: '[type, "chat.events"]', replace: '[type, "chat.events", "next.events"]' },
	{
		file: CHANGES,
		find: '\t"message.read": {',
		replace: `	"message.reworded": { socket: "message:reworded", type: "message.reworded", resource: "message", durable: true },
	"message.read": {`,
	},
	{
		file: "services/messages/rewrite.ts",
		find: 'told: "message.updated",',
		replace: 'told: "message.reworded",',
	},
];

export interface Versions {
	/** This one. */
	n: ChangedSource;
	next: ChangedSource;
	remove(): void;
}

/** Copies of both; calls between their nodes cross. */
export function bothVersions(): Versions {
	const n = changedSource([CROSSING]);
	const next = changedSource([CROSSING, ...NEXT]);
	return {
		n,
		next,
		remove() {
			n.remove();
			next.remove();
		},
	};
}
