import { useMemo } from "react";
import { language, useSettings } from "../settings/settings.ts";

/** Writes a time, as ISO 8601, in the language that was chosen. */
export function useWhen(): (iso: string) => string {
	useSettings();
	const spoken = language();
	return useMemo(() => {
		const format = new Intl.DateTimeFormat(spoken, { dateStyle: "medium", timeStyle: "short" });
		return iso => format.format(new Date(iso));
	}, [spoken]);
}
