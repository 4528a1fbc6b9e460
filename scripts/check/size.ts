import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** What an app pays for the client beside socket.io-client, minified and gzipped. */
export const CLIENT_BYTES_MAX = 12 * 1024;

const ROOT = path.resolve(import.meta.dirname, "../..");

/** Resolves with what is wrong; `say` hears the size either way. */
export async function sizeOfClient(
	say: (text: string) => void,
	entry = path.join(ROOT, "client/index.ts"),
): Promise<string> {
	const bytes = await bundledBytes(entry);
	say(`@parley/client has ${bytes} of at most ${CLIENT_BYTES_MAX} bytes, gzipped, without socket.io-client.`);
	return bytes > CLIENT_BYTES_MAX ? `@parley/client is ${bytes - CLIENT_BYTES_MAX} bytes too large.` : "";
}

async function bundledBytes(entry: string): Promise<number> {
	const built = await build({
		configFile: false,
		logLevel: "silent",
		build: {
			write: false,
			minify: true,
			target: "es2022",
			lib: { entry, formats: ["es"] },
			rolldownOptions: { external: ["socket.io-client"], output: { minify: true } },
		},
	});
	const [{ output }] = (Array.isArray(built) ? built : [built]) as [{ output: { code?: string }[] }];
	return gzipSync(output.map(({ code = "" }) => code).join("\n"), { level: 9 }).length;
}
