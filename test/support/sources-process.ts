/** Preloaded by programs that import our packages by name: they get the sources, whatever has been built. */
import { registerHooks } from "node:module";

const ROOT = new URL("../../", import.meta.url);
const SOURCES: Record<string, string> = {
	"@parley/client": "client/index.ts",
	"@parley/client/browser": "client/browser.ts",
	...JSON.parse(process.env.TEST_STAND_INS ?? "{}"),
};

registerHooks({
	resolve(name, context, next) {
		const source = SOURCES[name];
		return source ? { url: new URL(source, ROOT).href, shortCircuit: true } : next(name, context);
	},
});
