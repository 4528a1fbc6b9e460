import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ServiceSchema } from "moleculer";
import { StartFailure } from "./failure.ts";

const FOLDER = join(import.meta.dirname, "../../services");

/** The names of the services that this node runs: those that were asked for, or all. */
export function serviceNames(wanted: string[] | null): string[] {
	const present = readdirSync(FOLDER).filter(name => existsSync(fileOf(name)));
	const missing = wanted?.filter(name => !present.includes(name)) ?? [];
	if (missing.length > 0) {
		throw new StartFailure(
			`SERVICES names ${missing.join(", ")}, which is not there. There are: ${present.sort().join(", ")}.`,
		);
	}
	return wanted ?? present.sort();
}

export function loadServices(names: string[]): Promise<ServiceSchema[]> {
	return Promise.all(names.map(async name => (await import(pathToFileURL(fileOf(name)).href)).default));
}

function fileOf(name: string) {
	return join(FOLDER, name, `${name}.service.ts`);
}
