import * as fastest from "fastest-validator";
import type { ActionContract } from "../contracts/contract.ts";
import { FIELD_MESSAGES } from "../contracts/fields.ts";

// The package is CommonJS, its types say otherwise: under nodenext its class is the default of its default.
const Validator = fastest.default as unknown as typeof fastest.default.default;

type Rule = { messages: fastest.MessagesType };
type Maker = { makeError(error: { type: string; actual: string; messages: fastest.MessagesType }): string };

/** As the validator's own `uuid`, but in lower case, as PostgreSQL answers: the code compares ids as text. */
function uuid(this: Maker, { messages }: Rule) {
	const wrong = this.makeError({ type: "uuid", actual: "value", messages });
	return {
		source: `
			const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
			if (typeof value !== "string" || !pattern.test(value)) {
				${wrong}
				return value;
			}
			return value.toLowerCase();`,
	};
}

/** How contracts are read, at every door and by every service: all that is wrong is told, not just the first. */
export const VALIDATOR_OPTIONS: fastest.ValidatorConstructorOptions = {
	haltOnFirstError: false,
	useNewCustomCheckerFunction: true,
	messages: FIELD_MESSAGES as fastest.ValidatorConstructorOptions["messages"],
	customRules: { uuid },
};

type Compiled = ReturnType<typeof validator.compile>;

const validator = new Validator(VALIDATOR_OPTIONS);
const compiled = new WeakMap<object, Compiled>();

/** Checks params against a contract: true, or what is wrong with each field. Conversions change `params` in place. */
export function check({ params: schema }: Pick<ActionContract, "params">, params: unknown) {
	let run = compiled.get(schema);
	if (!run) {
		run = validator.compile(schema as Parameters<typeof validator.compile>[0]);
		compiled.set(schema, run);
	}
	return run(params) as true | { field: string; message: string; type: string; actual?: unknown }[];
}
