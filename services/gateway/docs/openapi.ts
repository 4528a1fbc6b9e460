/** The OpenAPI 3.1 document of the REST door, made from the contracts that the door itself is made from. */
import type { ActionContract } from "../../../contracts/contract.ts";
import { ERRORS, type ErrorCode } from "../../../contracts/errors.ts";
import { OVER_REST } from "../../../contracts/index.ts";
import { LIMITS, RATES } from "../../../contracts/limits.ts";
import { fieldsOf } from "../params.ts";
import { takesBody } from "../rest/params.ts";
import { RESULTS, SCHEMAS, type Schema } from "./resources.ts";
import { objectOf, type Rule, schemaOf } from "./rule-schema.ts";

const DESCRIPTION = `REST door of a chat backend. Live events come over Socket.IO, at \`/socket.io\`.

Every error is an \`application/problem+json\` with a stable \`code\`. Lists answer with \`items\` and
\`nextCursor\`; the cursor goes into the next call, and is null at the end. A body has at most
${LIMITS.bodyBytesMax / 1024} KB, and a field that is not described is refused.`;

/** A service's chapter: its title, and what it is about. */
const CHAPTERS: Record<string, [title: string, about: string]> = {
	auth: ["Accounts", "Registration, tokens and sessions."],
	users: ["Users", "Profiles."],
	chats: ["Chats", "Direct chats, groups, channels and threads, and their members."],
	messages: ["Messages", "Sending, editing, reading and catching up."],
	inbox: ["Inbox", "One user's chats, with what is unread."],
	presence: ["Presence", "Who is online."],
	analytics: ["Analytics", "Figures of the whole installation, for administrators."],
	"dead-letters": ["Dead letters", "Events that were given up on, for administrators."],
	health: ["Health", "For balancers."],
};

const titleOf = (service = ""): string => CHAPTERS[service]?.[0] ?? service;

/** In the order of the chapters, and of the paths in them. */
function sorted(contracts: readonly ActionContract[]): ActionContract[] {
	const order = Object.keys(CHAPTERS);
	const key = ({ action, rest = "" }: ActionContract) =>
		`${order.indexOf(action.split(".")[0] ?? "") + 10} ${rest.split(" ")[1]}`;
	return contracts.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

export function openApiDocument(): Schema {
	const paths: Record<string, Schema> = {};
	for (const contract of sorted(OVER_REST)) {
		const [method = "", path = ""] = (contract.rest as string).split(" ");
		const template = path.replace(/:(\w+)/g, "{$1}");
		paths[template] = { ...paths[template], [method.toLowerCase()]: operationOf(contract, method, path) };
	}
	return {
		openapi: "3.1.0",
		info: {
			title: "Parley",
			version: "1",
			description: DESCRIPTION,
			license: { name: "Apache-2.0", identifier: "Apache-2.0" },
		},
		servers: [{ url: "/api" }],
		tags: Object.values(CHAPTERS).map(([name, description]) => ({ name, description })),
		security: [{ accessToken: [] }],
		paths: { ...paths, ...HEALTH },
		components: {
			securitySchemes: {
				accessToken: {
					type: "http",
					scheme: "bearer",
					bearerFormat: "JWT",
					description:
						"The `accessToken` of `POST /auth/login`, or a token of an issuer that the configuration names.",
				},
			},
			schemas: SCHEMAS,
			responses: Object.fromEntries(
				[...codesByStatus()].map(([status, codes]) => [`Problem${status}`, problemResponse(codes)]),
			),
		},
	};
}

function operationOf(contract: ActionContract, method: string, path: string): Schema {
	const { action, doc, auth } = contract;
	const fields = fieldsOf(contract) as Record<string, Rule>;
	const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
	const rest = Object.entries(fields).filter(
		([name]) => !inPath.includes(name) && !(contract.idempotent && name === "clientId"),
	);
	const withBody = takesBody(method) && rest.length > 0;
	const parameters = [
		...inPath.map(name => ({ name, in: "path", required: true, schema: schemaOf(fields[name] as Rule) })),
		...(withBody ? [] : rest.map(([name, rule]) => queryParameter(name, rule))),
		...(contract.idempotent ? [KEY_PARAMETER] : []),
	];
	return {
		operationId: action,
		tags: [titleOf(action.split(".")[0])],
		summary: doc.split(/[.:;]/)[0]?.replaceAll("`", ""),
		description: describe(contract),
		...(auth === "public" && { security: [] }),
		...(parameters.length > 0 && { parameters }),
		...(withBody && {
			requestBody: {
				required: rest.some(([, { optional }]) => !optional),
				content: { "application/json": { schema: objectOf(Object.fromEntries(rest)) } },
			},
		}),
		responses: responsesOf(contract, { inPath: inPath.length > 0, withBody, writes: method !== "GET" }),
	};
}

function describe({ doc, rate, auth }: ActionContract): string {
	const limited = rate ? ` Rate limit: ${RATES[rate].doc}.` : "";
	return `${doc}${auth === "admin" ? " For administrators." : ""}${limited}`;
}

function queryParameter(name: string, rule: Rule): Schema {
	return { name, in: "query", required: !rule.optional, schema: schemaOf(rule) };
}

const KEY_PARAMETER: Schema = {
	name: "Idempotency-Key",
	in: "header",
	required: false,
	description:
		"Makes a repeat safe: the same key of the same caller gives the first result again, with `Idempotent-Replayed: true`.",
	schema: { type: "string", minLength: 1, maxLength: LIMITS.clientIdMax },
};

const REPLAYED = {
	"Idempotent-Replayed": {
		description: "`true` where this answer repeats an earlier one.",
		schema: { type: "string", enum: ["true"] },
	},
};

function responsesOf(
	{ action, status = 200, auth, idempotent }: ActionContract,
	has: { inPath: boolean; withBody: boolean; writes: boolean },
): Schema {
	const result = status === 204 ? null : { "application/json": { schema: RESULTS[action] ?? {} } };
	const success = {
		description: ERROR_FREE[status],
		...(idempotent && { headers: REPLAYED }),
		...(result && { content: result }),
	};
	const existing = status === 201 && /^chats\.(create|thread)$/.test(action);
	const failed: (ErrorCode | false)[] = [
		has.withBody && "VALIDATION_ERROR",
		auth !== "public" && "UNAUTHENTICATED",
		auth === "admin" || (has.inPath && has.writes) ? "FORBIDDEN" : false,
		has.inPath && "NOT_FOUND",
		has.writes && "CONFLICT",
		has.withBody && "PAYLOAD_TOO_LARGE",
		has.withBody && "UNSUPPORTED_MEDIA_TYPE",
		"RATE_LIMITED",
		"INTERNAL",
		"UNAVAILABLE",
	];
	const statuses = failed.filter(code => code !== false).map(code => ERRORS[code].status);
	return {
		[status]: success,
		...(existing && { 200: { ...success, description: "It was there already." } }),
		...(has.withBody && { 400: { $ref: "#/components/responses/Problem400" } }),
		...Object.fromEntries(
			[...new Set([...statuses, 422])].map(code => [code, { $ref: `#/components/responses/Problem${code}` }]),
		),
	};
}

const ERROR_FREE = { 200: "Done.", 201: "Made.", 204: "Done; there is nothing to show." } as const;

function codesByStatus(): Map<number, ErrorCode[]> {
	const byStatus = new Map<number, ErrorCode[]>([[400, ["VALIDATION_ERROR"]]]);
	for (const code of Object.keys(ERRORS) as ErrorCode[]) {
		const { status } = ERRORS[code];
		byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
	}
	return byStatus;
}

function problemResponse(codes: ErrorCode[]): Schema {
	return {
		description: codes.map(code => `\`${code}\`: ${ERRORS[code].meaning}`).join("\n\n"),
		...(codes.some(code => ERRORS[code].retryable) && {
			headers: { "Retry-After": { description: "Seconds.", schema: { type: "integer" } } },
		}),
		content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
	};
}

const HEALTH = Object.fromEntries(
	[
		["/health", "How this node and what it needs are."],
		["/health/liveness", "Whether the process answers at all."],
		[
			"/health/readiness",
			"Whether this node should be asked: 503 names what is down, or says that it will stop.",
		],
	].map(([path = "", summary = ""]) => [
		path,
		{
			servers: [{ url: "/" }],
			get: {
				operationId: path.slice(1).replace("/", "."),
				tags: [titleOf("health")],
				summary,
				security: [],
				responses: {
					200: {
						description: "It is well; `degraded` means that only Kafka is away.",
						content: { "application/json": { schema: { type: "object" } } },
					},
					...(path !== "/health/liveness" && { 503: { $ref: "#/components/responses/Problem503" } }),
				},
			},
		},
	]),
);
