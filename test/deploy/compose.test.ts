import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { beforeAll, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { PREFIX, VARIABLES } from "../../lib/variables.ts";
import { needProgram } from "../support/servers/install.ts";

const ROOT = new URL("../..", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, ROOT), "utf8");
const SECRETS = { CHAT_JWT_SECRET: "x".repeat(32), POSTGRES_PASSWORD: "secret" };
const CORE = ["postgres", "redis", "parley-1", "parley-2"];

interface Service {
	image: string;
	profiles: string[];
	restart: string;
	environment?: Record<string, string>;
	healthcheck?: object;
	ports?: string[];
	volumes?: string[];
	stop_grace_period?: string;
	depends_on?: Record<string, object>;
}

const services: Record<string, Service> = parse(read("docker-compose.yml"), { merge: true }).services;

let program: string;

const compose = (env: Record<string, string>, ...args: string[]) =>
	spawnSync(program, [...args, "config"], {
		cwd: ROOT,
		encoding: "utf8",
		env: { PATH: process.env.PATH, ...env },
	});

beforeAll(async () => {
	program = await needProgram("docker-compose", ["docker-compose"]);
}, 180_000);

test.each([
	["core", CORE],
	["kafka", [...CORE, "kafka"]],
	["proxy", [...CORE, "nginx"]],
	["monitoring", [...CORE, "prometheus", "grafana"]],
])("the profile %s starts what it is for, and what that needs", (profile, names) => {
	const { status, stderr } = compose(SECRETS, "--profile", profile);
	expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
	const started = Object.keys(services).filter(name => services[name]?.profiles.includes(profile));
	expect(started.sort()).toEqual(names.sort());
	const needed = started.flatMap(name => Object.keys(services[name]?.depends_on ?? {}));
	expect(started).toEqual(expect.arrayContaining(needed));
});

test("each service says how healthy it is, comes back by itself, and is reached from this machine only", () => {
	for (const [name, service] of Object.entries(services)) {
		expect({ name, ...service }).toMatchObject({ restart: "unless-stopped", healthcheck: expect.anything() });
		for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
		for (const volume of service.volumes ?? []) {
			const [from = ""] = volume.split(":");
			if (from.startsWith("."))
				expect({ from, is: existsSync(new URL(from, ROOT)) }).toEqual({ from, is: true });
		}
	}
});

test("every image is one version", () => {
	const version = JSON.parse(read("package.json")).version;
	for (const { image } of Object.values(services))
		expect(image).toMatch(/:v?\d+\.\d+(?:\.\d+)?(?:-alpine)?$/);
	expect(services["parley-1"]?.image).toBe(`parley:${version}`);
});

test("the nodes are told nothing that they do not know, and are given the time to stop", () => {
	const { environment = {}, stop_grace_period = "" } = services["parley-1"] as Service;
	const ours = Object.keys(environment).filter(name => name.startsWith(PREFIX));
	expect(ours.filter(name => !(name in VARIABLES))).toEqual([]);
	expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThan(
		Number(environment.CHAT_DRAIN_DELAY) + Number(VARIABLES.CHAT_SHUTDOWN_TIMEOUT.fallback),
	);
});

test.each(["CHAT_JWT_SECRET", "POSTGRES_PASSWORD"])("without %s compose starts nothing", secret => {
	const both: Record<string, string> = { ...SECRETS };
	delete both[secret];
	const { status, stderr } = compose(both, "--profile", "core");
	expect(status).not.toBe(0);
	expect(stderr).toContain(secret);
});

test("the image runs what the source needs, on the Node that it was tested with, as a user without rights", () => {
	const dockerfile = read("Dockerfile");
	for (const folder of ["contracts", "lib", "mixins", "models", "services", "scripts"]) {
		expect(dockerfile).toContain(`COPY ${folder} ./${folder}`);
	}
	const lock = JSON.parse(read("package-lock.json"));
	const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
	expect(new Set(bases)).toEqual(new Set([`node:${lock.packages["node_modules/node"].version}-slim`]));
	const last = dockerfile.slice(dockerfile.lastIndexOf("FROM "));
	expect(last.indexOf("USER node")).toBeGreaterThan(-1);
	expect(last.indexOf("USER node")).toBeLessThan(last.indexOf('CMD ["node", "scripts/start.ts"]'));
});
