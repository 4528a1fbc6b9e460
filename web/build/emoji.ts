import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Plugin } from "vite";

/** The client's languages that emojibase knows; there is no Arabic. */
const LANGUAGES = ["en", "ru", "de", "es", "fr", "pt", "zh", "ja"];
const FILES = ["data.json", "messages.json"];
const PATH = /^\/emoji\/([a-z]{2})\/(data|messages)\.json$/;

/** Names and keywords of emoji at `/emoji/<language>/data.json` and `messages.json`, as the emoji picker asks for them. */
export function emojiData(): Plugin {
	const folder = path.dirname(createRequire(import.meta.url).resolve("emojibase-data/package.json"));
	const read = (language: string, file: string) => readFileSync(path.join(folder, language, file));
	return {
		name: "parley:emoji",
		configureServer(server) {
			server.middlewares.use((req, res, next) => {
				const [, language, file] = PATH.exec(req.url ?? "") ?? [];
				if (!language || !LANGUAGES.includes(language)) return next();
				res.setHeader("Content-Type", "application/json");
				res.end(read(language, `${file}.json`));
			});
		},
		generateBundle() {
			for (const language of LANGUAGES)
				for (const file of FILES) {
					const source = read(language, file);
					this.emitFile({ type: "asset", fileName: `emoji/${language}/${file}`, source });
				}
		},
	};
}
