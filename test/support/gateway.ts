/** A gateway on a real port with stand-ins behind it, for what is the gateway's own affair and no service's. */
import "./env.ts";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Context, ServiceBroker } from "moleculer";
import type { ActionContract } from "../../contracts/contract.ts";
import { CONTRACTS } from "../../contracts/index.ts";
import * as messages from "../../contracts/messages.ts";
import { failureOf } from "../../lib/errors.ts";
import { api } from "./http.ts";

type Handler = (ctx: Context<Record<string, unknown>, Record<string, unknown>>) => unknown;
export type Handlers = Record<string, Handler>;

/** What a stand-in answers where a test says nothing else: how it was called. */
export interface Echo {
	action: string;
	params: Record<string, unknown>;
	meta: Record<string, unknown>;
}

export const ANN = "01900000-0000-7000-8000-00000000000a";
export const BOB = "01900000-0000-7000-8000-00000000000b";

/** Starts it; `env` is set before anything reads the configuration. `real` are names of services that need no stand-in. */
export async function startGateway(
	handlers: Handlers = {},
	env: Record<string, string> = {},
	real: readonly string[] = [],
) {
	Object.assign(process.env, { CHAT_HOST: "127.0.0.1", CHAT_PORT: "0" }, env);
	const { testBroker } = await import("./broker.ts");
	const { default: gateway } = await import("../../services/gateway/gateway.service.ts");
	const { fail } = await import("../../lib/errors.ts");
	const verify: Handler = ({ params }) => {
		const [kind, userId] = String(params.token).split(":");
		if (kind === "expired") throw fail("TOKEN_EXPIRED");
		if ((kind !== "user" && kind !== "admin") || !userId) throw fail("UNAUTHENTICATED");
		return { userId, sessionId: null, expiresAt: Date.now() + 60_000, admin: kind === "admin" };
	};
	const services = await Promise.all(
		real.map(async name => (await import(`../../services/${name}/${name}.service.ts`)).default),
	);
	const others = standIns({ "auth.verify": verify, ...handlers }).filter(({ name }) => !real.includes(name));
	const node = await testBroker(...services, ...others, gateway);
	const { server } = node.broker.getLocalService("gateway") as unknown as { server: Server };
	const { port } = server.address() as AddressInfo;
	const url = `http://127.0.0.1:${port}`;
	return {
		...node,
		url,
		port,
		nobody: api(url),
		ann: api(url, `user:${ANN}`),
		bob: api(url, `user:${BOB}`),
		admin: api(url, `admin:${ANN}`),
	};
}

/** In place of `auth.verify`: who shows the id of a user is that user. */
export const tokenIsUser: Handler = ({ params }) => ({
	userId: params.token,
	sessionId: null,
	expiresAt: Date.now() + 3_600_000,
	admin: false,
});

/** The names of all actions that are called from now on, as they come. */
export function watchCalls(broker: ServiceBroker): string[] {
	const called: string[] = [];
	const { call } = broker;
	broker.call = ((name: string, ...more: unknown[]) => {
		called.push(name);
		return (call as (...args: unknown[]) => unknown).call(broker, name, ...more);
	}) as typeof call;
	return called;
}

/** Every service of the contracts but the gateway, each action of which echoes its call. */
export function standIns(handlers: Handlers): { name: string; actions: object }[] {
	const services = new Map<string, Record<string, object>>();
	for (const contract of CONTRACTS) {
		const [service = "", name = ""] = contract.action.split(".");
		if (service === "gateway") continue;
		const handler = handlerOf(contract, handlers);
		services.set(service, { ...services.get(service), [name]: { ...contract, handler } });
	}
	return [...services].map(([name, actions]) => ({ name, actions }));
}

function handlerOf(contract: ActionContract, handlers: Handlers): Handler {
	const handler = handlers[contract.action];
	if (handler) return handler;
	return contract.action === messages.sendAll.action
		? sendEach(handlerOf(messages.send, handlers))
		: echo(contract);
}

const sendEach =
	(send: Handler): Handler =>
	ctx => {
		const { sends } = ctx.params as { sends: messages.CheckedSend[] };
		return Promise.all(
			sends.map(async ({ userId, ...params }) => {
				const one = { params, meta: { user: { id: userId } } };
				try {
					return { message: await send({ ...ctx, ...one } as never) };
				} catch (err) {
					return { failure: failureOf(err) };
				}
			}),
		);
	};

function echo({ action, status }: ActionContract): Handler {
	return ({ params, meta }) => (status === 204 ? null : { action, params, meta });
}
