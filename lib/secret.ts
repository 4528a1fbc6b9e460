import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SECRET_BYTES = 32;

/**
 * The secret of an installation that was given none: made once, then kept, so that tokens outlive a
 * restart. It is written beside and linked into place: of two nodes that start at once, both read the one
 * that came first, and nobody reads half of it.
 */
export function keptSecret(dataDir: string): string {
	const path = join(dataDir, "jwt-secret");
	return read(path) ?? make(dataDir, path);
}

function read(path: string) {
	try {
		return readFileSync(path, "utf8").trim();
	} catch (err) {
		if ((err as NodeJS.ErrnoException).code === "ENOENT") return null;
		throw err;
	}
}

function make(dataDir: string, path: string) {
	mkdirSync(dataDir, { recursive: true, mode: 0o700 });
	const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
	writeFileSync(draft, `${randomBytes(SECRET_BYTES).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
	try {
		linkSync(draft, path);
	} catch (err) {
		if ((err as NodeJS.ErrnoException).code !== "EEXIST") throw err;
	} finally {
		rmSync(draft);
	}
	return readFileSync(path, "utf8").trim();
}
