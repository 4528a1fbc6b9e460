import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Plugin } from "vite";

/** Stands for a worker's parameters in its source, as the literal `"__PRECACHE__"`. */
const MARK = /["'`]__PRECACHE__["'`]/;

/** Files that are copied as they are, beside the bundle: icons and the manifest. */
const PUBLIC = path.join(import.meta.dirname, "../public");

/**
 * Tells the service worker what the app consists of: the string literal `"__PRECACHE__"` in `sw.ts` becomes
 * `{ version: string, files: string[] }`: paths of all that is needed to start, and a hash that changes with any of them.
 */
export function serviceWorker(): Plugin {
	return {
		name: "parley:service-worker",
		generateBundle: {
			// After the page itself has been written.
			order: "post",
			handler(_options, bundle) {
				const worker = bundle["sw.js"];
				if (worker?.type !== "chunk") return;
				const names = Object.keys(bundle).filter(
					name => name !== "sw.js" && !name.startsWith("emoji/") && !name.endsWith(".map"),
				);
				const hash = createHash("sha256");
				for (const name of names.sort()) {
					const file = bundle[name];
					hash.update(name).update(file?.type === "chunk" ? file.code : (file?.source ?? ""));
				}
				const entries = readdirSync(PUBLIC, { recursive: true, withFileTypes: true });
				const copied = entries
					.filter(entry => entry.isFile())
					.map(entry => path.relative(PUBLIC, path.join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
					.sort();
				for (const name of copied) hash.update(name).update(readFileSync(path.join(PUBLIC, name)));
				const files = [...names.map(name => (name === "index.html" ? "/" : name)), ...copied].map(name =>
					name.startsWith("/") ? name : `/${name}`,
				);
				const parameters = JSON.stringify({ version: hash.digest("hex").slice(0, 16), files });
				if (!MARK.test(worker.code)) this.error('sw.ts does not use "__PRECACHE__".');
				worker.code = worker.code.replace(MARK, () => parameters);
			},
		},
	};
}
