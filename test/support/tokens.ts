/** Tokens that a test makes itself: the form's key is in the environment. */
import jwt from "jsonwebtoken";
import type { Person } from "./people.ts";

/** A person's own access token, but it runs out in so many seconds. */
export function endingIn({ token }: Person, seconds: number): string {
	const claims = jwt.decode(token) as jwt.JwtPayload;
	const exp = Math.floor(Date.now() / 1000) + seconds;
	return jwt.sign({ ...claims, exp }, process.env.PARLEY_JWT_SECRET as string, { algorithm: "HS256" });
}

/** A token of the host application, for one of its own users. */
export function foreignToken(subject: string, claims: Record<string, unknown>): string {
	const { issuer, audience, secret } = JSON.parse(process.env.PARLEY_FOREIGN_ISSUER as string);
	return jwt.sign(claims, secret, { subject, issuer, audience, expiresIn: "1h", algorithm: "HS256" });
}
