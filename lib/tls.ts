/** Whether a server is refused for its certificate: nobody we know has signed it, it is of another name, or too old. */
export function isAboutCertificate(err: unknown): boolean {
	return typeof err === "object" && err !== null && /certificate/i.test((err as Error).message);
}
