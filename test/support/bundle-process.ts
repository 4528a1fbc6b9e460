/** Bundles an entry for browsers, as an application would; alone in a process, since Jest's modules are not Node's. */
import { build } from "vite";

const [entry = "", outDir = ""] = process.argv.slice(2);
await build({
	configFile: false,
	logLevel: "warn",
	build: { outDir, lib: { entry, formats: ["es"], fileName: () => "page.js" }, minify: false },
});
