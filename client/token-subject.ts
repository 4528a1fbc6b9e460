const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Whom a token names, as a text that is the same for the same person; empty where it names nobody. Nothing is checked. */
export function subjectOf(token: string): string {
	let text = "";
	let bits = 0;
	let count = 0;
	for (const digit of token.split(".")[1] ?? "") {
		bits = ((bits << 6) | DIGITS.indexOf(digit)) & 0xffff;
		count += 6;
		if (count < 8) continue;
		count -= 8;
		// A byte of UTF-8 as a unit: it only has to stay the same.
		text += String.fromCharCode((bits >> count) & 0xff);
	}
	try {
		const { iss, sub } = JSON.parse(text) as { iss?: unknown; sub?: unknown };
		return typeof sub === "string" ? JSON.stringify([iss, sub]) : "";
	} catch {
		return "";
	}
}
