/** Users of a load are those of a host application, which signs them in: they cost no password and no registration. */
import jwt from "jsonwebtoken";

/** As `CHAT_JWT_ISSUERS` has it, but for the secret. */
export const ISSUER = { issuer: "https://load.example", audience: "parley", algorithms: ["HS256"] };

/** Longer than any run. */
const LIFE = "24h";

/** The token of a user, counted from 0. */
export const tokenOf = (secret: string, user: number): string =>
	jwt.sign({ sub: String(user), name: `Load ${user}` }, secret, {
		issuer: ISSUER.issuer,
		audience: ISSUER.audience,
		expiresIn: LIFE,
	});
