import { createRequire } from "node:module";
import type { Ajv2020, ValidateFunction } from "ajv/dist/2020.js";
import { ENVELOPE, EVENT_TYPES, eventSchema } from "../../../contracts/event-schemas.ts";
import type { ParleyEvent } from "../../../contracts/kafka.ts";

/** A record whose text is no event. Reading it again would not help. */
export class Unreadable extends Error {
	override readonly name = "Unreadable";
}

const require = createRequire(import.meta.url);

interface Checks {
	ajv: Ajv2020;
	isEnvelope: ValidateFunction;
}

let made: Checks | null = null;

/** Loaded with the first event: a node that starts waits for whatever it loads. */
function checks(): Checks {
	if (made) return made;
	const { Ajv2020 } = require("ajv/dist/2020.js") as typeof import("ajv/dist/2020.js");
	const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
	made = { ajv, isEnvelope: ajv.compile(ENVELOPE) };
	return made;
}

const validators = new Map<string, ValidateFunction>();

/** Compiled when first met. A type that is not known is another version's: its envelope says enough. */
function validatorOf(type: string): ValidateFunction | null {
	const known = EVENT_TYPES.find(name => name === type);
	if (!known) return null;
	const validate = validators.get(known) ?? checks().ajv.compile(eventSchema(known));
	validators.set(known, validate);
	return validate;
}

/** @throws Unreadable, saying what is wrong */
export function readEvent(text: string | null): ParleyEvent {
	if (text === null) throw new Unreadable("The record is empty.");
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (err) {
		throw new Unreadable(`It is not JSON: ${(err as Error).message}`);
	}
	check(checks().isEnvelope, value);
	const validate = validatorOf((value as ParleyEvent).type);
	if (validate) check(validate, value);
	return value as ParleyEvent;
}

function check(validate: ValidateFunction, value: unknown): void {
	if (!validate(value)) throw new Unreadable(checks().ajv.errorsText(validate.errors, { dataVar: "event" }));
}
