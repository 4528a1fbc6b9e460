/** Reads a request's body: JSON in UTF-8 and nothing else, and never more of it than the limit. */
import type { IncomingMessage } from "node:http";
import { LIMITS } from "../../../contracts/limits.ts";
import { fail } from "../../../lib/errors.ts";

const MAX = LIMITS.bodyBytesMax;
/** So much of a body that is too large is still taken in and dropped, or its sender would never read our answer. */
const DROPPED_MAX = 1024 * 1024;

/** `{}` where there is no body. */
export async function readBody(req: IncomingMessage): Promise<Record<string, unknown>> {
	if (!hasBody(req)) return {};
	assertJson(req);
	const bytes = await readBytes(req);
	if (bytes.length === 0) return {};
	const value = parse(bytes);
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw fail("VALIDATION_ERROR", "The body must be a JSON object.", {
			errors: [{ field: "body", message: "The body must be a JSON object." }],
		});
	return value as Record<string, unknown>;
}

export function hasBody({ headers }: IncomingMessage): boolean {
	return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** What arrived cannot be read: 400, where a field that is wrong is 422. */
export function unreadable(message: string) {
	return Object.assign(fail("VALIDATION_ERROR", message), { code: 400 });
}

function assertJson({ headers }: IncomingMessage): void {
	const [type = "", ...parameters] = (headers["content-type"] ?? "").toLowerCase().split(";");
	const charset = parameters.map(text => text.trim()).find(text => text.startsWith("charset="));
	const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
	const isPlain = (headers["content-encoding"] ?? "identity").toLowerCase() === "identity";
	if (type.trim() !== "application/json" || !isUtf8 || !isPlain) throw fail("UNSUPPORTED_MEDIA_TYPE");
}

function readBytes(req: IncomingMessage): Promise<Buffer> {
	if (Number(req.headers["content-length"] ?? 0) > MAX + DROPPED_MAX) throw fail("PAYLOAD_TOO_LARGE");
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let length = 0;
		let hasEnded = false;
		const end = () => {
			hasEnded = true;
			if (length > MAX) reject(fail("PAYLOAD_TOO_LARGE"));
			else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
		};
		const cut = () => {
			if (!hasEnded) reject(unreadable("The body did not arrive whole."));
		};
		if (req.destroyed) return cut();
		req.on("data", (chunk: Buffer) => {
			length += chunk.length;
			if (length <= MAX) chunks.push(chunk);
			else if (length > MAX + DROPPED_MAX && !hasEnded) {
				req.pause();
				end();
			}
		});
		req.on("end", end).on("error", cut).on("close", cut);
	});
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

function parse(bytes: Buffer): unknown {
	try {
		return JSON.parse(utf8.decode(bytes));
	} catch {
		throw unreadable("The body is not JSON in UTF-8.");
	}
}
