import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Mutant } from "../../test/mutants.ts";

/** A copy of the source, in which a fault harms nobody. */
export class Workshop {
	readonly folder = mkdtempSync(path.join(tmpdir(), "parley-mutants-"));

	constructor(root: string) {
		const list = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
			cwd: root,
			encoding: "utf8",
		});
		for (const file of list.trim().split("\n"))
			if (existsSync(path.join(root, file)))
				cpSync(path.join(root, file), path.join(this.folder, file), { recursive: true });
		symlinkSync(path.join(root, "node_modules"), path.join(this.folder, "node_modules"));
	}

	/**
	 * Switches a fault on.
	 * @returns what switches it off again
	 * @throws where its place is not there exactly once
	 */
	switchOn({ file, find, replace }: Mutant): () => void {
		const target = path.join(this.folder, file);
		const original = readFileSync(target, "utf8");
		if (original.split(find).length !== 2) throw new Error(`Its place in ${file} is not there exactly once.`);
		writeFileSync(
			target,
			original.replace(find, () => replace),
		);
		return () => writeFileSync(target, original);
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}
