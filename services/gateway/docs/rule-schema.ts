/** From a validation rule to the JSON Schema that says the same. */
import * as field from "../../../contracts/fields.ts";
import type { Schema } from "./resources.ts";

export interface Rule {
	type: string;
	optional?: boolean;
	nullable?: boolean;
	min?: number;
	max?: number;
	integer?: boolean;
	unique?: boolean;
	pattern?: RegExp;
	values?: readonly string[];
	items?: Rule;
	props?: Record<string, Rule>;
	custom?: unknown;
}

/** What a check in code means in words that JSON Schema has. */
const FORMATS = new Map<unknown, Schema>([
	[field.time.custom, { format: "date-time" }],
	[field.avatarUrl.custom, { format: "uri" }],
	[field.metadata.custom, { description: "At most 4,096 bytes as JSON, and 8 levels with the outer one." }],
	[field.content.custom, { description: "Not blank; stored as sent." }],
]);

export function schemaOf(rule: Rule): Schema {
	const schema = { ...plain(rule), ...FORMATS.get(rule.custom) };
	if (!rule.nullable) return schema;
	if (rule.type === "enum")
		return { ...schema, type: ["string", "null"], enum: [...(rule.values ?? []), null] };
	return { ...schema, type: [schema.type, "null"] };
}

/** The object that holds these fields and no other. */
export function objectOf(fields: Record<string, Rule>): Schema {
	const entries = Object.entries(fields);
	const required = entries.filter(([, { optional }]) => !optional).map(([name]) => name);
	return {
		type: "object",
		properties: Object.fromEntries(entries.map(([name, rule]) => [name, schemaOf(rule)])),
		...(required.length > 0 && { required }),
		additionalProperties: false,
	};
}

function plain(rule: Rule): Schema {
	const { type, min, max, items } = rule;
	switch (type) {
		case "uuid":
			return { type: "string", format: "uuid" };
		case "email":
			return { type: "string", format: "email", ...bounds("Length", min, max) };
		case "string":
			return {
				type: "string",
				...bounds("Length", min, max),
				...(rule.pattern && { pattern: patternOf(rule.pattern) }),
			};
		case "enum":
			return { type: "string", enum: rule.values };
		case "number":
			return { type: rule.integer ? "integer" : "number", ...bounds("imum", min, max) };
		case "array":
			return {
				type: "array",
				...(items && { items: schemaOf(items) }),
				...bounds("Items", min, max),
				...(rule.unique && { uniqueItems: true }),
			};
		case "object":
			return rule.props ? objectOf(rule.props) : { type: "object" };
		default:
			return { type };
	}
}

/** JSON Schema's patterns have no flags, so letters of either case are spelled out. */
function patternOf({ source, flags }: RegExp): string {
	return flags.includes("i") ? source.replaceAll("a-z", "A-Za-z") : source;
}

function bounds(what: string, min: number | undefined, max: number | undefined): Schema {
	return {
		...(min !== undefined && { [`min${what}`]: min }),
		...(max !== undefined && { [`max${what}`]: max }),
	};
}
