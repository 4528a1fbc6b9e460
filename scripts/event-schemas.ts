/** Writes the JSON Schema of each type of event to `schemas/`, for those who consume them from Kafka. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { schemaFiles } from "../contracts/event-schemas.ts";

const root = new URL("../", import.meta.url);
mkdirSync(new URL("schemas/", root), { recursive: true });
for (const [name, text] of schemaFiles()) writeFileSync(new URL(`schemas/${name}`, root), text);
execFileSync("node_modules/.bin/biome", ["format", "--write", "schemas"], { cwd: fileURLToPath(root) });
