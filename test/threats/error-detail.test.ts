import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Errors } from "moleculer";
import type { ActionContract } from "../../contracts/contract.ts";
import { ERRORS } from "../../contracts/errors.ts";
import { OVER_REST, OVER_SOCKET } from "../../contracts/index.ts";
import { dropSchema } from "../support/drop-schema.ts";
import { ANN, startGateway } from "../support/gateway.ts";
import { connect, type TestSocket } from "../support/socket.ts";

const ID = "01900000-0000-7000-8000-0000000000c1";
const CANARY = "canary-7f3a";
/** What no client may see: words of ours, of PostgreSQL, of Node and of Moleculer. */
const INSIDE =
	/canary|node_modules|\.ts\b|\bat \S+:\d+|SELECT|INSERT|relation|does not exist"|10\.1\.2\.3|localhost|nodeID|t_[0-9a-f]{12}/;

let gateway: Awaited<ReturnType<typeof startGateway>>;
let socket: TestSocket;
/** What the stand-ins throw. */
let fault: unknown;

beforeAll(async () => {
	const broken = () => {
		throw fault;
	};
	gateway = await startGateway(
		{
			"auth.sessions": broken,
			"auth.endSession": broken,
			"presence.set": broken,
			"presence.online": broken,
			"presence.leases": broken,
			"presence.of": broken,
		},
		{},
		["chats", "messages", "users", "inbox"],
	);
	socket = await connect(gateway.url, `user:${ANN}`);
	// From here on whatever asks the database fails in its words.
	await dropSchema(gateway.db, gateway.db.schema);
});

afterAll(async () => {
	socket?.close();
	await gateway?.stop();
});

interface Rule {
	type?: string;
	values?: string[];
	items?: Rule;
	optional?: boolean;
	nullable?: boolean;
	min?: number;
}

/** Params that a contract takes, of what it asks for. */
function paramsFor({ params }: Pick<ActionContract, "params">): Record<string, unknown> {
	const asked = Object.entries(params as Record<string, Rule>).filter(
		([name, rule]) => !name.startsWith("$$") && !rule.optional,
	);
	return Object.fromEntries(asked.map(([name, rule]) => [name, valueFor(rule)]));
}

function valueFor({ type, values, items, nullable, min = 1 }: Rule): unknown {
	if (nullable) return null;
	if (type === "uuid") return ID;
	if (type === "enum") return values?.[0];
	if (type === "array") return [valueFor(items ?? {})];
	if (type === "number") return 1;
	if (type === "boolean") return true;
	return type === "object" ? {} : "x".repeat(min);
}

function expectProblem(status: number, body: Record<string, unknown>): void {
	const { errors, retryAfter, ...problem } = body;
	expect(Object.keys(problem).sort()).toEqual(["code", "detail", "status", "title", "traceId", "type"]);
	expect(Object.keys(ERRORS)).toContain(problem.code);
	expect(problem.status).toBe(status);
	if (status >= 500) expect([errors, typeof retryAfter === "number"]).toEqual([undefined, status === 503]);
}

function expectRefusal(ack: Record<string, unknown>): void {
	const { details = {}, ...refusal } = ack;
	expect(Object.keys(refusal).sort()).toEqual(["code", "message", "status"]);
	expect(Object.keys(ERRORS)).toContain(refusal.code);
	expect(["errors", "retryAfter", "traceId"]).toEqual(
		expect.arrayContaining(Object.keys(details as Record<string, unknown>)),
	);
}

const isBehind = ({ action }: ActionContract) => /^(chats|messages|users|inbox)\./.test(action);

test("T37: no action over REST shows what the database says", async () => {
	const statuses = new Set<number>();
	for (const contract of OVER_REST.filter(isBehind)) {
		const [method = "", pattern = ""] = (contract.rest ?? "").split(" ");
		const params = paramsFor(contract);
		const path = pattern.replace(/:(\w+)/g, (_, name: string) => {
			const value = params[name];
			delete params[name];
			return encodeURIComponent(String(value));
		});
		const answer = /POST|PUT|PATCH/.test(method)
			? await gateway.ann.ask(method, path, params)
			: await gateway.ann.ask(method, path);
		expect([contract.action, answer.status]).toEqual([contract.action, expect.any(Number)]);
		expect(answer.status).toBeGreaterThanOrEqual(400);
		expectProblem(answer.status, answer.body);
		expect(JSON.stringify([answer.body, [...answer.headers]])).not.toMatch(INSIDE);
		statuses.add(answer.status);
	}
	expect(statuses).toContain(500);
});

test("T37: no event of a socket is answered with what the database says", async () => {
	const codes = new Set<unknown>();
	for (const contract of OVER_SOCKET.filter(isBehind)) {
		const ack = await socket.emit(contract.socket as string, paramsFor(contract));
		expect([contract.socket, ack.status]).toEqual([contract.socket, "error"]);
		expectRefusal(ack);
		expect(JSON.stringify(ack)).not.toMatch(INSIDE);
		codes.add(ack.code);
	}
	expect(codes).toContain("INTERNAL");
});

const FAULTS: Record<string, unknown> = {
	"a query": Object.assign(new Error(`syntax error in SELECT ${CANARY}`), { code: "42601", sql: CANARY }),
	"a host that is away": Object.assign(new Error(`connect ECONNREFUSED 10.1.2.3:5432 ${CANARY}`), {
		code: "ECONNREFUSED",
	}),
	"a slip": new TypeError(`Cannot read properties of undefined (reading '${CANARY}')`),
	"a text": CANARY,
	nothing: undefined,
	"a service that is gone": new Errors.ServiceNotFoundError({ action: CANARY, nodeID: CANARY }),
	"a service that is slow": new Errors.RequestTimeoutError({ action: CANARY, nodeID: CANARY }),
	"a validator's findings": new Errors.ValidationError("Parameters validation error!", CANARY, [
		{ field: "status", message: "is wrong", actual: CANARY, nodeID: CANARY, action: CANARY },
	] as never),
	"another's error": new Errors.MoleculerError(CANARY, 418, "TEAPOT", { host: CANARY }),
};

test.each(Object.keys(FAULTS))("T37: %s inside shows at no door", async name => {
	fault = FAULTS[name];
	const answer = await gateway.ann.put("/presence", { status: "online" });
	expect(answer.status).toBeGreaterThanOrEqual(400);
	expectProblem(answer.status, answer.body);
	const ack = await socket.emit("presence:set", { status: "online" });
	expectRefusal(ack);
	socket.forget();
	socket.io.emit("presence:set", { status: "online" });
	const told = await socket.waitFor("error");
	expect(Object.keys(told).sort()).toEqual(["code", "message"]);
	expect(JSON.stringify([answer.body, [...answer.headers], ack, told])).not.toMatch(INSIDE);
});

/** All fields of a call together stay within a packet. */
const NONSENSE = [
	null,
	-1,
	"",
	"\0",
	"\ud800",
	[],
	[null],
	{},
	{ $gt: "" },
	"' OR 1=1 --",
	"x".repeat(5_000),
];

test.each(OVER_SOCKET.map(({ socket: name = "" }) => name))(
	"T37: nonsense sent as %s has a stable code",
	async name => {
		const contract = OVER_SOCKET.find(it => it.socket === name) as ActionContract;
		const fields = Object.keys(contract.params).filter(field => !field.startsWith("$$"));
		for (const value of NONSENSE) {
			const payloads = [value, Object.fromEntries(fields.map(field => [field, value]))];
			for (const payload of payloads) {
				const ack = await socket.emit(name, payload);
				if (ack.status === "ok") continue;
				expectRefusal(ack);
				expect(JSON.stringify(ack)).not.toMatch(INSIDE);
			}
		}
	},
);
