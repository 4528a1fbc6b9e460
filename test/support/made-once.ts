/** What is made once for a run of the tests, by the first process that wants it, and then only read. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const MADE_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 50;

/**
 * The folder of that name, filled by `make`, which is given one to fill. Others wait for it meanwhile, and are blocked.
 * Outside of a run of the tests the folder is a temporary one, made each time.
 */
export function madeOnce(name: string, make: (folder: string) => void): string {
	const run = process.env.PARLEY_TEST_RUN_FOLDER;
	if (!run) {
		const own = mkdtempSync(path.join(tmpdir(), `parley-${name}-`));
		make(own);
		return own;
	}
	const made = path.join(run, name);
	const deadline = Date.now() + MADE_WITHIN_MS;
	while (!existsSync(made)) {
		if (claim(`${made}.lock`)) return makeHere({ run, name, made, make });
		if (Date.now() > deadline) throw new Error(`${name} was not made within ${MADE_WITHIN_MS / 1000} s.`);
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS);
	}
	return made;
}

interface Work {
	run: string;
	name: string;
	made: string;
	make: (folder: string) => void;
}

/** In a folder of another name first, so that it is there whole or not at all. */
function makeHere({ run, name, made, make }: Work): string {
	try {
		if (existsSync(made)) return made; // between the look and the claim
		const unfinished = mkdtempSync(path.join(run, `making-${name}-`));
		make(unfinished);
		renameSync(unfinished, made);
		return made;
	} finally {
		rmSync(`${made}.lock`, { recursive: true, force: true });
	}
}

function claim(lock: string): boolean {
	try {
		mkdirSync(lock);
		return true;
	} catch (err) {
		if ((err as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw err;
	}
}
