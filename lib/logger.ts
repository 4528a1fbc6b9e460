import { Loggers } from "moleculer";
import { pino } from "pino";
import type { Config } from "./config.ts";
import { prettyLines } from "./logger-pretty.ts";

/** Fields whose value is never written, in whatever object somebody logs. */
const SECRET_FIELDS = [
	"password",
	"currentPassword",
	"newPassword",
	"passwordHash",
	"secret",
	"token",
	"accessToken",
	"refreshToken",
	"authorization",
	"cookie",
];

type LogConfig = Pick<Config, "logLevel" | "logPretty">;

/** Moleculer's own modules; while people read along, only their warnings are of interest. */
const FRAMEWORK = [
	"BROKER",
	"REGISTRY",
	"TRANSIT",
	"TRANSPORTER",
	"DISCOVERER",
	"METRICS",
	"TRACER",
	"CACHER",
	"$*",
];

/** Moleculer's pino logger. Message first or object first, an error anywhere: all reach the line. */
export function pinoLogger({ logLevel, logPretty }: LogConfig) {
	return new Loggers.Pino({
		// Upstream also takes a level for each module, which its types leave out.
		level: (logPretty && logLevel === "info"
			? { ...quiet(), "**": logLevel }
			: logLevel) as Config["logLevel"],
		pino: {
			options: {
				level: logLevel,
				base: undefined,
				timestamp: pino.stdTimeFunctions.isoTime,
				formatters: { level: (label: string) => ({ level: label }) },
				redact: {
					paths: SECRET_FIELDS.flatMap(name => [name, `*.${name}`, `*.*.${name}`]),
					censor: "[secret]",
				},
				serializers: { err: bareError },
				hooks: { logMethod },
			},
			destination: logPretty ? prettyLines(process.stdout) : process.stdout,
		},
	});
}

function quiet() {
	return Object.fromEntries(FRAMEWORK.map(name => [name, "warn"]));
}

/** An error without what hangs on it: a database error carries the values of its statement. */
export function bareError(err: unknown): unknown {
	if (!(err instanceof Error)) return err;
	const { name, message, stack, code, type } = err as Error & { code?: unknown; type?: unknown };
	const cause = err.cause === undefined ? undefined : bareError(err.cause);
	return { name, message, code, type, stack, cause };
}

/** Moleculer logs `("text", error)`, which pino by itself would take for a format and its values. */
function logMethod(this: pino.Logger, args: unknown[], method: pino.LogFn) {
	const texts: string[] = [];
	let fields: Record<string, unknown> = {};
	for (const arg of args) {
		if (arg instanceof Error) fields.err ??= arg;
		else if (typeof arg === "object" && arg !== null) fields = { ...fields, ...arg };
		else if (arg !== undefined) texts.push(String(arg));
	}
	const err = fields.err;
	const text = texts.join(" ") || (err instanceof Error ? err.message : "");
	method.call(this, fields, text);
}
