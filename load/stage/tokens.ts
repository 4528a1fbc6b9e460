/** Users of a measurement are those of a host application, which signs them in: they cost no password and no registration. */
import { createSecretKey } from "node:crypto";
import jwt from "jsonwebtoken";

/** As `CHAT_JWT_ISSUERS` has it, but for the secret. */
export const ISSUER = { issuer: "https://bench.example", audience: "parley", algorithms: ["HS256"] };

/** Longer than any run. */
const LIFE = "24h";

/** A secret as text is first tried as a private key, which takes longer than to sign. */
const keyOf = (secret: string) => createSecretKey(Buffer.from(secret));

/** The token of a user by their subject, which is a number where users are counted from 0. */
export const tokenOf = (secret: string, user: number | string): string =>
	jwt.sign({ sub: String(user), name: `Load ${user}` }, keyOf(secret), {
		issuer: ISSUER.issuer,
		audience: ISSUER.audience,
		expiresIn: LIFE,
	});
