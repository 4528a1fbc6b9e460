/** Builds a page of the kit: `<the page's folder> <where to>`. */
import { build } from "vite";
import { emojiData } from "../../web/build/emoji.ts";
import { sources } from "../../web/vite.config.ts";

const [root = "", outDir = ""] = process.argv.slice(2);
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
