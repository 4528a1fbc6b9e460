import { DEMO_PASSWORD, DEMO_PEOPLE } from "../../../lib/demo.ts";
import { send } from "../rest/answer.ts";
import type { Page } from "../rest/index.ts";

const ANSWER = JSON.stringify({
	password: DEMO_PASSWORD,
	people: Object.entries(DEMO_PEOPLE).map(([username, displayName]) => ({ username, displayName })),
});

/** Whom the web client signs in with one click. Mounted only where there is the demo, which is never in production. */
export const demoPages: Record<string, Page> = {
	"/dev/people.json": (_req, res) => send(res, 200, ANSWER),
};
