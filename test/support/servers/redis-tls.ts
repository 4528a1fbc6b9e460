import type { Certificates } from "../certificates.ts";
import { freePorts } from "./ports.ts";
import type { ServerProcess, Settings } from "./types.ts";

/** One that speaks TLS on a port beside its usual one; 0 where it does not. */
export type SecureRedis = ServerProcess & { tlsPort: number };

/** What makes a Redis speak TLS too, to clients that show no certificate. */
export async function tlsOf(
	certificates: Certificates | undefined,
): Promise<{ port: number; settings: Settings }> {
	if (!certificates) return { port: 0, settings: {} };
	const [port = 0] = await freePorts(1);
	const settings = {
		"tls-port": port,
		"tls-cert-file": certificates.cert,
		"tls-key-file": certificates.key,
		"tls-ca-cert-file": certificates.ca,
		"tls-auth-clients": "no",
	};
	return { port, settings };
}
