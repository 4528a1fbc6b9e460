/** `npm start`: one node with all its parts in this process. `npm start -- --repl` adds a prompt. */
import "./node/harden.ts";
import { startAndStay } from "./node/main.ts";

await startAndStay(process.argv.includes("--repl"));
