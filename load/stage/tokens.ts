/** Users of a measurement are those of a host application, which signs them in: they cost no password and no registration. */
import jwt from "jsonwebtoken";

/** As `CHAT_JWT_ISSUERS` has it, but for the secret. */
export const ISSUER = { issuer: "https://bench.example", audience: "parley", algorithms: ["HS256"] };

/** Longer than any run. */
const LIFE = "24h";

/** The token of a user by their subject, which is a number where users are counted from 0. */
export const tokenOf = (secret: string, user: number | string): string =>
	jwt.sign({ sub: String(user), name: `Load ${user}` }, secret, {
		issuer: ISSUER.issuer,
		audience: ISSUER.audience,
		expiresIn: LIFE,
	});
