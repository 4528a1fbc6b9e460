/** What a caller sent, held against the contract: the same for both doors. */
import type { ActionContract } from "../../contracts/contract.ts";
import type { FieldError } from "../../contracts/errors.ts";
import { fail } from "../../lib/errors.ts";
import { check } from "../../lib/validator.ts";
import { fieldErrors, unknownField } from "./wire-error.ts";

type Fields = Record<string, unknown>;
type Rule = { type?: string; optional?: boolean; nullable?: boolean };

/** Deeper than any contract's, `metadata` with its 8 levels included. What is deeper could overflow the stack of whoever walks it. */
const LEVELS_MAX = 16;

/** By a contract's params. There are as many as contracts. */
const fieldsKnown = new WeakMap<object, Record<string, Rule>>();

/** A contract's field names; `$$strict` and the like are the validator's own. */
export function fieldsOf({ params }: Pick<ActionContract, "params">): Record<string, Rule> {
	const known = fieldsKnown.get(params);
	if (known) return known;
	const names = Object.entries(params).filter(([name]) => !name.startsWith("$$"));
	const fields = Object.fromEntries(names) as Record<string, Rule>;
	fieldsKnown.set(params, fields);
	return fields;
}

/**
 * Params that the contract allows: nothing unknown, nothing wrong, no null where null means "not given".
 * @throws VALIDATION_ERROR naming every field that is wrong
 */
export function checkedParams(contract: Pick<ActionContract, "params">, given: Fields): Fields {
	const fields = fieldsOf(contract);
	const unknown = Object.keys(given).filter(name => !Object.hasOwn(fields, name));
	if (unknown.length > 0) throw invalidFields(unknown.map(unknownField));

	const params: Fields = {};
	for (const [name, value] of Object.entries(given)) {
		const { optional, nullable } = fields[name] as Rule;
		if (value === undefined || (value === null && optional && !nullable)) continue;
		const problem = unsafe(value, name);
		if (problem) throw invalidFields([problem]);
		params[name] = value;
	}
	const found = check(contract, params);
	if (found !== true) throw invalidFields(fieldErrors(found));
	return params;
}

export function invalidFields(errors: FieldError[]) {
	return fail("VALIDATION_ERROR", errors[0]?.message, { errors: errors.slice(0, 20) });
}

/** Nesting without end, and the one key that is no data but an object's prototype to whoever copies it. */
function unsafe(value: unknown, path: string, levelsLeft: number = LEVELS_MAX): FieldError | null {
	if (typeof value !== "object" || value === null) return null;
	if (levelsLeft === 0) return { field: path, message: `The field '${path}' is nested too deeply.` };
	for (const [key, inner] of Object.entries(value)) {
		if (key === "__proto__") return unknownField(`${path}.__proto__`);
		const problem = unsafe(
			inner,
			Array.isArray(value) ? path : `${path}.${key}`.slice(0, 128),
			levelsLeft - 1,
		);
		if (problem) return problem;
	}
	return null;
}
