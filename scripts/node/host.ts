/** Without user and password, which a URL may hold. */
export function hostOf(url: string) {
	const { hostname, port, pathname } = new URL(url);
	return `${hostname}${port && `:${port}`}${pathname === "/" ? "" : pathname}`;
}
