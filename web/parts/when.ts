import { useMemo } from "react";
import { language, useSettings } from "../settings/settings.ts";

/** Writes a time, as ISO 8601, in the language that was chosen. */
export const useWhen = (): Write => useFormat("short");

/** The same of the day alone. */
export const useDay = (): Write => useFormat(undefined);

type Write = (iso: string) => string;

function useFormat(timeStyle: "short" | undefined): Write {
	useSettings();
	const spoken = language();
	return useMemo(() => {
		const format = new Intl.DateTimeFormat(spoken, { dateStyle: "medium", timeStyle });
		return iso => format.format(new Date(iso));
	}, [spoken, timeStyle]);
}
