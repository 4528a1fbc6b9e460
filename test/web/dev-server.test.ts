import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { goHome, type Person, person, urls } from "../support/people.ts";
import { eventually } from "../support/stage.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const START_MS = 60_000;

let ann: Person;
let vite: ChildProcess;
let said = "";

beforeAll(async () => {
	ann = await person("ann");
	vite = spawn(process.execPath, ["node_modules/vite/bin/vite.js", "web"], {
		cwd: ROOT,
		env: { ...process.env, NODE_ENV: "", CHAT_PORT: new URL(urls()[0] as string).port },
		stdio: ["ignore", "pipe", "inherit"],
	});
	vite.stdout?.on("data", chunk => {
		said += stripVTControlCharacters(String(chunk));
	});
}, START_MS);

afterAll(async () => {
	goHome();
	const ended = new Promise(done => vite.once("exit", done));
	vite.kill();
	await ended;
});

test("a page that Vite's server shows while one works on it may sign in and connect", async () => {
	const addressOf = async () => said.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0] ?? "";
	const url = await eventually(addressOf, address => address !== "", START_MS);
	const headers = { "content-type": "application/json", origin: url };
	const body = JSON.stringify({ login: ann.username, password: ann.password });
	const signedIn = await fetch(`${url}/api/auth/login`, { method: "POST", headers, body });
	expect(signedIn.status).toBe(200);
	const polled = await fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers: { origin: url } });
	expect(polled.status).toBe(200);
});
