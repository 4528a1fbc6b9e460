/** Tokens that every door has to refuse (T10). They are made from a good one, and most are signed with the right key. */
import { createHmac, type createPrivateKey, generateKeyPairSync, sign } from "node:crypto";

export interface CraftedToken {
	name: string;
	token: string;
	/** What the server answers. */
	code: "UNAUTHENTICATED" | "TOKEN_EXPIRED";
}

interface Claims {
	[name: string]: unknown;
	sub: string;
	sid: string;
	iss: string;
	aud: string;
	iat: number;
	exp: number;
}

/** A session and a user that nobody has. */
const NOBODY = "01890000-0000-7000-8000-000000000000";
const HEADER = { alg: "HS256", typ: "JWT" };

const base64url = (value: unknown) =>
	Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/**
 * @param good an access token of the server's, that it takes now
 * @param secret the server's `CHAT_JWT_SECRET`
 */
export function craftedTokens(good: string, secret: string): CraftedToken[] {
	const [goodHead = "", goodBody = "", goodSeal = ""] = good.split(".");
	const claims = JSON.parse(Buffer.from(goodBody, "base64url").toString()) as Claims;
	const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
	const publicPem = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();
	const jwk = rsa.publicKey.export({ format: "jwk" });

	const sealed = (head: string, body: string, key: string | Buffer = secret, hash = "sha256") =>
		`${head}.${body}.${createHmac(hash, key).update(`${head}.${body}`).digest("base64url")}`;
	/** Signed with the right key, as the server itself would. */
	const own = (change: object, header: object = HEADER) =>
		sealed(base64url(header), base64url({ ...claims, ...change }));
	const without = (claim: string) => own({ [claim]: undefined });
	const text = (json: string) => sealed(base64url(HEADER), base64url(json));
	const asymmetric = (
		alg: string,
		key: Parameters<typeof createPrivateKey>[0] | typeof rsa.privateKey,
		more = {},
	) => {
		const input = `${base64url({ alg, typ: "JWT", ...more })}.${base64url(claims)}`;
		const hash = alg === "EdDSA" ? null : "sha256";
		return `${input}.${sign(hash, Buffer.from(input), { key: key as never, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
	};
	const unsigned = (alg: unknown) => `${base64url({ alg, typ: "JWT" })}.${goodBody}.`;
	const past = Math.floor(Date.now() / 1_000) - 60;
	const json = JSON.stringify(claims);

	const wrong: Record<string, string> = {
		"no token at all": "",
		"a word": "null",
		"two parts": `${goodHead}.${goodBody}`,
		"four parts": `${good}.${goodSeal}`,
		"five parts, as if encrypted": `${good}.${goodSeal}.${goodSeal}`,
		"space around": ` ${good} `,
		"padded base64": `${goodHead}=.${goodBody}.${goodSeal}`,
		"alg none": unsigned("none"),
		"alg None": unsigned("None"),
		"alg nOnE with the good seal": `${base64url({ alg: "nOnE", typ: "JWT" })}.${goodBody}.${goodSeal}`,
		"no alg": sealed(base64url({ typ: "JWT" }), goodBody),
		"alg a list": sealed(base64url({ alg: ["HS256"], typ: "JWT" }), goodBody),
		"HS384 with the right key": sealed(base64url({ alg: "HS384", typ: "JWT" }), goodBody, secret, "sha384"),
		"HS512 with the right key": sealed(base64url({ alg: "HS512", typ: "JWT" }), goodBody, secret, "sha512"),
		"RS256 with a key of one's own": asymmetric("RS256", rsa.privateKey),
		"PS256 said, RS256 done": asymmetric("PS256", rsa.privateKey),
		"ES256 with a key of one's own": asymmetric(
			"ES256",
			generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
		),
		"EdDSA with a key of one's own": asymmetric("EdDSA", generateKeyPairSync("ed25519").privateKey),
		"HS256 with a public key as the secret": sealed(goodHead, goodBody, publicPem),
		"kid that is a path, with an empty key": sealed(
			base64url({ ...HEADER, kid: "../../../../dev/null" }),
			goodBody,
			"",
		),
		"kid that is SQL": own({}, { ...HEADER, kid: "x' UNION SELECT 'secret" }),
		"kid that is an address": own({}, { ...HEADER, kid: "http://127.0.0.1:1/key" }),
		"kid, otherwise right": own({}, { ...HEADER, kid: "1" }),
		jku: own({}, { ...HEADER, jku: "http://127.0.0.1:1/jwks" }),
		"jwk that it brings along": asymmetric("RS256", rsa.privateKey, { jwk }),
		"jwk, otherwise right": own({}, { ...HEADER, jwk }),
		x5u: own({}, { ...HEADER, x5u: "http://127.0.0.1:1/cert" }),
		x5c: own({}, { ...HEADER, x5c: [base64url("certificate")] }),
		crit: own({}, { ...HEADER, crit: ["exp"] }),
		"b64 false": own({}, { ...HEADER, b64: false, crit: ["b64"] }),
		zip: own({}, { ...HEADER, zip: "DEF" }),
		"typ of another kind in the header": own({}, { ...HEADER, typ: "dpop+jwt" }),
		"another secret": sealed(goodHead, goodBody, `${secret}x`),
		"an empty secret": sealed(goodHead, goodBody, ""),
		"half a seal": `${goodHead}.${goodBody}.${goodSeal.slice(0, 20)}`,
		"a bit of the seal turned": `${goodHead}.${goodBody}.${goodSeal[0] === "A" ? "B" : "A"}${goodSeal.slice(1)}`,
		"another user under the good seal": `${goodHead}.${base64url({ ...claims, sub: NOBODY })}.${goodSeal}`,
		"no exp": without("exp"),
		"exp a text": own({ exp: String(claims.exp) }),
		"exp null": own({ exp: null }),
		"exp beyond all numbers": text(json.replace(/"exp":\d+/, '"exp":1e999')),
		"not valid before tomorrow": own({ nbf: claims.iat + 86_400 }),
		"another issuer": own({ iss: "https://elsewhere.example" }),
		"another installation": own({ iss: `${claims.iss}2` }),
		"no issuer": without("iss"),
		"a list of issuers": own({ iss: [claims.iss] }),
		"another audience": own({ aud: "elsewhere" }),
		"no audience": without("aud"),
		"a list of audiences": own({ aud: [claims.aud, "elsewhere"] }),
		"a refresh token by its claim": own({ typ: "refresh" }),
		"an id token": own({ typ: undefined, nonce: "n", at_hash: "h" }),
		"no session": without("sid"),
		"a session of nobody's": own({ sid: NOBODY }),
		"a session that is SQL": own({ sid: "' OR 1=1 --" }),
		"no user": without("sub"),
		"a user that is none": own({ sub: "admin" }),
		"another user in the session": own({ sub: NOBODY }),
		"the user named twice": text(json.replace("{", `{"sub":"${NOBODY}",`)),
		"the user named twice, once escaped": text(json.replace("{", `{"su\\u0062":"${NOBODY}",`)),
		"alg named twice": sealed(base64url('{"alg":"none","alg":"HS256","typ":"JWT"}'), goodBody),
		"claims that are a list": text(JSON.stringify([claims])),
		"claims that are a text": text('"claims"'),
		"claims that are no JSON": text("{"),
		"a prototype for claims": text('{"__proto__":{"sub":"x"}}'),
		huge: own({ pad: "x".repeat(9_000) }),
		"expired, for another audience": own({ exp: past, aud: "elsewhere" }),
		"expired, with another secret": sealed(
			base64url(HEADER),
			base64url({ ...claims, exp: past }),
			"x".repeat(32),
		),
	};
	const expired: Record<string, string> = {
		"expired a minute ago": own({ exp: past }),
		"expired in 1969": own({ exp: -1 }),
	};
	const asList = (tokens: Record<string, string>, code: CraftedToken["code"]) =>
		Object.entries(tokens).map(([name, token]) => ({ name, token, code }));
	return [...asList(wrong, "UNAUTHENTICATED"), ...asList(expired, "TOKEN_EXPIRED")];
}

/** The good token made anew by the same hand: should it be refused, the list above proves nothing. */
export function recrafted(good: string, secret: string): string {
	const claims = Buffer.from(good.split(".")[1] ?? "", "base64url").toString();
	const input = `${base64url(HEADER)}.${base64url(claims)}`;
	return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}
