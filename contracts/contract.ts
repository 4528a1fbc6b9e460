/** What an action accepts, what it returns, and where it is reachable. Server, SDK and tests share it. */
export interface ActionContract {
	/** The action's full name in the registry: `<service>.<action>`. */
	action: string;
	/** One sentence for the API documentation. */
	doc: string;
	/** Method and path below `/api`. */
	rest?: string;
	/** What REST answers on success; 200 unless said. */
	status?: 200 | 201 | 204;
	/** The Socket.IO event that reaches this action. */
	socket?: string;
	/**
	 * Under which name an acknowledgement carries the result; a page's `items` take that name too.
	 * `*` spreads the result's own fields; without it the acknowledgement is just `{ status: 'ok' }`.
	 */
	ack?: string;
	/** `admin` is a user named in `CHAT_ADMIN_USERS`. */
	auth?: "required" | "public" | "admin";
	/** Which of the rate limits in `limits.ts` counts this call. */
	rate?: RateClass;
	/** REST takes `clientId` from the header `Idempotency-Key`, never from the body; the gateway makes one where none is given. */
	idempotent?: true;
	params: Record<string, unknown>;
	/** `published`: through a door; `public`: for other services only. */
	visibility?: "published" | "public";
}

export const RATE_CLASSES = [
	"send",
	"write",
	"read",
	"typing",
	"login",
	"refresh",
	"register",
	"connect",
] as const;
export type RateClass = (typeof RATE_CLASSES)[number];

/** Phantom carrier of the result type: nothing exists at run time. */
export interface Returns<R> {
	readonly $result?: R;
}

/** An action that a door opens to clients. */
export const action =
	<R>() =>
	<const C extends Omit<ActionContract, "visibility">>(
		contract: C,
	): C & { visibility: "published" } & Returns<R> => ({ ...contract, visibility: "published" });

/** An action that only other services call; no door leads to it. */
export const internal =
	<R>() =>
	<const C extends Pick<ActionContract, "action" | "doc" | "params">>(
		contract: C,
	): C & { visibility: "public" } & Returns<R> => ({ ...contract, visibility: "public" });

type Value<Rule> = Rule extends { nullable: true } ? Plain<Rule> | null : Plain<Rule>;

type Plain<Rule> = Rule extends { type: "enum"; values: readonly (infer V)[] }
	? V
	: Rule extends { type: "array"; items: infer Items }
		? Value<Items>[]
		: Rule extends { type: "object"; props: infer Props }
			? Infer<Props>
			: Rule extends { type: "object" }
				? Record<string, unknown>
				: Rule extends { type: "number" }
					? number
					: Rule extends { type: "boolean" }
						? boolean
						: Rule extends { type: "string" | "uuid" | "email" }
							? string
							: unknown;

type Key<K> = K extends `$$${string}` ? never : K;

/** The TypeScript type of a (literal) fastest-validator schema. */
export type Infer<S> = {
	-readonly [K in keyof S as S[K] extends { optional: true } ? never : Key<K>]: Value<S[K]>;
} & {
	-readonly [K in keyof S as S[K] extends { optional: true } ? Key<K> : never]?: Value<S[K]>;
};

export type Params<C> = C extends { params: infer S } ? Infer<S> : never;
export type Result<C> = C extends Returns<infer R> ? R : never;

/** A page of a list; `nextCursor` is null at the end. */
export interface Page<T> {
	items: T[];
	nextCursor: string | null;
}
