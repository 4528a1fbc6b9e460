import * as fastest from "fastest-validator";
import { Validators } from "moleculer";
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
const OPTIONS: fastest.ValidatorConstructorOptions = {
	haltOnFirstError: false,
	useNewCustomCheckerFunction: true,
	messages: FIELD_MESSAGES as fastest.ValidatorConstructorOptions["messages"],
	customRules: { uuid },
};

type Compiled = ReturnType<typeof validator.compile>;

const validator = new Validator(OPTIONS);
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

/**
 * How a service reads what another sends it. Doors have refused by name what their contracts do not know, so a field that
 * is unknown here comes from a node of a newer version: it is left out.
 */
export class ServiceValidator extends Validators.Fastest {
	constructor() {
		super(OPTIONS);
	}

	override compile(schema: Record<string, unknown>) {
		return super.compile(tolerant(schema));
	}
}

/** The same schema, which takes out what it would refuse for being unknown. */
function tolerant(schema: Record<string, unknown>): Record<string, unknown> {
	const parts = Object.entries(schema).map(([name, part]) => {
		if (part === true && (name === "$$strict" || name === "strict")) return [name, "remove"];
		return [name, isSchema(part) ? tolerant(part) : part];
	});
	return Object.fromEntries(parts);
}

/** Not a pattern, a list or a function. */
const isSchema = (part: unknown): part is Record<string, unknown> =>
	typeof part === "object" && part !== null && Object.getPrototypeOf(part) === Object.prototype;
