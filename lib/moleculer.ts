import type { Context, Service, ServiceBroker, ServiceSchema } from "moleculer";
import type { ActionContract, Params, RateClass, Result } from "../contracts/contract.ts";
import type { Events } from "../contracts/events.ts";

declare module "moleculer" {
	interface ActionSchema {
		/** The contract's own fields; the doors read them. */
		action?: string;
		doc?: string;
		status?: number;
		socket?: string;
		ack?: string;
		auth?: "required" | "public" | "admin";
		rate?: RateClass;
		idempotent?: true;
	}
}

/** Who is calling, set once, by the gateway; every other service may trust it. */
export interface CallerMeta {
	user: { id: string; admin?: boolean };
	/** Null for a foreign issuer's token. */
	sessionId?: string | null;
	/** The socket that asks; absent over REST. */
	socketId?: string;
	userAgent?: string;
	/** The address that a registration, login or refresh comes from. */
	address?: string;
	/** Set by the service: the answer repeats an earlier one (header `Idempotent-Replayed`). */
	replayed?: boolean;
	/** Set by the service: what was asked for was there already (200 in place of 201). */
	existed?: boolean;
}

export type Ctx<C> = Context<Params<C>, CallerMeta>;
export type Reply<C> = Promise<Result<C>>;

/** ServiceSchema, except that `methods` must implement `Methods`; upstream only believes it. */
export type Schema<Settings, Methods, Vars> = Omit<
	ServiceSchema<Settings, Methods, Vars>,
	"methods" | "mixins"
> & {
	methods?: Methods & ThisType<Service<Settings> & Methods & Vars>;
	/** Their `this` is the service that they are mixed into, which upstream's type cannot say. */
	mixins?: object[];
};

/** A Context (keeps the request id and the caller) or, outside any request, the broker. */
export type Via = Pick<Context, "call" | "broadcast"> | Pick<ServiceBroker, "call" | "broadcast">;

/** The one door through which events leave: name and payload are checked together. All of them go to every node. */
export function announce<E extends keyof Events>(via: Via, name: E, data: Events[E]): Promise<void> {
	return (via.broadcast as (name: string, data: unknown) => Promise<void>)(name, data);
}

/** The one door through which actions are called: parameters and result follow from the contract. */
export function call<C extends Pick<ActionContract, "action">>(
	via: Via,
	contract: C,
	params: Params<C>,
	opts?: { meta?: Partial<CallerMeta>; timeout?: number; requestID?: string; nodeID?: string },
): Promise<Result<C>> {
	return (via.call as (name: string, params: unknown, opts?: unknown) => Promise<Result<C>>)(
		contract.action,
		params,
		opts,
	);
}

/** The same for a door, which takes all contracts and has checked the parameters by the one that was asked for. */
export const callChecked = (
	via: Via,
	contract: ActionContract,
	params: Record<string, unknown>,
	opts?: Parameters<typeof call>[3],
): Promise<unknown> => call(via, contract as ActionContract & { params: never }, params as never, opts);

/** Whether this node takes calls of an action. */
export const isHere = (broker: ServiceBroker, { action }: Pick<ActionContract, "action">): boolean =>
	broker.registry.getActionEndpoints(action)?.hasLocal() ?? false;

/** The nodes that take calls of an action now. */
export function nodesOf(broker: ServiceBroker, { action }: Pick<ActionContract, "action">): string[] {
	const { endpoints } = broker.registry.getActionEndpoints(action) ?? { endpoints: [] };
	return endpoints.flatMap(({ id, isAvailable }) => (isAvailable ? id : []));
}
