import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "@jest/globals";
import { needProgram } from "../support/servers/install.ts";

const ROOT = new URL("../..", import.meta.url);
let program: string;

beforeAll(async () => {
	program = await needProgram("docker-compose", ["docker-compose"]);
}, 180_000);

const compose = (env: Record<string, string>) =>
	spawnSync(program, ["config"], { cwd: ROOT, encoding: "utf8", env: { PATH: process.env.PATH, ...env } });

test("the compose file is valid, and each service says how healthy it is", () => {
	const { status, stdout, stderr } = compose({
		CHAT_JWT_SECRET: "x".repeat(32),
		POSTGRES_PASSWORD: "secret",
	});
	expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
	const services = ["postgres", "redis", "kafka", "parley-1", "parley-2", "nginx"];
	for (const service of services) expect(stdout).toMatch(new RegExp(`^  ${service}:`, "m"));
	expect(stdout.match(/healthcheck:/g)).toHaveLength(services.length);
	expect(stdout.match(/restart: unless-stopped/g)).toHaveLength(services.length);
});

test.each(["CHAT_JWT_SECRET", "POSTGRES_PASSWORD"])("without %s compose starts nothing", secret => {
	const both: Record<string, string> = { CHAT_JWT_SECRET: "x".repeat(32), POSTGRES_PASSWORD: "secret" };
	delete both[secret];
	const { status, stderr } = compose(both);
	expect(status).not.toBe(0);
	expect(stderr).toContain(secret);
});

test("the image runs what the source needs, as a user without rights", () => {
	const dockerfile = readFileSync(new URL("Dockerfile", ROOT), "utf8");
	for (const folder of ["contracts", "lib", "mixins", "models", "services", "scripts"]) {
		expect(dockerfile).toContain(`COPY ${folder} ./${folder}`);
	}
	const last = dockerfile.slice(dockerfile.lastIndexOf("FROM "));
	expect(last.indexOf("USER node")).toBeGreaterThan(-1);
	expect(last.indexOf("USER node")).toBeLessThan(last.indexOf('CMD ["node", "scripts/start.ts"]'));
});
