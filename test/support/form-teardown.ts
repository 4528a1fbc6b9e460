/** Jest's globalTeardown for test/behaviour. */
export default async function tearDown(): Promise<void> {
	await globalThis.parleyForm?.stop();
}
