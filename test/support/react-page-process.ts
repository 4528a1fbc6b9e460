/** Builds a page and serves it, with the server's paths on the same origin: `<server's address> <the page's folder>`. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build, preview } from "vite";
import { emojiData } from "../../web/build/emoji.ts";
import { sources } from "../../web/vite.config.ts";

const [server = "", root = ""] = process.argv.slice(2);
const outDir = await mkdtemp(path.join(tmpdir(), "parley-react-"));
await build({
	configFile: false,
	logLevel: "error",
	root,
	// React's own checks are on: what is wrong under StrictMode is seen.
	mode: "development",
	define: { "process.env.NODE_ENV": '"development"' },
	resolve: { alias: sources },
	plugins: [emojiData()],
	build: { outDir, emptyOutDir: true, minify: false, target: "es2022" },
});
const page = await preview({
	configFile: false,
	// A page that is left cuts its connections, which is no error.
	logLevel: "silent",
	root,
	build: { outDir },
	preview: {
		host: "127.0.0.1",
		port: 0,
		// Said in full: by a mere address Vite changes the Host, and the server refuses what comes of another origin.
		proxy: { "/api": { target: server }, "/socket.io": { target: server, ws: true } },
	},
});
console.log(page.resolvedUrls?.local[0]);
