import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { guard, release } from "./watchdog.ts";

export interface SmallDisk {
	readonly path: string;
	/** Takes all the space that is left. */
	fill(): void;
	/** Gives it back. */
	free(): void;
	remove(): void;
}

/** A filesystem of its own, in memory. @throws where this process may not mount one */
export function smallDisk(mib: number): SmallDisk {
	const folder = mkdtempSync(path.join(tmpdir(), "parley-disk-"));
	const unmount = ["umount", "--lazy", folder];
	const options = `size=${mib}m,mode=0755`;
	const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], {
		encoding: "utf8",
	});
	if (status !== 0) {
		rmSync(folder, { recursive: true });
		throw new Error(`No small disk can be mounted here: ${stderr?.trim()}`);
	}
	guard("commands", unmount);
	guard("folders", folder);
	const ballast = path.join(folder, "ballast");
	return {
		path: folder,
		fill() {
			const file = openSync(ballast, "a");
			try {
				// First in large pieces, then to the last page.
				for (const bytes of [1 << 20, 1 << 12]) writeUntilFull(file, Buffer.alloc(bytes));
			} finally {
				closeSync(file);
			}
		},
		free: () => rmSync(ballast, { force: true }),
		remove() {
			spawnSync(unmount[0] as string, unmount.slice(1));
			rmSync(folder, { recursive: true, force: true });
			release("commands", unmount);
			release("folders", folder);
		},
	};
}

function writeUntilFull(file: number, piece: Buffer): void {
	try {
		for (;;) writeSync(file, piece);
	} catch (err) {
		if ((err as NodeJS.ErrnoException).code !== "ENOSPC") throw err;
	}
}
