import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { api } from "../support/http.ts";
import { type RunningForm, startForm } from "../support/nodes.ts";
import { goHome, person } from "../support/people.ts";
import { needProgram } from "../support/servers/install.ts";
import { freePorts } from "../support/servers/ports.ts";

let form: RunningForm;
let nginx: ChildProcess;
let url: string;
const folder = mkdtempSync(join(tmpdir(), "parley-nginx-"));

/** The file that compose mounts, with this machine's addresses, in front of two nodes. */
beforeAll(async () => {
	const program = await needProgram("nginx", ["nginx"], () => "/usr/sbin/nginx");
	form = await startForm("cluster", { CHAT_TRUSTED_PROXIES: "127.0.0.1" });
	const [port] = await freePorts(1);
	url = `http://127.0.0.1:${port}`;
	const [first, second] = form.urls.map(node => new URL(node).host);
	const text = readFileSync(new URL("../../deploy/nginx.conf", import.meta.url), "utf8")
		.replace("parley-1:3000", first as string)
		.replace("parley-2:3000", second as string)
		.replace("listen 80;", `listen 127.0.0.1:${port};`)
		.replace(
			"http {",
			`pid ${folder}/pid;\nhttp {\n\taccess_log off;\n\tclient_body_temp_path ${folder};\n\tproxy_temp_path ${folder};\n\tfastcgi_temp_path ${folder};\n\tuwsgi_temp_path ${folder};\n\tscgi_temp_path ${folder};`,
		);
	writeFileSync(join(folder, "nginx.conf"), text);
	nginx = spawn(
		program,
		["-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log"), "-g", "daemon off;"],
		{ stdio: "ignore" },
	);
	for (let tries = 0; tries < 100; tries++) {
		const up = await fetch(`${url}/health/liveness`).then(
			({ ok }) => ok,
			() => false,
		);
		if (up) return;
		await new Promise(done => setTimeout(done, 100));
	}
	throw new Error(readFileSync(join(folder, "error.log"), "utf8"));
}, 120_000);

afterAll(async () => {
	goHome();
	nginx?.kill("SIGTERM");
	await form?.stop();
	rmSync(folder, { recursive: true, force: true });
});

test("people talk through the balancer, over REST and over sockets", async () => {
	const [ann, ben] = await Promise.all([person("ann", [url]), person("ben", [url])]);
	const chat = await ann.direct(ben);
	const socket = await ben.receiver();
	const message = await ann.say(chat.id, "through nginx");
	expect(await socket.waitFor("message")).toMatchObject({ id: message.id, content: "through nginx" });
});

test("a body beyond the limit is refused in our own words behind the balancer too", async () => {
	const ann = await person("ann", [url]);
	const { status, body } = await api(url, ann.token).post("/chats", {
		participantIds: [],
		name: "x".repeat(70_000),
	});
	expect([status, body.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
});
