import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/**
 * What an app pays for `createClient` beside socket.io-client, minified and gzipped. The aim is 12 KB; what stands in
 * the way is in client/README.md, part by part. Until then it must not grow.
 */
export const CLIENT_BYTES_MAX = 23.25 * 1024;

const ROOT = path.resolve(import.meta.dirname, "../..");

/** Names of ES2023 and later, which Safari 16, Node 20 or a React Native of that age lack. */
const TOO_NEW =
	/\b(?:groupBy|withResolvers|fromAsync|isWellFormed|toWellFormed|structuredClone|Promise\.try|Iterator\.from)\b|\.(?:toSorted|toSpliced|toReversed|with|findLast|findLastIndex|union|intersection|difference|isSubsetOf|isSupersetOf|isDisjointFrom)\(|\.(?:keys|values|entries)\(\)\.(?:map|filter|take|drop|flatMap|reduce|toArray|forEach|some|every|find)\b/g;

/** Resolves with what is wrong; `say` hears the size either way. */
export async function sizeOfClient(
	say: (text: string) => void,
	entry = path.join(ROOT, "client/index.ts"),
): Promise<string> {
	const code = await bundled(entry);
	const bytes = gzipSync(code, { level: 9 }).length;
	say(
		`@parley/client has ${bytes} of at most ${CLIENT_BYTES_MAX} bytes: createClient, gzipped, without socket.io-client.`,
	);
	const newer = code.match(TOO_NEW) ?? [];
	return [
		...(bytes > CLIENT_BYTES_MAX ? [`@parley/client is ${bytes - CLIENT_BYTES_MAX} bytes too large.`] : []),
		...(newer.length > 0
			? [`@parley/client needs more than ES2022: ${[...new Set(newer)].join(", ")}.`]
			: []),
	].join("\n");
}

/** What an app has in its bundle that imports `createClient` and nothing else. */
async function bundled(entry: string): Promise<string> {
	const app = path.join(ROOT, "an-app.js");
	const built = await build({
		configFile: false,
		logLevel: "silent",
		plugins: [
			{
				name: "app",
				resolveId: id => (id === app ? id : null),
				load: id => (id === app ? `export { createClient } from ${JSON.stringify(entry)};` : null),
			},
		],
		build: {
			write: false,
			minify: true,
			target: "es2022",
			lib: { entry: app, formats: ["es"], fileName: "app" },
			rolldownOptions: { external: ["socket.io-client"], output: { minify: true } },
		},
	});
	const [{ output }] = (Array.isArray(built) ? built : [built]) as [{ output: { code?: string }[] }];
	return output.map(({ code = "" }) => code).join("\n");
}
