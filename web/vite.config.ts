/** How the web client is bundled: all that a browser gets comes out of `web/dist`, and asks no other host. */
import { existsSync } from "node:fs";
import path from "node:path";
import { defineConfig } from "vite";
import { emojiData } from "./build/emoji.ts";
import { serviceWorker } from "./build/service-worker.ts";

const ROOT = path.dirname(import.meta.dirname);
const SERVER = `http://127.0.0.1:${process.env.CHAT_PORT ?? 3000}`;
const WORKER = path.join(import.meta.dirname, "sw.ts");

/** Sources instead of built packages: what was changed is seen at once. */
export const sources = {
	"@parley/client/browser": path.join(ROOT, "client/browser.ts"),
	"@parley/client": path.join(ROOT, "client/index.ts"),
	"@parley/react/styles.css": path.join(ROOT, "client/react/styles.css"),
	"@parley/react": path.join(ROOT, "client/react/index.ts"),
};

export default defineConfig({
	root: import.meta.dirname,
	cacheDir: path.join(ROOT, ".cache/vite"),
	resolve: { alias: sources },
	plugins: [emojiData(), serviceWorker()],
	build: {
		target: "es2022",
		outDir: "dist",
		emptyOutDir: true,
		// Pictures and fonts as files of their own: the page's policy is the same for all, and they are kept for ever.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		// What is loaded first has a budget of its own, in gzipped bytes: scripts/measure-web/budget.ts.
		chunkSizeWarningLimit: 1_000,
		rolldownOptions: {
			onLog(level, log, tell) {
				// Base UI marks its files for React's server; there is none here.
				if (log.code !== "MODULE_LEVEL_DIRECTIVE") tell(level, log);
			},
			input: {
				app: path.join(import.meta.dirname, "index.html"),
				...(existsSync(WORKER) && { sw: WORKER }),
			},
			output: {
				// A service worker governs the folder that it lies in, and keeps its name from build to build.
				entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
			},
		},
	},
	server: {
		host: "127.0.0.1",
		proxy: {
			// As the page names it, so that the server takes the page for one of its own.
			"/api": { target: SERVER, changeOrigin: false },
			"/dev/people.json": { target: SERVER, changeOrigin: false },
			"/socket.io": { target: SERVER, changeOrigin: false, ws: true },
		},
	},
});
