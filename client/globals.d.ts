/** All that the client's core may use of its surroundings: what browsers, Node and React Native have in common. */
export {};

/** Nothing is done with it but ending it. Name it `ReturnType<typeof setTimeout>`. */
interface Timer {
	readonly timer: unique symbol;
}

declare global {
	interface AbortSignal {
		readonly aborted: boolean;
		readonly reason: unknown;
		throwIfAborted(): void;
		addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
		removeEventListener(type: "abort", listener: () => void): void;
	}

	class AbortController {
		readonly signal: AbortSignal;
		abort(reason?: unknown): void;
	}

	interface Response {
		readonly ok: boolean;
		readonly status: number;
		readonly headers: { get(name: string): string | null };
		json(): Promise<unknown>;
		text(): Promise<string>;
	}

	function fetch(
		url: string,
		init?: {
			method?: string;
			headers?: Record<string, string>;
			body?: string;
			signal?: AbortSignal;
			keepalive?: boolean;
		},
	): Promise<Response>;

	function setTimeout(run: () => void, ms?: number): Timer;
	function clearTimeout(timer: Timer | undefined): void;
	function setInterval(run: () => void, ms: number): Timer;
	function clearInterval(timer: Timer | undefined): void;
	function queueMicrotask(run: () => void): void;

	class TextEncoder {
		encode(text: string): Uint8Array;
	}

	const crypto: { getRandomValues<T extends Uint8Array>(bytes: T): T };
	const console: Record<"debug" | "info" | "warn" | "error", (...what: unknown[]) => void>;
}
