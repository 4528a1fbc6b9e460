import { isDeepStrictEqual } from "node:util";
import { afterAll, describe, expect, test } from "@jest/globals";
import { PUBLISHED } from "../../contracts/index.ts";
import { CASES } from "../support/cases.ts";
import { contractOf, type Door, doorsOf, type Outcome, overRest, overSocket } from "../support/doors.ts";
import { figure } from "../support/figure.ts";
import { freshState } from "../support/model.ts";
import { goHome } from "../support/people.ts";
import { compare, eventually, type Stage, setStage } from "../support/stage.ts";

afterAll(goHome);

test("I11: every published action has a case, and no case is of an action that is gone", () => {
	expect(Object.keys(CASES).sort()).toEqual(PUBLISHED.map(({ action }) => action).sort());
});

/** Only an administrator may; T1 and T2 show that others may not. */
const FOR_ADMINS = PUBLISHED.filter(({ auth }) => auth === "admin").map(({ action }) => action);

/** Once for each door. */
const compared: string[] = [];

describe.each(Object.keys(CASES))("%s", action => {
	test.each(doorsOf(contractOf(action)))(
		`I11: after ${action} over %s every device knows what the server knows`,
		async door => {
			const stage = await setStage();
			const trial = CASES[action] as (typeof CASES)[string];
			const made = await trial.before?.(stage);
			for (const device of stage.devices) await compare(device);
			for (const { socket } of stage.devices) socket.forget();
			const params = trial.params(stage, made);
			const look = () => viewOf(stage, action, params);
			const before = await look();

			const outcome = await callOver(door, stage, action, params);
			if (door === "Socket.IO") stage.devices[0].model.acknowledge(outcome.body ?? {});
			expect(outcome.code).toBe(FOR_ADMINS.includes(action) ? "FORBIDDEN" : "ok");
			if (endsOwnSession(action)) return;

			if (mustChange(action)) await eventually(look, value => !isDeepStrictEqual(value, before));
			else expect(await look()).toEqual(before);
			for (const device of stage.devices) {
				const { told, fresh } = await compare(device);
				expect(told).toEqual(fresh);
				expect(device.model.gaps).toBe(0);
			}
			compared.push(action);
			if (trial.heard) await everyoneHears(stage, trial.heard);
		},
	);
});

test("I11: every action but the one that ends the session was compared", () => {
	const actions = new Set(compared);
	expect(
		PUBLISHED.map(({ action }) => action).filter(action => !actions.has(action) && !endsOwnSession(action)),
	).toEqual([]);
	figure(
		"I11",
		`${actions.size} of ${PUBLISHED.length} actions, ${compared.length} with all their doors: every device knows what the server knows ` +
			`(${FOR_ADMINS.length} of them are an administrator's, and refused here)`,
	);
});

const mustChange = (action: string) => typeof CASES[action]?.changes === "string";
/** Afterwards the caller has no token to look with. */
const endsOwnSession = (action: string) => action === "auth.logout";

async function viewOf(stage: Stage, action: string, params: Record<string, unknown>): Promise<unknown> {
	const trial = CASES[action];
	if (trial?.view) return trial.view(stage, params);
	return freshState(stage.ben.id, stage.ben.source());
}

function callOver(
	door: Door,
	stage: Stage,
	action: string,
	params: Record<string, unknown>,
): Promise<Outcome> {
	const contract = contractOf(action);
	if (door === "Socket.IO") return overSocket(stage.devices[0].socket, contract, params);
	return overRest(stage.ann.urls[0] as string, stage.ann.token, contract, params);
}

/** Both of Ben's devices; the typist, the one who left and the like are not asked. */
async function everyoneHears({ devices }: Stage, event: string): Promise<void> {
	for (const { socket } of devices.slice(2)) {
		const heard = await eventually(
			() => socket.events.filter(({ name }) => name === event).length,
			count => count > 0,
		);
		expect(heard).toBe(1);
	}
}
