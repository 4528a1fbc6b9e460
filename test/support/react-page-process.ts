/** Serves a page, with the server's paths on the same origin: `<server's address> <the page's folder>`. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import path from "node:path";
import { preview } from "vite";
import { madeOnce } from "./made-once.ts";

const BUILD = path.join(import.meta.dirname, "react-page-build-process.ts");

const [server = "", root = ""] = process.argv.slice(2);
const outDir = madeOnce(`page-${createHash("sha256").update(root).digest("hex").slice(0, 12)}`, folder => {
	const { status } = spawnSync(process.execPath, [BUILD, root, folder], { stdio: "inherit" });
	if (status !== 0) throw new Error(`The page in ${root} was not built.`);
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
