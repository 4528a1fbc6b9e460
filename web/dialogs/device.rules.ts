const BROWSERS: readonly [RegExp, string][] = [
	[/\bEdgA?\//, "Edge"],
	[/\bOPR\//, "Opera"],
	[/\bFirefox\//, "Firefox"],
	[/\bChromium\//, "Chromium"],
	[/\b(?:Headless)?Chrome\//, "Chrome"],
	[/\bSafari\//, "Safari"],
];
const SYSTEMS: readonly [RegExp, string][] = [
	[/\bAndroid\b/, "Android"],
	[/\b(?:iPhone|iPad)\b/, "iOS"],
	[/\bWindows\b/, "Windows"],
	[/\bMac OS X\b/, "macOS"],
	[/\bLinux\b/, "Linux"],
];

/** `Firefox, Linux` of what a browser calls itself; its own words where it is none that we know. Null without any. */
export function deviceOf(userAgent: string | null): string | null {
	if (!userAgent) return null;
	const known = [BROWSERS, SYSTEMS].flatMap(
		table => table.find(([pattern]) => pattern.test(userAgent))?.[1] ?? [],
	);
	return known.length > 0 ? known.join(", ") : userAgent.slice(0, 60);
}
