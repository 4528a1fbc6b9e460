import { CLIENT_LIMITS as LIMITS } from "../../contracts/limits.ts";
import { ParleyError } from "../errors.ts";
import type { Work } from "./outbox.rules.ts";

/**
 * A copy that any storage can keep, and that does not change when the application goes on using what it gave.
 * @throws ParleyError VALIDATION_ERROR for `metadata` that is no JSON or too large
 */
export function plain(work: Work): Work {
	try {
		const copy = JSON.parse(JSON.stringify(work)) as Work;
		if (copy.kind !== "send" || work.kind !== "send" || work.draft.metadata === undefined) return copy;
		const text = encodeURIComponent(JSON.stringify(copy.draft.metadata));
		if (text.replace(/%../g, "b").length <= LIMITS.metadataBytesMax) return copy;
	} catch {
		// Told below.
	}
	const message = `metadata must be JSON of at most ${LIMITS.metadataBytesMax} bytes.`;
	throw new ParleyError("VALIDATION_ERROR", message, { errors: [{ field: "metadata", message }] });
}
