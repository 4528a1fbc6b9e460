import { createPublicKey } from "node:crypto";

const SYMMETRIC = ["HS256"] as const;
const ASYMMETRIC = [
	"RS256",
	"RS384",
	"RS512",
	"PS256",
	"PS384",
	"PS512",
	"ES256",
	"ES384",
	"ES512",
	"EdDSA",
] as const;

export type Algorithm = (typeof SYMMETRIC)[number] | (typeof ASYMMETRIC)[number];

/** Where the key of an issuer comes from: exactly one of the three. */
export type IssuerKey =
	| { jwksUrl: string; publicKey?: never; secret?: never }
	| { publicKey: string; jwksUrl?: never; secret?: never }
	| { secret: string; jwksUrl?: never; publicKey?: never };

/** A host application that signs in its own users. */
export type ForeignIssuer = { issuer: string; audience: string; algorithms: Algorithm[] } & IssuerKey;

const FIELDS = ["issuer", "audience", "algorithms", "jwksUrl", "publicKey", "secret"];
const KEYS = ["jwksUrl", "publicKey", "secret"] as const;

/**
 * The value of `CHAT_JWT_ISSUERS`. A shared secret goes with HS256 and nothing else, and a public key never
 * does: a server that takes both lets anyone who knows the public key sign as its owner.
 */
export function issuers(text: string): ForeignIssuer[] {
	const items = parseJson(text);
	if (!Array.isArray(items)) throw new Error("must be a JSON array");
	if (items.length > 20) throw new Error("has more than 20 issuers");
	const checked = items.map((item, i) => {
		try {
			return issuer(item);
		} catch (err) {
			throw new Error(`item ${i} ${(err as Error).message}`);
		}
	});
	const names = checked.map(({ issuer, audience }) => `${issuer}\n${audience}`);
	if (new Set(names).size < names.length) throw new Error("names one issuer and audience twice");
	return checked;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// The parser's message quotes the text, which may hold a secret.
		throw new Error("is not JSON");
	}
}

function issuer(item: unknown): ForeignIssuer {
	if (typeof item !== "object" || item === null || Array.isArray(item)) throw new Error("must be an object");
	const fields = item as Record<string, unknown>;
	const unknown = Object.keys(fields).find(key => !FIELDS.includes(key));
	if (unknown !== undefined) throw new Error(`has the unknown field "${unknown}"`);
	const base = {
		issuer: filled(fields, "issuer"),
		audience: filled(fields, "audience"),
		algorithms: algorithms(fields.algorithms),
	};
	const given = KEYS.filter(key => fields[key] !== undefined);
	if (given.length !== 1) throw new Error("must have exactly one of jwksUrl, publicKey and secret");
	const symmetric = base.algorithms.filter(name => name === "HS256");
	if (given[0] === "secret") {
		if (symmetric.length < base.algorithms.length) throw new Error('with a secret allows ["HS256"] only');
		return { ...base, secret: longEnough(filled(fields, "secret")) };
	}
	if (symmetric.length > 0) throw new Error("allows HS256 only with a secret");
	if (given[0] === "jwksUrl") return { ...base, jwksUrl: keySetUrl(filled(fields, "jwksUrl")) };
	return { ...base, publicKey: publicKey(filled(fields, "publicKey"), base.algorithms) };
}

function filled(fields: Record<string, unknown>, name: string) {
	const value = fields[name];
	if (typeof value !== "string" || value.trim() === "") throw new Error(`needs "${name}" as a text`);
	return value;
}

function algorithms(value: unknown): Algorithm[] {
	const known: readonly string[] = [...SYMMETRIC, ...ASYMMETRIC];
	if (!Array.isArray(value) || value.length === 0) throw new Error('needs "algorithms" as a list');
	const stranger = value.find(name => !known.includes(name));
	if (stranger !== undefined) throw new Error(`"algorithms" may hold ${known.join(", ")}`);
	return value;
}

function longEnough(secret: string) {
	if (Buffer.byteLength(secret) < 32) throw new Error('needs a "secret" of at least 32 bytes');
	return secret;
}

/** Plain http is for a key server on this machine: whoever can change the keys on the way can be anyone. */
function keySetUrl(text: string) {
	const parsed = URL.parse(text);
	const local = parsed && ["localhost", "127.0.0.1", "[::1]"].includes(parsed.hostname);
	if (!parsed || !(parsed.protocol === "https:" || (local && parsed.protocol === "http:"))) {
		throw new Error('needs "jwksUrl" to begin with https:// (http:// only for localhost)');
	}
	return text;
}

const KEY_TYPE: Record<string, string> = { RS: "rsa", PS: "rsa", ES: "ec", Ed: "ed25519" };

function publicKey(pem: string, allowed: Algorithm[]) {
	if (/PRIVATE KEY/.test(pem))
		throw new Error('has a private key as "publicKey"; only the public one belongs here');
	const type = keyType(pem);
	const misfit = allowed.find(name => KEY_TYPE[name.slice(0, 2)] !== type);
	if (misfit) throw new Error(`has a "publicKey" of type ${type}, which does not go with ${misfit}`);
	return pem;
}

function keyType(pem: string) {
	try {
		return createPublicKey(pem).asymmetricKeyType;
	} catch {
		throw new Error('needs "publicKey" in PEM form');
	}
}
