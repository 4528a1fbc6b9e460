/** The tables of the documentation that follow from the code. */
import { CHANGES } from "../../contracts/changes.ts";
import type { ActionContract } from "../../contracts/contract.ts";
import { ERRORS } from "../../contracts/errors.ts";
import { OVER_REST, OVER_SOCKET } from "../../contracts/index.ts";
import { topicsTable } from "../../contracts/kafka-docs.ts";
import { LIMITS, LOGIN_FAILURES, RATES } from "../../contracts/limits.ts";
import { variablesTable } from "../../lib/variables-doc.ts";

/** Which table stands on which page, between the markers of its name. */
export const TABLES: { page: string; name: string; make: () => string }[] = [
	{ page: "docs/protocol.md", name: "rest", make: restTable },
	{ page: "docs/protocol.md", name: "socket", make: socketTable },
	{ page: "docs/protocol.md", name: "events", make: eventsTable },
	{ page: "docs/protocol.md", name: "limits", make: limitsTable },
	{ page: "docs/errors.md", name: "errors", make: errorsTable },
	{ page: "docs/configuration.md", name: "variables", make: variablesTable },
	{ page: "docs/kafka.md", name: "topics", make: topicsTable },
];

export const markdownTable = (head: string[], rows: string[][]): string =>
	[head, head.map(() => "---"), ...rows]
		.map(cells => `| ${cells.map(cell => cell.replaceAll("|", "\\|")).join(" | ")} |`)
		.join("\n");

function restTable(): string {
	const rows = OVER_REST.map(contract => [
		`\`${contract.rest}\``,
		fieldsOf(contract, true),
		String(contract.status ?? 200),
		contract.auth === "required" ? "" : (contract.auth ?? ""),
		contract.doc,
	]);
	return markdownTable(["method and path, under `/api`", "fields", "status", "who", "what"], rows);
}

function socketTable(): string {
	const rows = OVER_SOCKET.map(contract => [
		`\`${contract.socket}\``,
		fieldsOf(contract, false),
		contract.ack === "*" ? "the result's own fields" : contract.ack ? `\`${contract.ack}\`` : "",
		contract.doc,
	]);
	return markdownTable(["event", "payload", "acknowledged with", "what"], rows);
}

/** `name?` for an optional field; over REST those of the path are left out. */
function fieldsOf(contract: ActionContract, rest: boolean): string {
	const inPath = new Set(
		(rest ? (contract.rest ?? "") : "").match(/:\w+/g)?.map(part => part.slice(1)) ?? [],
	);
	return Object.entries(contract.params as Record<string, { optional?: boolean }>)
		.filter(
			([name]) =>
				!name.startsWith("$$") && !inPath.has(name) && !(rest && contract.idempotent && name === "clientId"),
		)
		.map(([name, rule]) => `\`${name}${rule.optional ? "?" : ""}\``)
		.join(" ");
}

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

function limitsTable(): string {
	const rates = Object.entries(RATES).map(([name, { points, windowS, per, doc }]) => [
		`rate \`${name}\``,
		`${points} in ${windowS} s, ${per}`,
		doc,
	]);
	const failures = [
		"failed logins",
		`${LOGIN_FAILURES.points} in ${LOGIN_FAILURES.windowS} s, account`,
		"beyond it a login answers as a wrong password does",
	];
	const sizes = Object.entries(LIMITS).map(([name, value]) => [`\`${name}\``, String(value), ""]);
	return markdownTable(["limit", "value", ""], [...sizes, ...rates, failures]);
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
