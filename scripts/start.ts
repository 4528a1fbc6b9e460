/**
 * `npm start`: one node with all its parts in this process. `--build` makes the web client anew where its sources have
 * changed; `npm start -- --repl` adds a prompt.
 */
import "./node/harden.ts";
import "./node/collecting.ts";
import { startAndStay } from "./node/main.ts";

const asked = (option: string) => process.argv.includes(option);
await startAndStay({ build: asked("--build"), repl: asked("--repl") });
