/** The tables of the documentation that follow from the code. */
import { TRANSITIONS, type Transition } from "../../client/connection/transitions.ts";
import { CHAT_TRANSITIONS, type ChatTransition } from "../../client/log/transitions.ts";
import { CHANGES } from "../../contracts/changes.ts";
import { ERRORS } from "../../contracts/errors.ts";
import { topicsTable } from "../../contracts/kafka-docs.ts";
import { variablesTable } from "../../lib/variables-doc.ts";
import {
	LARGEST,
	limitsTable as modelLimits,
	sizesTable as modelSizes,
	steps as modelSteps,
} from "../../load/model/arithmetic.ts";
import { invariantsTable } from "./invariants.ts";
import { markdownTable } from "./markdown.ts";
import { limitsTable, restTable, socketTable } from "./protocol.ts";
import { budgetTable, shortcutsTable } from "./web-client.ts";

/** Which table stands on which page, between the markers of its name. */
export const TABLES: { page: string; name: string; make: () => string }[] = [
	{ page: "docs/protocol.md", name: "rest", make: restTable },
	{ page: "docs/protocol.md", name: "socket", make: socketTable },
	{ page: "docs/protocol.md", name: "events", make: eventsTable },
	{ page: "docs/protocol.md", name: "limits", make: limitsTable },
	{ page: "docs/client.md", name: "connection", make: connectionTable },
	{ page: "docs/client.md", name: "chat", make: chatTable },
	{ page: "docs/web-client.md", name: "shortcuts", make: shortcutsTable },
	{ page: "docs/web-client.md", name: "budget", make: budgetTable },
	{ page: "docs/errors.md", name: "errors", make: errorsTable },
	{ page: "docs/configuration.md", name: "variables", make: variablesTable },
	{ page: "docs/kafka.md", name: "topics", make: topicsTable },
	{ page: "docs/invariants.md", name: "tests", make: invariantsTable },
	{ page: "docs/scaling.md", name: "sizes", make: () => modelSizes(markdownTable) },
	{ page: "docs/scaling.md", name: "limits", make: () => modelLimits(markdownTable) },
	{ page: "docs/scaling.md", name: "each", make: () => modelSteps("each", LARGEST / 10, markdownTable) },
	{ page: "docs/scaling.md", name: "by-chat", make: () => modelSteps("by chat", LARGEST, markdownTable) },
];

function eventsTable(): string {
	const rows = Object.entries(CHANGES).map(([name, kind]) => [
		`\`${name}\``,
		"socket" in kind ? `\`${kind.socket}\`` : "",
		`\`${kind.type}\``,
		kind.resource,
		kind.durable ? "one" : "",
	]);
	return markdownTable(["change", "Socket.IO event", "type on Kafka", "holds", "revisions"], rows);
}

function errorsTable(): string {
	const rows = Object.entries(ERRORS).map(([code, { status, retryable, meaning }]) => [
		`\`${code}\``,
		String(status),
		retryable ? "yes" : "no",
		meaning,
	]);
	return markdownTable(["code", "HTTP status", "try again", "meaning"], rows);
}

function connectionTable(): string {
	const rows = TRANSITIONS.map(({ from, on, to, does = [], note = "" }: Transition) => {
		const acts = does.map(effect => DOES[effect]).join(" ");
		return [`\`${from}\``, on, from === to ? "" : `\`${to}\``, [acts, note].filter(Boolean).join(" ")];
	});
	return markdownTable(["from", "when", "to", "what it does"], rows);
}

function chatTable(): string {
	const rows = CHAT_TRANSITIONS.map(({ from, on, to, note = "" }: ChatTransition) => [
		`\`${from}\``,
		on,
		from === to ? "" : `\`${to}\``,
		note,
	]);
	return markdownTable(["from", "when", "to", "what to know"], rows);
}

const DOES = { open: "Opens a socket.", drop: "Drops its sockets.", check: "Sends a heartbeat." };
