// Jest's transform of .tsx: Node erases types, but leaves JSX.
import { transformWithOxc } from "vite";

export default {
	async processAsync(source, file) {
		const { code } = await transformWithOxc(source, file, {
			jsx: { runtime: "automatic" },
			sourcemap: false,
		});
		return { code };
	},
	// Jest asks for one, and calls it only for `require`, which the project does not use.
	process() {
		throw new Error("JSX is only imported.");
	},
};
