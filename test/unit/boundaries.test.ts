import { expect, test } from "@jest/globals";
import { findViolations } from "../../scripts/check/boundaries.ts";

test("a service may import itself and the layers below, and no other service", () => {
	const file = "services/chats/chats.service.ts";
	expect(findViolations(file, 'import { rules } from "./chats.rules.ts";')).toEqual([]);
	expect(findViolations(file, 'import type { Chat } from "../../contracts/chats.ts";')).toEqual([]);
	expect(findViolations(file, '\nexport * from "../inbox/inbox.store.ts";')).toEqual([
		`${file}:2 a service may not import another service (services/inbox/inbox.store.ts)`,
	]);
	expect(findViolations(file, 'await import("../inbox/x.ts")')).toHaveLength(1);
	expect(findViolations(file, 'import "../../test/support/servers.ts";')).toHaveLength(1);
});

test("no layer imports one above it", () => {
	expect(findViolations("contracts/chats.ts", 'import { x } from "../lib/ids.ts";')).toHaveLength(1);
	expect(findViolations("lib/ids.ts", 'import { x } from "../models/user.ts";')).toHaveLength(1);
	expect(findViolations("models/user.ts", 'import { x } from "../lib/ids.ts";')).toEqual([]);
	expect(findViolations("test/unit/a.test.ts", 'import { x } from "../../services/a/b.ts";')).toEqual([]);
});

test("only lib/ speaks to the broker without a door", () => {
	const raw = [
		'ctx.call("x")',
		'this.broker.emit("x", {})',
		"ctx\n\t.broadcast<X>(1)",
		"broker.broadcastLocal(x)",
	];
	for (const source of raw) expect(findViolations("services/a/a.service.ts", source)).toHaveLength(1);
	expect(findViolations("lib/moleculer.ts", 'ctx.call("x")')).toEqual([]);
	expect(findViolations("mixins/a.ts", '// ctx.call("x")\n/* broker.emit("y") */ socket.emit("z")')).toEqual(
		[],
	);
});

test("what runs at users' ends knows the contract and packages, and nothing of the server", () => {
	const found = (file: string, source: string) => findViolations(file, source).length;
	expect(found("client/log/chat.ts", 'import type { Chat } from "../../contracts/chats.ts";')).toBe(0);
	expect(found("client/log/chat.ts", 'import {\n\ttype A,\n\tb,\n} from "../../contracts/chats.ts";')).toBe(
		1,
	);
	expect(found("client/a.ts", 'import { LIMITS } from "../contracts/limits.ts";')).toBe(0);
	expect(found("client/a.ts", 'import { x } from "../lib/ids.ts";')).toBe(1);
	expect(found("client/a.ts", 'import { x } from "./react/x.ts";')).toBe(1);
	expect(found("client/react/a.tsx", 'import { x } from "@parley/client";')).toBe(0);
	expect(found("client/react/a.tsx", 'import type { X } from "../api.ts";')).toBe(1);
	expect(found("client/react/a.tsx", 'import type { X } from "../../contracts/chats.ts";')).toBe(1);
	expect(found("web/app/a.tsx", 'import { x } from "@parley/react";\nimport "../b.css";')).toBe(0);
	expect(found("web/app/a.tsx", 'import { LIMITS } from "../../contracts/limits.ts";')).toBe(0);
	expect(found("web/app/a.tsx", 'import { x } from "../../client/index.ts";')).toBe(1);
	expect(found("lib/ids.ts", 'import { x } from "../client/index.ts";')).toBe(1);
});
