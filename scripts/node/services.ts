import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ServiceSchema } from "moleculer";
import { StartFailure } from "./failure.ts";

const FOLDER = join(import.meta.dirname, "../../services");

/** The names of the services that this node runs: those that were asked for, or all. */
export function serviceNames(wanted: string[] | null): string[] {
	const present = readdirSync(FOLDER, { withFileTypes: true })
		.filter(entry => entry.isDirectory() && filesOf(entry.name).length > 0)
		.map(({ name }) => name);
	const missing = wanted?.filter(name => !present.includes(name)) ?? [];
	if (missing.length > 0) {
		throw new StartFailure(
			`SERVICES names ${missing.join(", ")}, which is not there. There are: ${present.sort().join(", ")}.`,
		);
	}
	return wanted ?? present.sort();
}

/** A folder is what one runs apart; it may hold more than one service. */
export function loadServices(names: string[]): Promise<ServiceSchema[]> {
	return Promise.all(
		names.flatMap(filesOf).map(async file => (await import(pathToFileURL(file).href)).default),
	);
}

function filesOf(name: string): string[] {
	const folder = join(FOLDER, name);
	return readdirSync(folder)
		.filter(file => file.endsWith(".service.ts"))
		.map(file => join(folder, file));
}
