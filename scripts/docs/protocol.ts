/** The tables of the protocol's page: what one can ask, over which door, and how much of it. */
import type { ActionContract } from "../../contracts/contract.ts";
import { OVER_REST, OVER_SOCKET } from "../../contracts/index.ts";
import { LIMITS, LOGIN_FAILURES, RATES } from "../../contracts/limits.ts";
import { markdownTable } from "./markdown.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** By path, so that one finds what one looks for. */
export function restTable(): string {
	const rows = OVER_REST.map(contract => ({ contract, route: routeOf(contract) }))
		.sort((a, b) => compare(a.route.path, b.route.path) || a.route.rank - b.route.rank)
		.map(({ contract }) => [
			`\`${contract.rest}\``,
			fieldsOf(contract, true),
			`${contract.status ?? 200}${contract.auth === "required" ? "" : `, ${contract.auth}`}`,
			contract.doc,
		]);
	return markdownTable(["method and path, under `/api`", "fields", "answers", "what"], rows);
}

function routeOf({ rest = "" }: ActionContract) {
	const [method = "", path = ""] = rest.split(" ");
	return { path, rank: METHODS.indexOf(method) };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export function socketTable(): string {
	const rows = [...OVER_SOCKET]
		.sort((a, b) => compare(a.socket ?? "", b.socket ?? ""))
		.map(contract => [
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

/** Whoever adds a limit says here what it limits. */
const LIMIT_WORDS: Record<keyof typeof LIMITS, string> = {
	contentUnitsMax: "UTF-16 units of a message's content; at least one, not blank",
	metadataBytesMax: "bytes of `metadata` as JSON",
	metadataLevelsMax: "levels of `metadata`, the outer one counted",
	chatNameMax: "units of a chat's name, from 1",
	descriptionMax: "units of a chat's description",
	usernameMin: "characters of a username at least: `a-z 0-9 _ . -`, in any case",
	usernameMax: "characters of a username at most",
	passwordMin: "units of a password at least",
	passwordMax: "units of a password at most",
	displayNameMax: "units of a display name, from 1",
	urlMax: "units of an `avatarUrl`",
	emailMax: "units of an e-mail",
	statusTextMax: "units of a presence's text",
	searchMax: "units of a search",
	cursorMax: "units of a `cursor` or an inbox's `since`",
	clientIdMax: "units of a `clientId` or `Idempotency-Key`, from 1",
	mentionsMax: "mentions in a message",
	participantsMax: "participants when a chat is made",
	userIdsMax: "users added in one call",
	presenceUserIdsMax: "users whose presence one call asks for",
	forwardChatsMax: "chats that one call forwards to",
	emojiBytesMax: "UTF-8 bytes of a reaction",
	emojisPerMessageMax: "different reactions on a message",
	reactionUserIdsMax: "users named with a reaction, the first ones",
	pageMax: "items of a page at most",
	pageDefault: "items of a page where no `limit` is given",
	bodyBytesMax: "bytes of a REST body, and of a socket's packet",
	groupMembersMax: "members of a group",
	channelMembersMax: "members of a channel",
	changesBehindMax: "changes behind; further, and `changes` says `reset`",
	presenceSubscriptionsMax: "users whose presence a socket hears",
};

export function limitsTable(): string {
	const sizes = Object.entries(LIMITS).map(([name, value]) => [
		value.toLocaleString("en"),
		LIMIT_WORDS[name as keyof typeof LIMITS],
	]);
	const rates = Object.values(RATES).map(({ points, windowS, doc }) => [`${points} in ${windowS} s`, doc]);
	const failures = [
		`${LOGIN_FAILURES.points} in ${LOGIN_FAILURES.windowS} s`,
		"failed logins of an account; beyond it a login answers as a wrong password does",
	];
	return markdownTable(["limit", "of what"], [...sizes, ...rates, failures]);
}
