import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { ENVELOPE, EVENT_TYPES, eventSchema } from "../../../contracts/event-schemas.ts";
import type { ParleyEvent } from "../../../contracts/kafka.ts";

/** A record whose text is no event. Reading it again would not help. */
export class Unreadable extends Error {
	override readonly name = "Unreadable";
}

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const isEnvelope = ajv.compile(ENVELOPE);
const validators = new Map<string, ValidateFunction>();

/** Compiled when first met. A type that is not known is another version's: its envelope says enough. */
function validatorOf(type: string): ValidateFunction | null {
	const known = EVENT_TYPES.find(name => name === type);
	if (!known) return null;
	const made = validators.get(known) ?? ajv.compile(eventSchema(known));
	validators.set(known, made);
	return made;
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
	check(isEnvelope, value);
	const validate = validatorOf((value as ParleyEvent).type);
	if (validate) check(validate, value);
	return value as ParleyEvent;
}

function check(validate: ValidateFunction, value: unknown): void {
	if (!validate(value)) throw new Unreadable(ajv.errorsText(validate.errors, { dataVar: "event" }));
}
