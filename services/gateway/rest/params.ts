/** From a request to an action's params: the path, then the query or the body, each by the contract. */
import type { ActionContract } from "../../../contracts/contract.ts";
import { LIMITS } from "../../../contracts/limits.ts";
import { invalid } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { checkedParams, fieldsOf, invalidFields } from "../params.ts";
import { unknownField } from "../wire-error.ts";

type Fields = Record<string, unknown>;

export interface Asked {
	path: Record<string, string>;
	query: URLSearchParams;
	body: Fields;
	/** The header `Idempotency-Key`. */
	key: string | undefined;
}

/** Whether a method's params stand in its body; those of the others stand in the query. */
export const takesBody = (method: string | undefined): boolean => /^(POST|PUT|PATCH)$/.test(method ?? "");

/**
 * @throws VALIDATION_ERROR naming the fields that are wrong or unknown
 */
export function restParams(contract: ActionContract, method: string | undefined, asked: Asked): Fields {
	const { path, query, body, key } = asked;
	if (takesBody(method) && query.size > 0) throw invalidFields([...query.keys()].map(unknownField));
	// The key of a repeat is a header, so in the body it is a field like any other that nobody knows.
	if (contract.idempotent && Object.hasOwn(body, "clientId")) throw invalidFields([unknownField("clientId")]);
	const sent = takesBody(method) ? body : fromQuery(contract, query);
	// What the path names is what the call is about, whatever else the caller wrote.
	const params = { ...sent, ...path };
	return checkedParams(contract, contract.idempotent ? { ...params, clientId: clientIdOf(key) } : params);
}

function clientIdOf(key: string | undefined): string {
	if (key === undefined) return newId();
	if (key.length === 0 || key.length > LIMITS.clientIdMax)
		throw invalid("Idempotency-Key", `The header Idempotency-Key has 1 to ${LIMITS.clientIdMax} characters.`);
	return key;
}

/** A query has texts only: what the contract calls a number, a boolean or a list becomes one, where it can. */
function fromQuery(contract: ActionContract, query: URLSearchParams): Fields {
	const fields = fieldsOf(contract);
	const params = [...new Set(query.keys())].map(name => {
		const texts = query.getAll(name);
		const { type } = fields[name] ?? {};
		if (type === "array") return [name, texts];
		if (texts.length > 1) throw invalid(name, `The field '${name}' stands in the query more than once.`);
		return [name, converted(texts[0] ?? "", type)];
	});
	return Object.fromEntries(params);
}

function converted(text: string, type: string | undefined): unknown {
	if (type === "number" && /^-?\d{1,16}(\.\d{1,16})?$/.test(text)) return Number(text);
	if (type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
	return text;
}
