/** What a token must look like, whatever key it is signed with. Nothing is believed here. */

/** Longer ones are refused before they are read: claims of ours take 300 bytes, a host application's a few thousand. */
export const TOKEN_LENGTH_MAX = 8_192;

const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/** Headers by which a token would choose or bring its own key, or change how it is read. */
const FORBIDDEN_HEADERS = ["jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "zip", "enc", "b64"];

export interface Unverified {
	header: Record<string, unknown>;
	claims: Record<string, unknown>;
}

/** Reads a token's parts, or null where it is none that anyone should go on with. */
export function readUnverified(token: string): Unverified | null {
	if (token.length > TOKEN_LENGTH_MAX) return null;
	const [, head, body] = COMPACT.exec(token) ?? [];
	const header = head && readObject(head);
	const claims = body && readObject(body);
	if (!header || !claims) return null;
	if (FORBIDDEN_HEADERS.some(name => Object.hasOwn(header, name))) return null;
	return { header, claims };
}

/** Whether the token's issuer means it for this audience, which may be one of several. */
export function isMeantFor(
	{ issuer, audience }: { issuer: string; audience: string },
	{ iss, aud }: Record<string, unknown>,
): boolean {
	return iss === issuer && (aud === audience || (Array.isArray(aud) && aud.includes(audience)));
}

function readObject(part: string): Record<string, unknown> | null {
	const text = Buffer.from(part, "base64url").toString("utf8");
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
		// What reads the same when it is written again names nothing twice; what does not may only be spelt in another way.
		const isPlain = JSON.stringify(value) === text;
		return !isPlain && namesTwice(text) ? null : (value as Record<string, unknown>);
	} catch {
		return null;
	}
}

const JSON_TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;

/** Whether an object in valid JSON names a key twice: two readers could take two different values. */
export function namesTwice(json: string): boolean {
	const open: (Set<string> | null)[] = [];
	let last = "";
	for (const [token] of json.matchAll(JSON_TOKENS)) {
		if (token === "{") open.push(new Set());
		else if (token === "[") open.push(null);
		else if (token === "}" || token === "]") open.pop();
		else if (token === ":") {
			const keys = open.at(-1);
			const key = JSON.parse(last) as string;
			if (keys?.has(key)) return true;
			keys?.add(key);
		}
		last = token;
	}
	return false;
}
