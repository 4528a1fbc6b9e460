import { execFile } from "node:child_process";
import { globSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { findProgram } from "../../test/support/servers/install.ts";
import { type Facts, problemsOf, type Resource } from "./manifests.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const FOLDERS = ["deploy/k8s/base", "deploy/k8s/example"];

/** Resolves with what is wrong with the manifests; `say` hears where they could not be looked at. */
export async function kubernetes(say: (text: string) => void): Promise<string> {
	const kubectl = findProgram("kubectl");
	if (!kubectl) {
		say("deploy/k8s was neither rendered nor checked: kubectl is not here.");
		return "";
	}
	const facts = factsOfRoot();
	const problems = FOLDERS.map(async folder => {
		const found = problemsOf(await rendered(kubectl, folder), facts);
		return found.map(problem => `${folder}: ${problem}`);
	});
	return (await Promise.all(problems)).flat().join("\n");
}

async function rendered(kubectl: string, folder: string): Promise<Resource[]> {
	const { stdout } = await promisify(execFile)(kubectl, ["kustomize", folder], { cwd: ROOT });
	return parseAllDocuments(stdout).map(document => document.toJS());
}

function factsOfRoot(): Facts {
	const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");
	const metrics = globSync("services/*/metrics.ts", { cwd: ROOT }).flatMap(file =>
		[...read(file).matchAll(/"(parley(?:\.\w+)+)"/g)].map(([, name = ""]) => name.replaceAll(".", "_")),
	);
	return {
		version: JSON.parse(read("package.json")).version,
		services: readdirSync(path.join(ROOT, "services")),
		metrics,
	};
}
