/** A small REST client for tests. Paths are below `/api`; nothing is retried, nothing is hidden. */

// biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape, right and wrong
type Any = any;

export interface Answer<Body = Any> {
	status: number;
	headers: Headers;
	/** Parsed where it is JSON, else its text; undefined where there is none. */
	body: Body;
}

export type Api = ReturnType<typeof api>;

/** `api(url, token).post("/chats", { participantIds })` */
export function api(url: string, token?: string) {
	async function ask<Body = Any>(
		method: string,
		path: string,
		body?: unknown,
		headers: Record<string, string> = {},
	): Promise<Answer<Body>> {
		const response = await fetch(`${url}/api${path}`, {
			method,
			redirect: "manual",
			headers: {
				...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
				...(body === undefined ? {} : { "content-type": "application/json" }),
				...headers,
			},
			// A text is sent as it is, so that a test can send what is no JSON.
			...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
		});
		return answerOf<Body>(response);
	}

	return {
		ask,
		get: <Body = Any>(path: string, headers?: Record<string, string>) =>
			ask<Body>("GET", path, undefined, headers),
		post: <Body = Any>(path: string, body?: unknown, headers?: Record<string, string>) =>
			ask<Body>("POST", path, body, headers),
		put: <Body = Any>(path: string, body?: unknown, headers?: Record<string, string>) =>
			ask<Body>("PUT", path, body, headers),
		patch: <Body = Any>(path: string, body?: unknown, headers?: Record<string, string>) =>
			ask<Body>("PATCH", path, body, headers),
		delete: <Body = Any>(path: string, body?: unknown, headers?: Record<string, string>) =>
			ask<Body>("DELETE", path, body, headers),
		/** The same server as somebody else. */
		as: (other: string) => api(url, other),
	};
}

/** A response with its body read. */
export async function answerOf<Body = Any>(response: Response): Promise<Answer<Body>> {
	const text = await response.text();
	const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
	const body = text === "" ? undefined : isJson ? JSON.parse(text) : text;
	return { status: response.status, headers: response.headers, body };
}
