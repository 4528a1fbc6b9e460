/** Waits that can be cut short; a call that comes while nobody waits is remembered. */
export class Waker {
	#called = false;
	#resolve: (() => void) | null = null;

	wake(): void {
		this.#called = true;
		this.#resolve?.();
	}

	/** Until the time is over, or somebody wakes it. */
	async wait(ms: number): Promise<void> {
		if (!this.#called) {
			await new Promise<void>(resolve => {
				const timer = setTimeout(resolve, ms);
				this.#resolve = () => {
					clearTimeout(timer);
					resolve();
				};
			});
			this.#resolve = null;
		}
		this.#called = false;
	}

	/** The whole time, however often it is woken, unless it is `over`. */
	async sleep(ms: number, over: () => boolean): Promise<void> {
		const until = performance.now() + ms;
		for (let left = ms; left > 0 && !over(); left = until - performance.now()) await this.wait(left);
	}
}
