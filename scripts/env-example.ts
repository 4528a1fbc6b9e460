import { writeFileSync } from "node:fs";
import { envExample } from "../lib/variables-doc.ts";

writeFileSync(new URL("../.env.example", import.meta.url), envExample());
