import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { api } from "../support/http.ts";
import { type RunningForm, startForm } from "../support/nodes.ts";
import { person } from "../support/people.ts";
import { needProgram } from "../support/servers/install.ts";
import { freePorts } from "../support/servers/ports.ts";

const FOLDER = path.join(import.meta.dirname, "../../deploy/monitoring");
const read = (name: string) => readFileSync(path.join(FOLDER, name), "utf8");

let promtool: string;
let form: RunningForm;
let metricsUrl: string;

beforeAll(async () => {
	promtool = await needProgram("promtool", ["prometheus"]);
	const [port] = await freePorts(1);
	metricsUrl = `http://127.0.0.1:${port}/metrics`;
	// Only in production a node also tells of its process and machine.
	form = await startForm("cluster", { NODE_ENV: "production", CHAT_METRICS_PORT: String(port) }, 1);
}, 180_000);

afterAll(() => form?.stop());

test.each([
	["check config", "prometheus.yml"],
	["check rules", "alerts.yml"],
	["test rules", "../../test/deploy/alerts.promtool.yml"],
])("promtool %s %s has nothing to say", (command, file) => {
	const { status, stdout, stderr } = spawnSync(promtool, [...command.split(" "), file], {
		cwd: FOLDER,
		encoding: "utf8",
	});
	expect({ status, said: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, said: "" });
});

test("what alerts and dashboard ask for is what a node exports", async () => {
	const ann = await person("ann", form.urls);
	const chat = await ann.group();
	await ann.say(chat.id, "hello");
	await api(form.urls[0] as string).post("/auth/login", { login: ann.username, password: "not hers" });
	const asked = new Set([...expressionsOfAlerts(), ...expressionsOfDashboard()].flatMap(namesIn));
	expect(asked.size).toBeGreaterThan(10);
	let missing = [...asked];
	for (let tries = 0; missing.length > 0 && tries < 100; tries++) {
		if (tries > 0) await new Promise(done => setTimeout(done, 200));
		const text = await (await fetch(metricsUrl)).text();
		missing = missing.filter(name => !new RegExp(`^${name}\\{`, "m").test(text));
	}
	expect(missing).toEqual([]);
}, 30_000);

test("Prometheus asks the nodes of the compose file where they answer", () => {
	const [{ static_configs }] = parse(read("prometheus.yml")).scrape_configs;
	const compose = parse(readFileSync(path.join(FOLDER, "../../docker-compose.yml"), "utf8"), { merge: true });
	const nodes = Object.keys(compose.services).filter(name => name.startsWith("parley-"));
	const port = compose["x-parley"].environment.CHAT_METRICS_PORT;
	expect(static_configs[0].targets).toEqual(nodes.map(name => `${name}:${port}`));
});

function expressionsOfAlerts(): string[] {
	return parse(read("alerts.yml")).groups.flatMap(({ rules }: { rules: { expr: string }[] }) =>
		rules.map(({ expr }) => expr),
	);
}

function expressionsOfDashboard(): string[] {
	const { panels } = JSON.parse(read("dashboards/parley.json"));
	return panels.flatMap(({ targets }: { targets: { expr: string }[] }) => targets.map(({ expr }) => expr));
}

/** Names of metrics of ours; labels and words of the language have no such beginnings. */
function namesIn(expression: string): string[] {
	return expression.match(/\b(?:parley|moleculer|process|os)_\w+/g) ?? [];
}
