/** A form's field as text; a file is none. */
export function textOf(data: FormData, name: string): string {
	const value = data.get(name);
	return typeof value === "string" ? value : "";
}
