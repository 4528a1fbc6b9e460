import { expect, test } from "@jest/globals";
import { errorFrom, mayPass, ParleyError, parleyError } from "../../client/errors.ts";
import { newId } from "../../client/ids.ts";
import { localLock } from "../../client/locks.ts";
import { Store } from "../../client/readable.ts";
import { ERRORS, type ErrorCode } from "../../contracts/errors.ts";

test("ids made later sort later, also within a millisecond, and none comes twice", () => {
	const ids = Array.from({ length: 50_000 }, newId);
	expect([...ids].sort()).toEqual(ids);
	expect(new Set(ids).size).toBe(ids.length);
	for (const id of ids.slice(0, 100))
		expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	expect(
		Math.abs(Number.parseInt((ids[0] as string).replace("-", "").slice(0, 12), 16) - Date.now()),
	).toBeLessThan(60_000);
});

test("an error knows what the catalogue knows of its code", () => {
	for (const code of Object.keys(ERRORS) as ErrorCode[]) {
		expect(new ParleyError(code).retryable).toBe(ERRORS[code].retryable);
		expect(mayPass(new ParleyError(code))).toBe(ERRORS[code].retryable || code === "TOKEN_EXPIRED");
	}
	expect(mayPass(new Error("a bug"))).toBe(false);
});

test("a failure is the same error whichever door told of it", () => {
	const errors = [{ field: "content", message: "It is blank." }];
	const facts = { code: "VALIDATION_ERROR", message: "It is blank.", errors, retryAfter: null };
	expect(
		errorFrom({ status: "error", code: facts.code, message: facts.message, details: { errors } }),
	).toMatchObject(facts);
	expect(
		errorFrom({ status: 422, code: facts.code, detail: facts.message, errors, traceId: "t" }),
	).toMatchObject(facts);
	expect(errorFrom({ code: "RATE_LIMITED", retryAfter: 7 })).toMatchObject({
		code: "RATE_LIMITED",
		retryAfter: 7,
	});
	for (const nothing of [null, undefined, "", {}]) expect(errorFrom(nothing).code).toBe("UNAVAILABLE");
	expect(parleyError(new TypeError("fetch failed"))).toMatchObject({
		code: "UNAVAILABLE",
		message: "fetch failed",
	});
});

test("a store tells of each change, of no other, and of it though a listener throws", () => {
	const store = new Store({ n: 1 });
	const seen: number[] = [];
	const quiet = console.error;
	console.error = () => {};
	store.subscribe(() => {
		throw new Error("a listener's bug");
	});
	const end = store.subscribe(() => seen.push(store.get().n));
	const same = { n: 2 };
	store.set(same);
	store.set(same);
	end();
	store.set({ n: 3 });
	console.error = quiet;
	expect(seen).toEqual([2]);
});

test("a lock runs one work after another, and a work that fails lets the next one in", async () => {
	const lock = localLock();
	const steps: string[] = [];
	const work = (name: string) => async () => {
		steps.push(`${name} begins`);
		await new Promise(done => setTimeout(done, 5));
		steps.push(`${name} ends`);
		if (name === "a") throw new Error("no");
	};
	const [a] = await Promise.allSettled([lock("l", work("a")), lock("l", work("b"))]);
	expect(a.status).toBe("rejected");
	expect(steps).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});
