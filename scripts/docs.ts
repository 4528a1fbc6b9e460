/** `npm run docs`: writes the generated tables into docs/; `test/docs` fails while one is stale. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TABLES } from "./docs/tables.ts";
import "./env-example.ts";
import { replaceGenerated } from "./generated.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
for (const { page, name, make } of TABLES) replaceGenerated(join(ROOT, page), name, make());
console.log(`${TABLES.length} tables are written.`);
