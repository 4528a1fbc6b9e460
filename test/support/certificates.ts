/** Certificates made on the spot: of an authority, and of a server on 127.0.0.1 that it has signed. */
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { needProgram, run } from "./servers/install.ts";
import { unprivileged } from "./servers/postgres.ts";
import { guard, release } from "./servers/watchdog.ts";

export interface Certificates {
	/** PEM files. */
	ca: string;
	cert: string;
	key: string;
	/** Key and certificate in one, as Kafka wants it. */
	both: string;
	/** An authority that has signed nothing. */
	otherCa: string;
	remove(): void;
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];

export async function makeCertificates(): Promise<Certificates> {
	const openssl = await needProgram("openssl", ["openssl"]);
	const folder = mkdtempSync(path.join(tmpdir(), "parley-certificates-"));
	guard("folders", folder);
	const { uid, gid } = unprivileged();
	// PostgreSQL runs as that user, and takes no key that others may read.
	if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
	const file = (name: string) => path.join(folder, name);
	const make = (name: string, ...more: string[]) =>
		run(openssl, [
			"req",
			"-x509",
			...KEY,
			"-keyout",
			file(`${name}.key`),
			"-out",
			file(`${name}.pem`),
			...more,
		]);
	const names = ["-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1"];
	await Promise.all([make("ca", "-subj", "/CN=Parley test"), make("other", "-subj", "/CN=Another")]);
	const signed = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-addext", "basicConstraints=CA:FALSE"];
	await make("server", ...names, ...signed);
	if (uid !== undefined && gid !== undefined) chownSync(file("server.key"), uid, gid);
	writeFileSync(
		file("both.pem"),
		readFileSync(file("server.key"), "utf8") + readFileSync(file("server.pem"), "utf8"),
	);
	return {
		ca: file("ca.pem"),
		cert: file("server.pem"),
		key: file("server.key"),
		both: file("both.pem"),
		otherCa: file("other.pem"),
		remove() {
			rmSync(folder, { recursive: true, force: true });
			release("folders", folder);
		},
	};
}
