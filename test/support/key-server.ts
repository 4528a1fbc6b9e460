/** A host application's key server, on loopback, and tokens signed with its keys. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

export type Behaviour = "answers" | "hangs" | "fails" | "nonsense";

export async function keyServer() {
	const keys = new Map<string, { privateKey: CryptoKey; jwk: JWK }>();
	let behaviour: Behaviour = "answers";
	let requests = 0;
	const server = createServer((_, response) => {
		requests++;
		if (behaviour === "hangs") return;
		response.statusCode = behaviour === "fails" ? 500 : 200;
		response.setHeader("content-type", "application/json");
		response.end(
			behaviour === "nonsense" ? "<html>" : JSON.stringify({ keys: [...keys.values()].map(key => key.jwk) }),
		);
	});
	await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
		get requests() {
			return requests;
		},
		behave(as: Behaviour) {
			behaviour = as;
		},
		async addKey(kid: string, alg = "RS256") {
			const { privateKey, publicKey } = await generateKeyPair(alg);
			keys.set(kid, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } });
			return privateKey;
		},
		removeKey(kid: string) {
			keys.delete(kid);
		},
		/** A token of `claims`, signed with the key of that id. */
		sign(
			kid: string,
			claims: Record<string, unknown>,
			header: Record<string, unknown> = {},
		): Promise<string> {
			const key = keys.get(kid);
			if (!key) throw new Error(`There is no key ${kid}.`);
			return new SignJWT(claims)
				.setProtectedHeader({ alg: key.jwk.alg as string, kid, ...header })
				.sign(key.privateKey);
		},
		stop: () =>
			new Promise<void>(resolve => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
