/** The files of the built web client, by the paths that browsers ask for. What is not in this list is not served. */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** A build holds some dozens; far more are no build of ours. */
const FILES_MAX = 2_000;
/** How long a newer build may stay unnoticed. */
const LOOK_EVERY_MS = 1_000;

const TYPES: Record<string, string> = {
	".css": "text/css; charset=utf-8",
	".gif": "image/gif",
	".html": "text/html; charset=utf-8",
	".ico": "image/x-icon",
	".jpg": "image/jpeg",
	".js": "text/javascript; charset=utf-8",
	".json": "application/json; charset=utf-8",
	".png": "image/png",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
	".wasm": "application/wasm",
	".webmanifest": "application/manifest+json",
	".webp": "image/webp",
	".woff2": "font/woff2",
};
/** What has been compressed already gains nothing. */
const PACKED = new Set([".gif", ".jpg", ".png", ".webp", ".woff2"]);

export interface WebFile {
	type: string;
	/** Its name holds a hash of what is in it, so it never changes. */
	immutable: boolean;
	/** Read and compressed when first asked for; it stays in memory from then on. */
	content(): Promise<{ plain: Buffer; zipped: Buffer | null; etag: string }>;
}

export type WebFiles = ReadonlyMap<string, WebFile>;

/** A folder with `index.html` in it, listed anew when that file has changed. */
export class WebFolder {
	readonly #folder: string;
	#files: WebFiles | null = null;
	#changedAt = 0;
	#lookedAt = 0;
	#looking: Promise<WebFiles | null> | null = null;

	constructor(folder: string) {
		this.#folder = folder;
	}

	/** URL path → file; null where nothing has been built. */
	files(): Promise<WebFiles | null> {
		if (Date.now() - this.#lookedAt < LOOK_EVERY_MS) return Promise.resolve(this.#files);
		this.#looking ??= this.#look().finally(() => {
			this.#looking = null;
		});
		return this.#looking;
	}

	async #look(): Promise<WebFiles | null> {
		const changedAt = await stat(path.join(this.#folder, "index.html")).then(
			({ mtimeMs }) => mtimeMs,
			() => 0,
		);
		if (changedAt !== this.#changedAt) this.#files = changedAt === 0 ? null : await listed(this.#folder);
		this.#changedAt = changedAt;
		this.#lookedAt = Date.now();
		return this.#files;
	}
}

async function listed(folder: string): Promise<WebFiles> {
	const files = new Map<string, WebFile>();
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		const file = path.join(entry.parentPath, entry.name);
		const parts = path.relative(folder, file).split(path.sep);
		const type = TYPES[path.extname(entry.name)];
		if (!entry.isFile() || !type || parts.some(part => part.startsWith("."))) continue;
		if (files.size === FILES_MAX) throw new Error(`${folder} holds more than ${FILES_MAX} files.`);
		const immutable = parts[0] === "assets";
		files.set(`/${parts.map(encodeURIComponent).join("/")}`, { type, immutable, content: once(file) });
	}
	return files;
}

function once(file: string): WebFile["content"] {
	let kept: ReturnType<WebFile["content"]> | null = null;
	const read = async () => {
		const plain = await readFile(file);
		const etag = `W/"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
		const zipped = PACKED.has(path.extname(file)) ? null : await promisify(gzip)(plain);
		return { plain, zipped, etag };
	};
	return () => {
		kept ??= read().catch(err => {
			kept = null;
			throw err;
		});
		return kept;
	};
}
